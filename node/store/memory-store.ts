// The store that forgets: the same laws as the one on disk, for `--in-memory` peers and for tests.
import { type Bytes, invariant } from "../../src/base/index.js";
import type { Write } from "../../src/peer/ready.js";
import { StoreError } from "./error.js";
import type { GuardReading } from "./guard-file.js";
import {
  prefixRange,
  type Range,
  type Row,
  type Span,
  type Store,
  type StoreSnapshot,
  sortWrites,
} from "./store.js";

/** A new, empty store that lives as long as the process. */
export const memoryStore = (): Store => new MemoryStore();

class MemoryStore implements Store {
  readonly persistent = false;
  private lastGuard: Bytes | null = null;
  private open = true;

  /** @param sorted the keys of `values`, ascending */
  constructor(
    private readonly values = new Map<string, Bytes>(),
    private readonly sorted: string[] = [],
  ) {}

  async write(writes: readonly Write[]): Promise<void> {
    const { guard, rows } = sortWrites(writes);
    this.mustBeOpen();
    if (guard !== null) this.lastGuard = guard.slice();
    for (const row of rows) {
      if (row.kind === "put") this.put(row.key, row.value.slice());
      else this.delete(row.key);
    }
  }

  async get(key: string): Promise<Bytes | null> {
    this.mustBeOpen();
    return this.values.get(key)?.slice() ?? null;
  }

  rows(prefix: string): AsyncIterable<Row> {
    return this.range(prefixRange(prefix));
  }

  range(range: Range): AsyncIterable<Row> {
    return each(this.within(range).map((key) => ({ key, value: this.values.get(key)!.slice() })));
  }

  keys(range: Range): AsyncIterable<string> {
    return each(this.within(range));
  }

  private within({ gte, lt, limit, reverse }: Range): readonly string[] {
    this.mustBeOpen();
    const from = gte === undefined ? 0 : this.indexOf(gte);
    const keys = this.sorted.slice(from, lt === undefined ? undefined : Math.max(from, this.indexOf(lt)));
    if (reverse) keys.reverse();
    return keys.slice(0, limit);
  }

  snapshot(): StoreSnapshot {
    this.mustBeOpen();
    // A value is replaced and never changed, so the copy may share it.
    return new MemoryStore(new Map(this.values), [...this.sorted]);
  }

  async sizeOf(range: Span): Promise<number> {
    return this.within(range).reduce((sum, key) => sum + key.length + this.values.get(key)!.length, 0);
  }

  async compact(): Promise<void> {
    this.mustBeOpen();
  }

  guard(): GuardReading {
    return this.lastGuard === null ? { kind: "missing" } : { kind: "record", record: this.lastGuard.slice() };
  }

  async close(): Promise<void> {
    this.open = false;
  }

  private put(key: string, value: Bytes): void {
    if (!this.values.has(key)) this.sorted.splice(this.indexOf(key), 0, key);
    this.values.set(key, value);
  }

  private delete(key: string): void {
    if (!this.values.delete(key)) return;
    const index = this.indexOf(key);
    invariant(this.sorted[index] === key, "every value has its key in order");
    this.sorted.splice(index, 1);
  }

  /** Where `key` is, or would be. */
  private indexOf(key: string): number {
    let low = 0;
    let high = this.sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.sorted[middle]! < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private mustBeOpen(): void {
    if (this.open) return;
    throw new StoreError("STORE_IO", "could not use the store", "it is closed", "start the peer again");
  }
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
