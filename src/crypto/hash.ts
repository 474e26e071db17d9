// One hash function with a tag for every purpose, so that bytes meant for one are never taken for another.
import { sha256 } from "@noble/hashes/sha2.js";
import { type Bytes, concatBytes, type Hash, utf8 } from "../base/index.js";

/** Every purpose a hash is made for. A new purpose is a new tag (spec/encoding#hash-tags). */
export const HASH_TAGS = [
  "genesis",
  "market",
  "set",
  "perm",
  "seed",
  "entry",
  "justify",
  "vote",
  "propose",
  "status",
  "peer",
  "op",
  "ops",
  "auction",
  "trade",
  "commit",
  "reserve",
  "tie",
  "evidence",
  "key",
  "row",
  "leaf",
  "node",
  "msg",
  "guard",
  "budget",
  "gateway",
  "manifest",
  "chunk",
  "handover",
  "presence",
] as const;
export type HashTag = (typeof HASH_TAGS)[number];

type Hasher = ReturnType<typeof sha256.create>;

/** What every hash of a tag begins with, taken in already. */
const BEGUN = new Map<HashTag, Hasher>();

function begun(tag: HashTag): Hasher {
  const known = BEGUN.get(tag);
  if (known !== undefined) return known;
  const hasher = sha256.create().update(concatBytes(Uint8Array.of(tag.length), utf8("mabeam/1/"), utf8(tag)));
  BEGUN.set(tag, hasher);
  return hasher;
}

/** The one hasher that is ever in use: a peer makes thousands of hashes a second, and each new one would cost more. */
const HASHER = sha256.create();

/** H(tag, x) = SHA-256(len(tag) ‖ "mabeam/1/" ‖ tag ‖ x), x being the parts joined (spec/encoding#H1). */
export function taggedHash(tag: HashTag, ...parts: readonly Bytes[]): Hash {
  const hasher = begun(tag)._cloneInto(HASHER);
  for (const part of parts) hasher.update(part);
  return hasher.digest();
}

/**
 * H(tag, common ‖ rest) for many a `rest`: the common part is taken in once, however long it is.
 * @param common what all these hashes begin with
 */
export function taggedHashes(tag: HashTag, common: Iterable<Bytes>): (...rest: readonly Bytes[]) => Hash {
  const start = begun(tag).clone();
  for (const part of common) start.update(part);
  return (...rest) => {
    const hasher = start._cloneInto(HASHER);
    for (const part of rest) hasher.update(part);
    return hasher.digest();
  };
}
