// Deadlines: ids by when they are due, so that what is due is found without a look at what is not.
import { compareText, type Hex } from "../base/index.js";
import type { Index } from "./table.js";

export interface Deadline {
  readonly id: Hex;
  readonly dueMs: number;
}

/** Earlier first; of the same time, in the order of ids, so that every peer walks them alike. */
const isBefore = (a: Deadline, b: Deadline): boolean =>
  a.dueMs < b.dueMs || (a.dueMs === b.dueMs && compareText(a.id, b.id) < 0);

/** A binary heap that knows each id's place: setting, removing and taking the first cost the logarithm of its size. */
export class Deadlines<Row> implements Index<Row> {
  private readonly heap: Deadline[] = [];
  private readonly places = new Map<Hex, number>();

  /** @param dueMs when a row is due; null: never */
  constructor(private readonly dueMs: (row: Row) => number | null) {}

  get size(): number {
    return this.heap.length;
  }

  /** The one that is due first, or null. */
  get first(): Deadline | null {
    return this.heap[0] ?? null;
  }

  set(id: Hex, row: Row): void {
    const dueMs = this.dueMs(row);
    if (dueMs === null) {
      this.delete(id);
      return;
    }
    const at = this.places.get(id);
    if (at === undefined) {
      this.put(this.heap.length, { id, dueMs });
      this.rise(this.heap.length - 1);
    } else if (this.heap[at]!.dueMs !== dueMs) {
      this.put(at, { id, dueMs });
      this.settle(at);
    }
  }

  delete(id: Hex): void {
    const at = this.places.get(id);
    if (at === undefined) return;
    this.places.delete(id);
    const last = this.heap.pop()!;
    if (at === this.heap.length) return;
    this.put(at, last);
    this.settle(at);
  }

  /** Those due at or before a time, in no particular order; looks at twice as many as it finds, and no more. */
  upTo(timeMs: number): readonly Deadline[] {
    const found: Deadline[] = [];
    const open = [0];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      const one = this.heap[at];
      if (one === undefined || one.dueMs > timeMs) continue;
      found.push(one);
      open.push(2 * at + 1, 2 * at + 2);
    }
    return found;
  }

  /** All of them, the first first: for tests and audits. */
  sorted(): readonly Deadline[] {
    return [...this.heap].sort((a, b) => (isBefore(a, b) ? -1 : 1));
  }

  private put(at: number, one: Deadline): void {
    this.heap[at] = one;
    this.places.set(one.id, at);
  }

  /** Brings what stands at a place that may be wrong to a right one. */
  private settle(at: number): void {
    this.rise(at);
    this.sink(at);
  }

  private rise(from: number): void {
    const one = this.heap[from]!;
    let at = from;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!isBefore(one, this.heap[above]!)) break;
      this.put(at, this.heap[above]!);
      at = above;
    }
    this.put(at, one);
  }

  private sink(from: number): void {
    const one = this.heap[from]!;
    let at = from;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= this.heap.length) break;
      const right = left + 1;
      const isRight = right < this.heap.length && isBefore(this.heap[right]!, this.heap[left]!);
      const below = isRight ? right : left;
      if (!isBefore(this.heap[below]!, one)) break;
      this.put(at, this.heap[below]!);
      at = below;
    }
    this.put(at, one);
  }
}
