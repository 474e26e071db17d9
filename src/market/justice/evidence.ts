// Evidence: an operation that convicts a seat of a proven fault, brought by anyone.
import { type Bytes, bytes, struct } from "../../base/index.js";
import { reject } from "../../ledger/index.js";
import type { Proven, Rule } from "../subject.js";
import type { EvidenceJudge } from "./fault.js";
import {
  applySlash,
  type ChargedConviction,
  changesNothing,
  SLASHES,
  slashKey,
  slashPath,
} from "./slashing.js";

/** Canonical evidence within an operation (ADR 0014); `peer` asserts that it is what the quorum makes at most. */
export const MAX_OPERATION_EVIDENCE_BYTES = 62 * 1024;

export const JUSTICE_OPERATIONS = {
  /** canonical bytes of a quorum evidence: judged by the port that `EntryContext` carries */
  evidence: [7, struct({ evidence: [0, bytes(MAX_OPERATION_EVIDENCE_BYTES)] })],
} as const;

export type JusticeRefusal = "EVIDENCE_INVALID" | "EVIDENCE_USED" | "NOTHING_TO_SLASH";

export interface JusticeFact extends ChargedConviction {
  readonly kind: "slashed";
}

interface EvidenceBody {
  readonly evidence: Bytes;
}
type EvidenceRule = Rule<EvidenceBody, null, JusticeRefusal>;

const evidenceConvicts: EvidenceRule = (ledger, body, _, at) => {
  const conviction = at.judgeEvidence(body.evidence);
  return conviction !== null && ledger.accountOf(conviction.agent) !== null
    ? null
    : reject("EVIDENCE_INVALID");
};

const convictionIsNew: EvidenceRule = (ledger, body, _, at) => {
  const conviction = at.judgeEvidence(body.evidence)!;
  const { epoch, term } = conviction;
  return ledger.table(SLASHES).has(slashPath(conviction)) ? reject("EVIDENCE_USED", { epoch, term }) : null;
};

const somethingFollows: EvidenceRule = (ledger, body, _, at) =>
  changesNothing(ledger, at.judgeEvidence(body.evidence)!, at.timeMs) ? reject("NOTHING_TO_SLASH") : null;

const EVIDENCE_RULES = [evidenceConvicts, convictionIsNew, somethingFollows];

const faultName = (judge: EvidenceJudge, evidence: Bytes): string => slashKey(judge(evidence)!);

export const JUSTICE: { readonly evidence: Proven<EvidenceBody, JusticeRefusal, JusticeFact> } = {
  evidence: {
    by: "itself",
    lane: "critical",
    rules: EVIDENCE_RULES,
    /** A conviction that could take nothing is recorded as a refusal, though debt and jail follow (spec/money#X6). */
    effect(ledger, body, _, at) {
      const conviction = at.judgeEvidence(body.evidence)!;
      const charged = applySlash(ledger, ledger.accountOf(conviction.agent)!, conviction, at);
      const facts = [{ kind: "slashed", ...charged }] as const;
      return charged.slash.taken === 0n ? { ...reject("NOTHING_TO_SLASH"), facts } : facts;
    },
    topic: "evidence",
    shelf: "evidence",
    about: () => null,
    evidence: (body) => body.evidence,
    target: (body, judge) => faultName(judge, body.evidence),
    window: () => null,
    /** When its fault was punished, or nothing would follow: a member with nothing left to lose could fill mempools. */
    staleness(ledger, body, at) {
      for (const rule of EVIDENCE_RULES) {
        const rejection = rule(ledger, body, null, at);
        if (rejection !== null) return rejection.code;
      }
      return null;
    },
    countedAt: () => false,
    isGrounded: () => false,
  },
};
