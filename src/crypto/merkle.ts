// Merkle trees over lists: a root, and the path that proves one leaf's place under it (shape of RFC 6962).
import {
  type Bytes,
  equalBytes,
  type Hash,
  hash,
  invariant,
  list,
  struct,
  type TypeOf,
  u32be,
  uint,
  ZERO_HASH,
} from "../base/index.js";
import { taggedHash } from "./hash.js";

export const leafHash = (leaf: Bytes): Hash => taggedHash("leaf", leaf);
export const nodeHash = (left: Hash, right: Hash): Hash => taggedHash("node", left, right);

/** Where a leaf stands in a list of `count`, with the hashes beside its way up, lowest first. */
export const merklePath = struct({
  index: [0, uint(0xffffffff)],
  count: [1, uint(0xffffffff, 1)],
  siblings: [2, list(hash, 32)],
});
export type MerklePath = TypeOf<typeof merklePath>;

/** The largest power of two below `count` (count ≥ 2). */
function splitOf(count: number): number {
  let split = 1;
  while (split * 2 < count) split *= 2;
  return split;
}

function subtree(leaves: readonly Hash[], from: number, to: number): Hash {
  if (to - from === 1) return leaves[from]!;
  const middle = from + splitOf(to - from);
  return nodeHash(subtree(leaves, from, middle), subtree(leaves, middle, to));
}

/** The root over leaf hashes in their order; the count is part of it, so an empty list has a root too. */
export function merkleRoot(leaves: readonly Hash[]): Hash {
  return rooted(leaves.length, leaves.length === 0 ? ZERO_HASH : subtree(leaves, 0, leaves.length));
}

const rooted = (count: number, top: Hash): Hash => taggedHash("ops", u32be(count), top);

/** The path of leaf `index`. @throws InvariantError if there is no such leaf. */
export function merkleProof(leaves: readonly Hash[], index: number): MerklePath {
  invariant(Number.isInteger(index) && index >= 0 && index < leaves.length, `no leaf ${index}`);
  const siblings: Hash[] = [];
  const walk = (from: number, to: number): void => {
    if (to - from === 1) return;
    const middle = from + splitOf(to - from);
    if (index < middle) {
      walk(from, middle);
      siblings.push(subtree(leaves, middle, to));
    } else {
      walk(middle, to);
      siblings.push(subtree(leaves, from, middle));
    }
  };
  walk(0, leaves.length);
  return { index, count: leaves.length, siblings };
}

/** Whether `leaf` (a leaf hash) stands at the path's index under `root`. */
export function merkleVerify(root: Hash, leaf: Hash, path: MerklePath): boolean {
  if (path.index >= path.count) return false;
  const sides: boolean[] = []; // from the top: whether the leaf lies left
  for (let from = 0, to = path.count; to - from > 1; ) {
    const middle = from + splitOf(to - from);
    const left = path.index < middle;
    sides.push(left);
    if (left) to = middle;
    else from = middle;
  }
  if (sides.length !== path.siblings.length) return false;
  let hash = leaf;
  for (let i = 0; i < path.siblings.length; i++) {
    const sibling = path.siblings[i]!;
    hash = sides[sides.length - 1 - i]! ? nodeHash(hash, sibling) : nodeHash(sibling, hash);
  }
  return equalBytes(rooted(path.count, hash), root);
}
