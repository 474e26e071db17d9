// The state tree: one root over all rows, in 2^12 buckets, that changes as fast as the rows that changed.
import { type Bytes, type Hash, sortedEntries, sortedNumbers, u32be, utf8 } from "../base/index.js";
import { merkleRoot, nodeHash, taggedHash } from "../crypto/index.js";

export const BUCKET_BITS = 12;
export const BUCKETS = 2 ** BUCKET_BITS;

/** The bucket of a row: the first 12 bits of H('key', key) (PROTOCOL §1.8). */
export function bucketOf(key: string): number {
  const digest = taggedHash("key", utf8(key));
  return (digest[0]! << 4) | (digest[1]! >> 4);
}

/** H('row', length of key ‖ key ‖ value): the length keeps key and value apart. */
export function rowHash(key: string, value: Bytes): Hash {
  const name = utf8(key);
  return taggedHash("row", u32be(name.length), name, value);
}

export const EMPTY_BUCKET: Hash = merkleRoot([]);

/** Every node of the tree without rows; made once, and copied by each new tree. */
let emptyNodes: Uint8Array | null = null;

function nodesOfEmptyTree(): Uint8Array {
  if (emptyNodes === null) {
    emptyNodes = new Uint8Array(2 * BUCKETS * 32);
    let level = EMPTY_BUCKET;
    for (let first = BUCKETS; first >= 1; first >>= 1) {
      for (let node = first; node < 2 * first; node++) emptyNodes.set(level, node * 32);
      level = nodeHash(level, level);
    }
  }
  return emptyNodes.slice();
}

/**
 * Bucket b is node 4096 + b of a binary tree whose root is node 1; a bucket's hash is the Merkle root of its rows'
 * hashes in the order of their keys. Rows are set one by one; the hashes above them are made when the root is asked.
 */
export class StateTree {
  private readonly nodes = nodesOfEmptyTree();
  private readonly rows = new Map<number, Map<string, Hash>>();
  private readonly dirty = new Set<number>();

  /** Sets a row's value; null removes the row. */
  set(key: string, value: Bytes | null): void {
    const bucket = bucketOf(key);
    this.dirty.add(bucket);
    const rows = this.rows.get(bucket);
    if (value === null) {
      rows?.delete(key);
      return;
    }
    const row = rowHash(key, value);
    if (rows === undefined) this.rows.set(bucket, new Map([[key, row]]));
    else rows.set(key, row);
  }

  /** The keys of all rows, in no particular order. */
  *keys(): IterableIterator<string> {
    for (const rows of this.rows.values()) yield* rows.keys();
  }

  root(): Hash {
    this.refresh();
    return this.node(1).slice();
  }

  /** A bucket's row hashes in the order of their keys. */
  rowsOf(bucket: number): readonly (readonly [key: string, row: Hash])[] {
    const rows = this.rows.get(bucket);
    return rows === undefined ? [] : sortedEntries(rows);
  }

  /** The hashes beside a bucket's way up, lowest first. */
  siblingsOf(bucket: number): readonly Hash[] {
    this.refresh();
    const siblings: Hash[] = [];
    for (let node = BUCKETS + bucket; node > 1; node >>= 1) siblings.push(this.node(node ^ 1).slice());
    return siblings;
  }

  private node(index: number): Hash {
    return this.nodes.subarray(index * 32, index * 32 + 32);
  }

  /** Makes the hashes anew that lie above rows that changed: each once, however many rows lie below it. */
  private refresh(): void {
    if (this.dirty.size === 0) return;
    let stale = sortedNumbers(this.dirty).map((bucket) => {
      this.nodes.set(merkleRoot(this.rowsOf(bucket).map(([, row]) => row)), (BUCKETS + bucket) * 32);
      return BUCKETS + bucket;
    });
    this.dirty.clear();
    while (stale[0]! > 1) {
      const parents: number[] = [];
      for (const node of stale) if (parents.at(-1) !== node >> 1) parents.push(node >> 1);
      for (const node of parents)
        this.nodes.set(nodeHash(this.node(2 * node), this.node(2 * node + 1)), node * 32);
      stale = parents;
    }
  }
}
