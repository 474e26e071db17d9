// Deadlines: ids by when they are due, so that what is due is found without a look at what is not.
import { compareText, Heap, type Hex } from "../base/index.js";
import type { Index } from "./table.js";

export interface Deadline {
  readonly id: Hex;
  readonly dueMs: number;
}

/** Earlier first; of the same time, in the order of ids, so that every peer walks them alike. */
const isBefore = (a: Deadline, b: Deadline): boolean =>
  a.dueMs < b.dueMs || (a.dueMs === b.dueMs && compareText(a.id, b.id) < 0);

/** The one that comes first; null: neither is there. */
export function earlier(a: Deadline | null, b: Deadline | null): Deadline | null {
  if (a === null || b === null) return a ?? b;
  return isBefore(a, b) ? a : b;
}

export class Deadlines<Row> implements Index<Row> {
  private readonly heap = new Heap<Deadline>(isBefore);

  /** @param dueMs when a row is due; null: never */
  constructor(private readonly dueMs: (row: Row) => number | null) {}

  get size(): number {
    return this.heap.size;
  }

  /** The one that is due first, or null. */
  get first(): Deadline | null {
    return this.heap.first;
  }

  set(id: Hex, row: Row): void {
    const dueMs = this.dueMs(row);
    if (dueMs === null) this.heap.delete(id);
    else if (this.heap.get(id)?.dueMs !== dueMs) this.heap.set({ id, dueMs });
  }

  delete(id: Hex): void {
    this.heap.delete(id);
  }

  /** Those due at or before a time, in no particular order; looks at twice as many as it finds, and no more. */
  upTo(timeMs: number): readonly Deadline[] {
    return this.heap.firstWhile((one) => one.dueMs <= timeMs);
  }

  /** All of them, the first first: for tests and audits. */
  sorted(): readonly Deadline[] {
    return [...this.heap.values()].sort((a, b) => (isBefore(a, b) ? -1 : 1));
  }
}
