// The digest under each signature of the quorum: its statement, chain, market, epoch and tag (spec/encoding#signatures).
import { type Bytes, concatBytes, encode, type Hash, u32be, u64be } from "../../base/index.js";
import { taggedHash } from "../../crypto/index.js";
import type { Electorate } from "./member-set.js";
import { type Status, status, VOTE_KINDS, type VoteKind } from "./message.js";

const KIND_BYTES = VOTE_KINDS.map((_, index) => Uint8Array.of(index + 1));

/** chain ‖ market ‖ epoch ‖ setHash: what keeps a vote from counting anywhere else. */
export function voteDomain(electorate: Electorate, chain: Hash, market: Hash): Bytes {
  return concatBytes(chain, market, u32be(electorate.set.epoch), electorate.setHash);
}

/** The digest under a vote's signature: H('vote', domain ‖ kind ‖ term ‖ entryId). */
export function voteDigest(domain: Bytes, kind: VoteKind, term: number, entryId: Hash): Hash {
  return taggedHash("vote", domain, KIND_BYTES[VOTE_KINDS.indexOf(kind)]!, u64be(term), entryId);
}

/** The digest under a leader's signature: H('propose', entryId). The header names chain, market, epoch and set. */
export const proposeDigest = (entryId: Hash): Hash => taggedHash("propose", entryId);

export const BLANK_SIGNATURE = new Uint8Array(64);

/** The digest under a status's signature: H('status', chain ‖ market ‖ the status with a blank signature). */
export function statusDigest(chain: Hash, market: Hash, value: Status): Hash {
  return taggedHash("status", chain, market, encode(status, { ...value, sig: BLANK_SIGNATURE }));
}
