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

/** The hashes of a tree, level by level: the leaves first, the top last. One without a neighbour is its own parent. */
export type MerkleLevels = readonly (readonly Hash[])[];

export function merkleLevels(leaves: readonly Hash[]): MerkleLevels {
  const levels: (readonly Hash[])[] = [leaves];
  for (let below = leaves; below.length > 1; ) {
    const level: Hash[] = [];
    for (let i = 0; i < below.length; i += 2) {
      level.push(i + 1 < below.length ? nodeHash(below[i]!, below[i + 1]!) : below[i]!);
    }
    levels.push(level);
    below = level;
  }
  return levels;
}

/** The root over leaf hashes in their order; the count is part of it, so an empty list has a root too. */
export const merkleRoot = (leaves: readonly Hash[]): Hash =>
  rooted(leaves.length, merkleLevels(leaves).at(-1)![0] ?? ZERO_HASH);

const rooted = (count: number, top: Hash): Hash => taggedHash("ops", u32be(count), top);

/** The path of leaf `index`. @throws InvariantError if there is no such leaf. */
export const merkleProof = (leaves: readonly Hash[], index: number): MerklePath =>
  merklePathIn(merkleLevels(leaves), index);

/** The path of leaf `index` in a tree whose hashes are made: as many steps as it has levels. @throws as above */
export function merklePathIn(levels: MerkleLevels, index: number): MerklePath {
  const count = levels[0]!.length;
  invariant(Number.isInteger(index) && index >= 0 && index < count, `no leaf ${index}`);
  const siblings = levels.flatMap((level, depth) => level[Math.floor(index / 2 ** depth) ^ 1] ?? []);
  return { index, count, siblings };
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
