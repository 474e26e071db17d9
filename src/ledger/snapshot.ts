// The state as it is handed on: rows in the order of their buckets, each bucket proven as it is complete (spec/log#snapshots).
import { type Bytes, equalBytes, type Hash, invariant } from "../base/index.js";
import { merkleRoot } from "../crypto/index.js";
import { MAX_ROW_BYTES } from "./limits.js";
import {
  BUCKET_HASHES_BYTES,
  bucketHash,
  bucketOf,
  emptyBucketHash,
  rootOfBuckets,
  rowHash,
  type StateTree,
} from "./state-tree.js";
import type { RowKey } from "./table.js";

/** Where a reader stands: so many rows of this bucket it has, and all of those before. */
export interface Place {
  readonly bucket: number;
  readonly row: number;
}

export interface SnapshotRow {
  readonly key: RowKey;
  readonly value: Bytes;
}

const BUCKETS = BUCKET_HASHES_BYTES / 32;
/** What a row takes in memory beside its key and value, its hash included: rows of a few bytes cost that all the same. */
const ROW_COST_BYTES = 512;

/** Whoever holds all rows: which of them come next. */
export class Snapshot {
  /** of all buckets, one after the other */
  readonly bucketHashes: Bytes;
  readonly root: Hash;

  /** @param tree of the rows; it does not change any more */
  constructor(private readonly tree: StateTree) {
    this.bucketHashes = tree.hashes()[0]!;
    this.root = tree.root();
  }

  /** The keys from a place on, in the order in which they are handed on. */
  *keysFrom({ bucket, row }: Place): IterableIterator<RowKey> {
    for (let at = bucket; at < BUCKETS; at++) {
      for (const [key] of this.tree.rowsOf(at).slice(at === bucket ? row : 0)) yield key;
    }
  }
}

/** What is wrong with rows that were handed on. */
export type SnapshotFault = "WRONG_ORDER" | "ROW_TOO_LARGE" | "WRONG_BUCKET" | "BUCKET_TOO_LARGE";

/**
 * Takes rows as they come, and knows of each bucket whether it is the state's once the next begins. What is not proven
 * yet is one bucket at most, and that is bounded: a liar costs no more than that.
 */
export class SnapshotCheck {
  private bucket = 0;
  private hashes: Hash[] = [];
  private lastKey: RowKey | null = null;
  private unprovenBytes = 0;

  /** @param maxBucketBytes the most memory that is taken unproven */
  private constructor(
    private readonly expected: Bytes,
    private readonly maxBucketBytes: number,
  ) {}

  /** Null: the hashes are not those of a state with this root. */
  static of(root: Hash, bucketHashes: Bytes, maxBucketBytes: number): SnapshotCheck | null {
    if (bucketHashes.length !== BUCKET_HASHES_BYTES) return null;
    return equalBytes(rootOfBuckets(bucketHashes), root)
      ? new SnapshotCheck(bucketHashes, maxBucketBytes)
      : null;
  }

  /** From where on rows are wanted. */
  get place(): Place {
    return { bucket: this.bucket, row: this.hashes.length };
  }

  take({ key, value }: SnapshotRow): SnapshotFault | null {
    const bucket = bucketOf(key);
    if (bucket < this.bucket) return "WRONG_ORDER";
    if (value.length > MAX_ROW_BYTES) return "ROW_TOO_LARGE";
    if (bucket > this.bucket) {
      const fault = this.finishBefore(bucket);
      if (fault !== null) return fault;
    } else if (this.lastKey !== null && key <= this.lastKey) return "WRONG_ORDER";
    this.unprovenBytes += ROW_COST_BYTES + key.length + value.length;
    if (this.unprovenBytes > this.maxBucketBytes) return "BUCKET_TOO_LARGE";
    this.hashes.push(rowHash(key, value));
    this.lastKey = key;
    return null;
  }

  /** No row follows. Null: all rows were taken, and they are the state's. */
  end(): SnapshotFault | null {
    invariant(this.bucket < BUCKETS, "a snapshot ends once");
    return this.finishBefore(BUCKETS);
  }

  private finishBefore(next: number): SnapshotFault | null {
    if (!equalBytes(merkleRoot(this.hashes), this.hashOf(this.bucket))) return "WRONG_BUCKET";
    for (let at = this.bucket + 1; at < next; at++) {
      if (!equalBytes(emptyBucketHash(), this.hashOf(at))) return "WRONG_BUCKET";
    }
    this.bucket = next;
    this.hashes = [];
    this.lastKey = null;
    this.unprovenBytes = 0;
    return null;
  }

  private readonly hashOf = (bucket: number): Hash => bucketHash([this.expected], bucket);
}
