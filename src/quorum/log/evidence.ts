// Evidence: signed messages that no honest member signs: two of one term (E1–E5), or an invalid proposal (E6) (spec/evidence).
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
} from "../../base/index.js";
import type { Verifier } from "../../crypto/index.js";
import { EVIDENCE_RULES, type EvidenceRules } from "../rules.js";
import { type Flaw, type FlawCourt, flaw, flawHolds, type OpsJudge } from "./flaw.js";
import { MAX_EVIDENCE_BYTES } from "./limits.js";
import type { Electorate } from "./member-set.js";
import { entryIdOf, type SignedHeader, signedHeader, type Vote, vote } from "./message.js";
import { proposeDigest, voteDigest, voteDomain } from "./signing.js";

const ofEpoch = { epoch: [1, uint(0xffffffff)], setHash: [2, hash] } as const;

/**
 * E1 ACK+ACK, E2 SKIP+COMMIT, E3 ACK+COMMIT, E4 COMMIT+COMMIT; E5 two proposals: `a` encodes below `b`.
 * E6: a proposal and the flaw that its own hashes bind it to.
 */
export const evidence = union({
  votes: [0, struct({ type: [0, oneOf(["E1", "E2", "E3", "E4"])], ...ofEpoch, a: [3, vote], b: [4, vote] })],
  proposals: [
    1,
    struct({ type: [0, oneOf(["E5"])], ...ofEpoch, a: [3, signedHeader], b: [4, signedHeader] }),
  ],
  proposal: [2, struct({ type: [0, oneOf(["E6"])], ...ofEpoch, a: [3, signedHeader], flaw: [4, flaw] })],
});
export type Evidence = TypeOf<typeof evidence>;

export const encodeEvidence = (value: Evidence): Bytes => encode(evidence, value);
export const decodeEvidence = (bytes: Bytes): Result<Evidence, DecodeError> =>
  decode(evidence, bytes, MAX_EVIDENCE_BYTES);

/** A: a contradiction, punished with the whole bond. B: an invalid proposal, punished with a part of it. */
export type FaultClass = "A" | "B";

/** A proven fault: which seat, in which term. */
export interface Conviction {
  readonly signer: number;
  readonly epoch: number;
  readonly term: number;
  readonly class: FaultClass;
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

/** E6 of a proposal and its flaw. */
export function flawEvidence(a: SignedHeader, value: Flaw): Evidence {
  const { epoch, setHash } = a.header;
  return { kind: "proposal", type: "E6", epoch, setHash, a, flaw: value };
}

/** The seat that evidence is against, whether or not it proves anything. */
export const accusedOf = (value: Evidence): { readonly signer: number; readonly term: number } =>
  value.kind === "votes"
    ? { signer: value.a.signer, term: value.a.term }
    : { signer: value.a.header.leader, term: value.a.header.term };

const classOf = (value: Evidence): FaultClass => (value.kind === "proposal" ? "B" : "A");

/** The key under which a fault is punished once: (epoch, term, class, signer). */
export function evidenceKey(value: Evidence): string {
  const { signer, term } = accusedOf(value);
  return `${value.epoch}/${term}/${classOf(value)}/${signer}`;
}

/**
 * Judges evidence by itself and the member set of its epoch: no history is needed (spec/evidence#judging).
 * Refuses pairs that an honest member may sign: {ACK(a), SKIP}, {ACK(a), COMMIT(a)}, {PROPOSE, ACK, SKIP}. Refuses
 * pairs out of canonical order (one fault has one encoding), and statements signed for another chain.
 * @param judgeOps null: no evidence about operations is accepted
 */
export function verifyEvidence(
  value: Evidence,
  electorate: Electorate,
  chain: Hash,
  market: Hash,
  verifier: Verifier,
  judgeOps: OpsJudge | null = null,
  rules = EVIDENCE_RULES,
): Result<Conviction, EvidenceRefusal> {
  const { epoch } = electorate.set;
  if (value.epoch !== epoch || !equalBytes(value.setHash, electorate.setHash)) return err("WRONG_EPOCH");
  const court = { electorate, chain, market, verifier, judgeOps };
  const refusal =
    value.kind === "votes"
      ? judgeVotes(value, electorate, voteDomain(electorate, chain, market), verifier, rules)
      : value.kind === "proposals"
        ? judgeProposals(value, court, rules)
        : judgeFlaw(value, court);
  return refusal === null ? ok({ ...accusedOf(value), epoch, class: classOf(value) }) : err(refusal);
}

type Votes = Extract<Evidence, { kind: "votes" }>;

function judgeVotes(
  { type, a, b }: Votes,
  electorate: Electorate,
  domain: Bytes,
  verifier: Verifier,
  rules: EvidenceRules,
): EvidenceRefusal | null {
  const member = electorate.set.members[a.signer];
  if (member === undefined) return "NOT_A_SEAT";
  if (a.signer !== b.signer) return "NOT_ONE_SIGNER";
  if (a.term !== b.term) return "NOT_ONE_TERM";
  const fault = rules.faultOf(a, b);
  if (fault === null) return "NOT_A_FAULT";
  if (fault !== type) return "WRONG_TYPE";
  if (!rules.isInOrder(encode(vote, a), encode(vote, b))) return "NOT_ORDERED";
  for (const one of [a, b]) {
    if (one.epoch !== electorate.set.epoch || !equalBytes(one.setHash, electorate.setHash))
      return "WRONG_EPOCH";
    if (one.type === "skip" && !equalBytes(one.entryId, ZERO_HASH)) return "NOT_A_FAULT";
    const digest = voteDigest(domain, one.type, one.term, one.entryId);
    if (!verifier.verify(member.key, digest, one.sig)) return "BAD_SIGNATURE";
  }
  return null;
}

function judgeProposals(
  { a, b }: Extract<Evidence, { kind: "proposals" }>,
  court: FlawCourt,
  rules: EvidenceRules,
): EvidenceRefusal | null {
  const { term, leader } = a.header;
  if (b.header.term !== term) return "NOT_ONE_TERM";
  if (b.header.leader !== leader || leader !== court.electorate.leaderOf(term)) return "NOT_ONE_SIGNER";
  if (equalBytes(entryIdOf(a.header), entryIdOf(b.header))) return "NOT_A_FAULT";
  if (!rules.isInOrder(encode(signedHeader, a), encode(signedHeader, b))) return "NOT_ORDERED";
  return judgeSigned(a, court) ?? judgeSigned(b, court);
}

function judgeFlaw(
  { a, flaw: value }: Extract<Evidence, { kind: "proposal" }>,
  court: FlawCourt,
): EvidenceRefusal | null {
  return judgeSigned(a, court) ?? (flawHolds(a.header, value, court) ? null : "NOT_A_FAULT");
}

/** Refuses a header of another chain or set, or not signed as a proposal by the seat that it names. */
function judgeSigned({ header, leaderSig }: SignedHeader, court: FlawCourt): EvidenceRefusal | null {
  const { electorate, chain, market, verifier } = court;
  if (!equalBytes(header.chain, chain) || !equalBytes(header.market, market)) return "WRONG_CHAIN";
  if (header.epoch !== electorate.set.epoch || !equalBytes(header.setHash, electorate.setHash))
    return "WRONG_EPOCH";
  const member = electorate.set.members[header.leader];
  if (member === undefined) return "NOT_A_SEAT";
  return verifier.verify(member.key, proposeDigest(entryIdOf(header)), leaderSig) ? null : "BAD_SIGNATURE";
}
