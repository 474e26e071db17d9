// One hash function with a tag for every purpose, so that bytes meant for one are never taken for another.
import { sha256 } from "@noble/hashes/sha2.js";
import { type Bytes, concatBytes, type Hash, utf8 } from "../base/index.js";

/** Every purpose a hash is made for. A new purpose is a new tag (PROTOCOL §1.3). */
export type HashTag =
  | "genesis"
  | "market"
  | "set"
  | "perm"
  | "seed"
  | "entry"
  | "justify"
  | "vote"
  | "propose"
  | "status"
  | "peer"
  | "op"
  | "ops"
  | "auction"
  | "commit"
  | "reserve"
  | "tie"
  | "evidence"
  | "key"
  | "row"
  | "leaf"
  | "node"
  | "msg"
  | "guard";

const PREFIXES = new Map<HashTag, Bytes>();

function prefixOf(tag: HashTag): Bytes {
  const known = PREFIXES.get(tag);
  if (known !== undefined) return known;
  const prefix = concatBytes(Uint8Array.of(tag.length), utf8("mabeam/1/"), utf8(tag));
  PREFIXES.set(tag, prefix);
  return prefix;
}

/** H(tag, x) = SHA-256(len(tag) ‖ "mabeam/1/" ‖ tag ‖ x), x being the parts joined (PROTOCOL §1.3). */
export function taggedHash(tag: HashTag, ...parts: readonly Bytes[]): Hash {
  const state = sha256.create().update(prefixOf(tag));
  for (const part of parts) state.update(part);
  return state.digest();
}
