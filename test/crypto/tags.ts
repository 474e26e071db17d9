// The tags of all hashes, as a list that the compiler keeps whole.
import type { HashTag } from "../../src/crypto/index.js";

const EVERY: Readonly<Record<HashTag, true>> = {
  genesis: true,
  market: true,
  set: true,
  perm: true,
  seed: true,
  entry: true,
  justify: true,
  vote: true,
  propose: true,
  status: true,
  peer: true,
  op: true,
  ops: true,
  auction: true,
  commit: true,
  reserve: true,
  tie: true,
  evidence: true,
  key: true,
  row: true,
  leaf: true,
  node: true,
  msg: true,
  guard: true,
};

export const TAGS = Object.keys(EVERY) as HashTag[];
