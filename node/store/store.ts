// The store: what a peer must not forget. String keys in order, bytes as values, and the sign guard beside them.
import { type Bytes, invariant } from "../../src/base/index.js";
import type { Write } from "../../src/peer/ready.js";
import type { GuardReading } from "./guard-file.js";

export interface Row {
  readonly key: string;
  readonly value: Bytes;
}

/** From a key, included, to another, excluded. */
export interface Span {
  readonly gte: string;
  readonly lt: string;
}

export interface Range {
  /** the least key, included; absent: from the first */
  readonly gte?: string;
  /** the end, excluded; absent: to the last */
  readonly lt?: string;
  /** at most so many rows; absent: all */
  readonly limit?: number;
  /** from the greatest key down */
  readonly reverse?: boolean;
}

/** What reads rows: a store as it is, or as it was. Bytes returned belong to the caller. */
export interface Reader {
  /** The value of `key`, or null. */
  get(key: string): Promise<Bytes | null>;
  /** The rows of a range, as they were when asked for. */
  range(range: Range): AsyncIterable<Row>;
  /** The keys of a range, as they were when asked for: no value is read. */
  keys(range: Range): AsyncIterable<string>;
}

/** Rows as they were when it was made, whatever is written since. It holds room on the disk until it is closed. */
export interface StoreSnapshot extends Reader {
  close(): Promise<void>;
}

/** Bytes given to `write` are not changed by the caller any more. */
export interface Store extends Reader {
  /** For status and the banner (spec/api#C3): whether what is written outlives the process. */
  readonly persistent: boolean;
  /**
   * Makes all of `writes` durable, or none of the rows: the guard record first, in its own file, then every row in
   * one synced batch (spec/persistence#points). Resolves when both survive a power cut.
   * @throws StoreError, and then on every later call too: after a failed write nobody knows what the disk holds
   * @throws InvariantError for more than one guard record, since the last could not stand for the earlier ones
   */
  write(writes: readonly Write[]): Promise<void>;
  /** The rows whose key begins with `prefix`, in ascending order of keys, as they were when asked for. */
  rows(prefix: string): AsyncIterable<Row>;
  /** All rows as they are now, to be read while others are written. */
  snapshot(): StoreSnapshot;
  /** About how many bytes of the disk the rows of a range take, those of the newest writes left out. @throws StoreError */
  sizeOf(range: Span): Promise<number>;
  /** Gives the disk back what deleted and overwritten rows of a range still hold of it; absent: of all. @throws StoreError */
  compact(range?: Span): Promise<void>;
  /** What the guard held when the store was opened, or was last written since. */
  guard(): GuardReading;
  /** Waits for a write under way, then lets the folder go. Closing twice is closing once. */
  close(): Promise<void>;
}

/** Every key that begins with `prefix`: keys are printable ASCII, so 0x7f is greater than what may follow. */
export const prefixRange = (prefix: string): { readonly gte: string; readonly lt: string } => ({
  gte: prefix,
  lt: `${prefix}\x7f`,
});

/** The rows of one write, with its guard record taken out. */
export interface SortedWrites {
  readonly guard: Bytes | null;
  readonly rows: readonly Exclude<Write, { kind: "guard" }>[];
}

/** @throws InvariantError for a second guard record or a key that is not printable ASCII: keys sort as bytes only then */
export function sortWrites(writes: readonly Write[]): SortedWrites {
  let guard: Bytes | null = null;
  const rows: Exclude<Write, { kind: "guard" }>[] = [];
  for (const write of writes) {
    if (write.kind === "guard") {
      invariant(guard === null, "one guard record in one write");
      guard = write.record;
    } else {
      invariant(/^[\x20-\x7e]+$/.test(write.key), `a key is printable ASCII: ${JSON.stringify(write.key)}`);
      rows.push(write);
    }
  }
  return { guard, rows };
}
