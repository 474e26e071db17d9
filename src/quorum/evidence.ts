// Evidence: two signed messages of one member in one term that no honest member signs both of (PROTOCOL §1.9, E1–E5).
import {
  type Bytes,
  compareBytes,
  type DecodeError,
  decode,
  encode,
  equalBytes,
  err,
  type Hash,
  hash,
  ok,
  oneOf,
  type Result,
  struct,
  type TypeOf,
  uint,
  union,
  ZERO_HASH,
} from "../base/index.js";
import type { Verifier } from "../crypto/index.js";
import type { Electorate } from "./member-set.js";
import { entryIdOf, type SignedHeader, signedHeader, type Vote, vote } from "./message.js";
import { proposeDigest, voteDigest, voteDomain } from "./signing.js";

const place = { epoch: [1, uint(0xffffffff)], setHash: [2, hash] } as const;

export { type SignedHeader, signedHeader };

/** E1 ACK+ACK, E2 SKIP+COMMIT, E3 ACK+COMMIT, E4 COMMIT+COMMIT; E5 two proposals. `a` encodes below `b`. */
export const evidence = union({
  votes: [0, struct({ type: [0, oneOf(["E1", "E2", "E3", "E4"])], ...place, a: [3, vote], b: [4, vote] })],
  proposals: [1, struct({ type: [0, oneOf(["E5"])], ...place, a: [3, signedHeader], b: [4, signedHeader] })],
});
export type Evidence = TypeOf<typeof evidence>;

/** PROTOCOL §4.1. */
export const MAX_EVIDENCE_BYTES = 8 * 1024;

export const encodeEvidence = (value: Evidence): Bytes => encode(evidence, value);
export const decodeEvidence = (bytes: Bytes): Result<Evidence, DecodeError> =>
  decode(evidence, bytes, MAX_EVIDENCE_BYTES);

/** A proven fault: which seat, in which term; class A is punished with the whole bond. */
export interface Conviction {
  readonly signer: number;
  readonly epoch: number;
  readonly term: number;
  readonly class: "A";
}

export type EvidenceRefusal =
  | "WRONG_EPOCH"
  | "NOT_A_SEAT"
  | "NOT_ONE_SIGNER"
  | "NOT_ONE_TERM"
  | "NOT_A_FAULT"
  | "NOT_ORDERED"
  | "WRONG_TYPE"
  | "WRONG_CHAIN"
  | "BAD_SIGNATURE";

type VoteFault = Extract<Evidence, { kind: "votes" }>["type"];

/** Which fault two votes of one signer in one term are; null for pairs that an honest member may sign. */
export function faultOf(a: Vote, b: Vote): VoteFault | null {
  const differ = !equalBytes(a.entryId, b.entryId);
  const kinds = [a.type, b.type].sort().join("+");
  if (kinds === "ack+ack") return differ ? "E1" : null;
  if (kinds === "commit+skip") return "E2";
  if (kinds === "ack+commit") return differ ? "E3" : null;
  if (kinds === "commit+commit") return differ ? "E4" : null;
  return null;
}

/** The decisions on which a conviction rests (PROTOCOL §1.9). */
export interface EvidenceRules {
  /** Which fault two votes of one signer in one term are; null for pairs that an honest member may sign. */
  faultOf(a: Vote, b: Vote): VoteFault | null;
  /** Whether two encoded statements stand in canonical order, so that one fault has one encoding. */
  isInOrder(a: Bytes, b: Bytes): boolean;
}

export const EVIDENCE_RULES: EvidenceRules = {
  faultOf,
  isInOrder: (a, b) => compareBytes(a, b) < 0,
};

/** The evidence that two votes of one signer in one term are, in canonical order; null if an honest member may sign both. */
export function voteEvidence(a: Vote, b: Vote, rules = EVIDENCE_RULES): Evidence | null {
  const type = rules.faultOf(a, b);
  if (type === null) return null;
  const [first, second] = compareBytes(encode(vote, a), encode(vote, b)) < 0 ? [a, b] : [b, a];
  return { kind: "votes", type, epoch: a.epoch, setHash: a.setHash, a: first, b: second };
}

/** E5 of two different proposals of one leader in one term, in canonical order. */
export function proposalEvidence(a: SignedHeader, b: SignedHeader): Evidence {
  const inOrder = compareBytes(encode(signedHeader, a), encode(signedHeader, b)) < 0;
  const { epoch, setHash } = a.header;
  return { kind: "proposals", type: "E5", epoch, setHash, a: inOrder ? a : b, b: inOrder ? b : a };
}

