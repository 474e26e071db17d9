// What a member may sign and what it may forget: the rules of PROTOCOL §1.5 as one table of named predicates.
import { equalBytes, type Hash } from "../base/index.js";
import { CERTIFICATE_RULES, type CertificateRules } from "./certificate-rules.js";
import { EVIDENCE_RULES, type EvidenceRules } from "./evidence.js";
import type { Certificate, Header } from "./message.js";
import { PACING_RULES, type PacingRules } from "./pacing-rules.js";
import { START_RULES, type StartRules } from "./start-rules.js";

/** What this member has signed in one term. */
export interface OwnVotes {
  readonly proposed: Hash | null;
  readonly acked: Hash | null;
  readonly skipped: boolean;
  readonly committed: Hash | null;
}

/** What a member signs, and what it forgets. The voter asks this table and nothing else before it signs. */
export interface SigningRules {
  /** I7: the term at and below which nothing is signed. `barrierTerm` is what amnesia's release forbids (§1.10). */
  floorOf(lastFinalTerm: number, barrierTerm: number): number;
  /** The term below which own and others' votes are forgotten. */
  prunesBelow(lastFinalTerm: number, currentTerm: number, keepTerms: number): number;
  /** I5: at most one PROPOSE per term, and none after a SKIP (R2). */
  mayPropose(own: OwnVotes): boolean;
  /** I1: at most one ACK per term, and none after a SKIP or a COMMIT (R3). */
  mayAck(own: OwnVotes): boolean;
  /** I3: no SKIP after a COMMIT (R7). */
  maySkip(own: OwnVotes): boolean;
  /** I2, I3, I4: one COMMIT per term, none after a SKIP, none against one's own ACK (R5). */
  mayCommit(own: OwnVotes, entryId: Hash): boolean;
  /**
   * R3: every term between the parent's and this one was skipped by a quorum, and none of them is at or below the
   * floor. `skips` are valid SkipCerts in term order that hash to the header's justifyHash, or null while unknown.
   */
  gapIsJustified(header: Header, skips: readonly Certificate[] | null, lastFinalTerm: number): boolean;
}

/**
 * Every decision on which the quorum's promises rest, in small tables by what they are about, so that a simulator can
 * break one rule by replacing one predicate and show that its checkers notice.
 */
export interface VotingRules extends SigningRules, CertificateRules, EvidenceRules, PacingRules, StartRules {}

const SIGNING_RULES: SigningRules = {
  floorOf: (lastFinalTerm, barrierTerm) => Math.max(lastFinalTerm, barrierTerm),

  prunesBelow: (lastFinalTerm, _currentTerm, keepTerms) => lastFinalTerm - keepTerms,

  mayPropose: (own) => own.proposed === null && !own.skipped,

  mayAck: (own) => own.acked === null && !own.skipped && own.committed === null,

  maySkip: (own) => !own.skipped && own.committed === null,

  mayCommit: (own, entryId) =>
    own.committed === null && !own.skipped && (own.acked === null || equalBytes(own.acked, entryId)),

  gapIsJustified(header, skips, lastFinalTerm) {
    const gap = header.term - header.parentTerm - 1;
    if (skips === null || skips.length !== gap) return false;
    if (gap > 0 && header.parentTerm < lastFinalTerm) return false;
    return skips.every((cert, i) => cert.type === "skip" && cert.term === header.parentTerm + 1 + i);
  },
};

export const HONEST_RULES: VotingRules = {
  ...SIGNING_RULES,
  ...CERTIFICATE_RULES,
  ...EVIDENCE_RULES,
  ...PACING_RULES,
  ...START_RULES,
};
