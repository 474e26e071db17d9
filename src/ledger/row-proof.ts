// Row proofs: that one row, with exactly this value, stands in the state under a root.
import {
  type Bytes,
  concatBytes,
  equalBytes,
  type Hash,
  hash,
  list,
  sortedEntries,
  struct,
  type TypeOf,
} from "../base/index.js";
import { type MerkleLevels, merkleLevels, merklePath, merklePathIn, merkleVerify } from "../crypto/index.js";
import {
  BRANCHES,
  branchHash,
  bucketHash,
  bucketOf,
  LEVELS,
  rowHash,
  type StateTree,
  siblingsOf,
  type TreeHashes,
} from "./state-tree.js";

/** Seven hashes beside each of the four steps from bucket to root. */
const SIBLINGS = LEVELS * (BRANCHES - 1);

/** The row's place in its bucket, the bucket's hash, and the hashes beside the bucket's way to the root. */
export const rowProof = struct({
  path: [0, merklePath],
  bucket: [1, hash],
  siblings: [2, list(hash, SIBLINGS, SIBLINGS)],
});
export type RowProof = TypeOf<typeof rowProof>;

/** A bucket's rows with every hash above them: made once, they prove as many of the rows as are asked for. */
export class BucketProver {
  private readonly places: ReadonlyMap<string, number>;
  private readonly levels: MerkleLevels;

  /** @param rows the row hashes of the bucket, in any order */
  constructor(rows: ReadonlyMap<string, Hash>) {
    const sorted = sortedEntries(rows);
    this.places = new Map(sorted.map(([key], place) => [key, place]));
    this.levels = merkleLevels(sorted.map(([, row]) => row));
  }

  /** The proof of a row in a tree with these hashes; null: the bucket has no such row. */
  prove(hashes: TreeHashes, key: string): RowProof | null {
    const place = this.places.get(key);
    if (place === undefined) return null;
    const bucket = bucketOf(key);
    return {
      path: merklePathIn(this.levels, place),
      bucket: bucketHash(hashes, bucket),
      siblings: siblingsOf(hashes, bucket),
    };
  }
}

/** The proof of the row under `key` against the tree's present root; null if there is no such row. */
export const proveRow = (tree: StateTree, key: string): RowProof | null =>
  new BucketProver(new Map(tree.rowsOf(bucketOf(key)))).prove(tree.present(), key);

/** Whether `value` is the row under `key` in the state with this root (spec/encoding#T9). */
export function verifyRowProof(root: Hash, key: string, value: Bytes, proof: RowProof): boolean {
  if (proof.siblings.length !== SIBLINGS) return false;
  if (!merkleVerify(proof.bucket, rowHash(key, value), proof.path)) return false;
  let node = bucketOf(key);
  let above = proof.bucket;
  for (let level = 0; level < LEVELS; level++, node = Math.floor(node / BRANCHES)) {
    const beside = proof.siblings.slice(level * (BRANCHES - 1), (level + 1) * (BRANCHES - 1));
    const place = node % BRANCHES;
    above = branchHash(concatBytes(...beside.slice(0, place), above, ...beside.slice(place)));
  }
  return equalBytes(above, root);
}
