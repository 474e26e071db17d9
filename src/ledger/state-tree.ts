// The state tree: one root over all rows, in 2^12 buckets, that changes as fast as the rows that changed.
import { type Bytes, type Hash, sortedEntries, sortedNumbers, u32be, utf8 } from "../base/index.js";
import { merkleRoot, taggedHash } from "../crypto/index.js";

const BUCKETS = 4096;
/** Each node above the buckets stands over eight: few hashes to make anew, and short proofs. */
export const BRANCHES = 8;
/** 8^4 = 4096 */
export const LEVELS = 4;
const HASH_BYTES = 32;

/** The bucket of a row: the first 12 bits of H('key', key) (spec/encoding#T6). */
export const bucketOf = (key: string): number => bucketOfName(utf8(key));

function bucketOfName(name: Bytes): number {
  const digest = taggedHash("key", name);
  return (digest[0]! << 4) | (digest[1]! >> 4);
}

/** H('row', length of key ‖ key ‖ value): the length keeps key and value apart. */
export const rowHash = (key: string, value: Bytes): Hash => hashOfNamed(utf8(key), value);

const hashOfNamed = (name: Bytes, value: Bytes): Hash => taggedHash("row", u32be(name.length), name, value);

const EMPTY_BUCKET: Hash = merkleRoot([]);

/** H('node', the hashes of eight children) */
export const branchHash = (children: Bytes): Hash => taggedHash("node", children);

/** The hashes of a tree without rows, level by level from the buckets up; made once, and copied by each new tree. */
let emptyLevels: readonly Uint8Array[] | null = null;

function levelsOfEmptyTree(): Uint8Array[] {
  if (emptyLevels === null) {
    let node = EMPTY_BUCKET;
    emptyLevels = Array.from({ length: LEVELS + 1 }, (_, level) => {
      const hashes = new Uint8Array((BUCKETS / BRANCHES ** level) * HASH_BYTES);
      for (let at = 0; at < hashes.length; at += HASH_BYTES) hashes.set(node, at);
      node = branchHash(hashes.subarray(0, BRANCHES * HASH_BYTES));
      return hashes;
    });
  }
  return emptyLevels.map((hashes) => hashes.slice());
}

/** A tree's hashes, level by level: the buckets' first, the root's last. */
export type TreeHashes = readonly Uint8Array[];

const hashAt = (level: Uint8Array, node: number): Hash =>
  level.slice(node * HASH_BYTES, (node + 1) * HASH_BYTES);

export const bucketHash = (hashes: TreeHashes, bucket: number): Hash => hashAt(hashes[0]!, bucket);

/** As many bytes as the hashes of all buckets have. */
export const BUCKET_HASHES_BYTES = BUCKETS * HASH_BYTES;

/** The root of a tree whose buckets have these hashes, `BUCKET_HASHES_BYTES` of them. */
export function rootOfBuckets(hashes: Bytes): Hash {
  let level = hashes;
  while (level.length > HASH_BYTES) {
    const above = new Uint8Array(level.length / BRANCHES);
    for (let at = 0; at < above.length; at += HASH_BYTES) {
      above.set(branchHash(level.subarray(at * BRANCHES, (at + HASH_BYTES) * BRANCHES)), at);
    }
    level = above;
  }
  return level.slice();
}

/** Of a bucket without rows. */
export const emptyBucketHash = (): Hash => EMPTY_BUCKET.slice();

/** The hashes beside a bucket's way up: seven of each level, lowest first. */
export function siblingsOf(hashes: TreeHashes, bucket: number): readonly Hash[] {
  const siblings: Hash[] = [];
  for (let level = 0, node = bucket; level < LEVELS; level++, node = Math.floor(node / BRANCHES)) {
    const first = node - (node % BRANCHES);
    for (let other = first; other < first + BRANCHES; other++) {
      if (other !== node) siblings.push(hashAt(hashes[level]!, other));
    }
  }
  return siblings;
}

/**
 * 4096 buckets under four levels of branches. A bucket's hash is the Merkle root of its rows' hashes in the order of
 * their keys. Rows are set one by one; the hashes above them are made when the root is asked for.
 */
export class StateTree {
  /** level 0: the buckets; level 4: the root */
  private readonly levels = levelsOfEmptyTree();
  private readonly rows = new Map<number, Map<string, Hash>>();
  private readonly dirty = new Set<number>();

  /** Sets a row's value; null removes the row. @returns the row's hash before; null: there was none */
  set(key: string, value: Bytes | null): Hash | null {
    const name = utf8(key);
    const bucket = bucketOfName(name);
    this.dirty.add(bucket);
    const rows = this.rows.get(bucket);
    const before = rows?.get(key) ?? null;
    if (value === null) {
      rows?.delete(key);
      return before;
    }
    const row = hashOfNamed(name, value);
    if (rows === undefined) this.rows.set(bucket, new Map([[key, row]]));
    else rows.set(key, row);
    return before;
  }

  /** A row's hash as it was last set, or null. */
  hashOf(key: string): Hash | null {
    return this.rows.get(bucketOf(key))?.get(key) ?? null;
  }

  /** The keys of all rows, in no particular order. */
  *keys(): IterableIterator<string> {
    for (const rows of this.rows.values()) yield* rows.keys();
  }

  root(): Hash {
    this.refresh();
    return this.levels[LEVELS]!.slice();
  }

  /** A copy of all hashes as they are now. */
  hashes(): TreeHashes {
    this.refresh();
    return this.levels.map((level) => level.slice());
  }

  /** The hashes as they are now, and until the next change only. */
  present(): TreeHashes {
    this.refresh();
    return this.levels;
  }

  /** A bucket's row hashes in the order of their keys. */
  rowsOf(bucket: number): readonly (readonly [key: string, row: Hash])[] {
    const rows = this.rows.get(bucket);
    return rows === undefined ? [] : sortedEntries(rows);
  }

  /** Makes the hashes anew that lie above rows that changed: each once, however many rows lie below it. */
  private refresh(): void {
    let stale = sortedNumbers(this.dirty);
    this.dirty.clear();
    for (const bucket of stale) {
      const hashes = this.rowsOf(bucket).map(([, row]) => row);
      this.levels[0]!.set(merkleRoot(hashes), bucket * HASH_BYTES);
    }
    for (let level = 1; level <= LEVELS; level++) {
      const parents: number[] = [];
      for (const node of stale) {
        const parent = Math.floor(node / BRANCHES);
        if (parents.at(-1) !== parent) parents.push(parent);
      }
      for (const node of parents) this.levels[level]!.set(this.branchAt(level, node), node * HASH_BYTES);
      stale = parents;
    }
  }

  private branchAt(level: number, node: number): Hash {
    const width = BRANCHES * HASH_BYTES;
    return branchHash(this.levels[level - 1]!.subarray(node * width, (node + 1) * width));
  }
}