/** What the same fault is punished under once: (epoch, term, class, signer). */
export function evidenceKey(value: Evidence): string {
  const [signer, term] =
    value.kind === "votes" ? [value.a.signer, value.a.term] : [value.a.header.leader, value.a.header.term];
  return `${value.epoch}/${term}/A/${signer}`;
}

/**
 * Judges evidence by itself and the member set of its epoch: no history is needed (PROTOCOL §1.9).
 * Refuses pairs that an honest member may sign ({ACK(a), SKIP}, {ACK(a), COMMIT(a)}, {PROPOSE, ACK, SKIP}), pairs
 * out of canonical order (one fault has one encoding), and anything signed elsewhere.
 */
export function verifyEvidence(
  value: Evidence,
  electorate: Electorate,
  chain: Hash,
  market: Hash,
  verifier: Verifier,
  rules = EVIDENCE_RULES,
): Result<Conviction, EvidenceRefusal> {
  const { epoch } = electorate.set;
  if (value.epoch !== epoch || !equalBytes(value.setHash, electorate.setHash)) return err("WRONG_EPOCH");
  const judged =
    value.kind === "votes"
      ? judgeVotes(value, electorate, voteDomain(electorate, chain, market), verifier, rules)
      : judgeProposals(value, electorate, chain, market, verifier, rules);
  return judged.ok ? ok({ ...judged.value, epoch, class: "A" }) : judged;
}

type Judged = Result<{ readonly signer: number; readonly term: number }, EvidenceRefusal>;

function judgeVotes(
  { type, a, b }: Extract<Evidence, { kind: "votes" }>,
  electorate: Electorate,
  domain: Bytes,
  verifier: Verifier,
  rules: EvidenceRules,
): Judged {
  const member = electorate.set.members[a.signer];
  if (member === undefined) return err("NOT_A_SEAT");
  if (a.signer !== b.signer) return err("NOT_ONE_SIGNER");
  if (a.term !== b.term) return err("NOT_ONE_TERM");
  const fault = rules.faultOf(a, b);
  if (fault === null) return err("NOT_A_FAULT");
  if (fault !== type) return err("WRONG_TYPE");
  if (!rules.isInOrder(encode(vote, a), encode(vote, b))) return err("NOT_ORDERED");
  for (const one of [a, b]) {
    if (one.epoch !== electorate.set.epoch || !equalBytes(one.setHash, electorate.setHash)) {
      return err("WRONG_EPOCH");
    }
    if (one.type === "skip" && !equalBytes(one.entryId, ZERO_HASH)) return err("NOT_A_FAULT");
    const digest = voteDigest(domain, one.type, one.term, one.entryId);
    if (!verifier.verify(member.key, digest, one.sig)) return err("BAD_SIGNATURE");
  }
  return ok({ signer: a.signer, term: a.term });
}

function judgeProposals(
  { a, b }: Extract<Evidence, { kind: "proposals" }>,
  electorate: Electorate,
  chain: Hash,
  market: Hash,
  verifier: Verifier,
  rules: EvidenceRules,
): Judged {
  const { term, leader } = a.header;
  if (b.header.term !== term) return err("NOT_ONE_TERM");
  if (b.header.leader !== leader || leader !== electorate.leaderOf(term)) return err("NOT_ONE_SIGNER");
  const ids = [a, b].map((one) => entryIdOf(one.header));
  if (equalBytes(ids[0]!, ids[1]!)) return err("NOT_A_FAULT");
  if (!rules.isInOrder(encode(signedHeader, a), encode(signedHeader, b))) return err("NOT_ORDERED");
  const { key } = electorate.set.members[leader]!;
  for (const [i, one] of [a, b].entries()) {
    const { header } = one;
    if (!equalBytes(header.chain, chain) || !equalBytes(header.market, market)) return err("WRONG_CHAIN");
    if (header.epoch !== electorate.set.epoch || !equalBytes(header.setHash, electorate.setHash)) {
      return err("WRONG_EPOCH");
    }
    if (!verifier.verify(key, proposeDigest(ids[i]!), one.leaderSig)) return err("BAD_SIGNATURE");
  }
  return ok({ signer: leader, term });
}
