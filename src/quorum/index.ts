// The quorum log, for those outside: a voter and its step, certificates, evidence, proofs about the log, and the types.

export { bodyFlaw, gapFlaw } from "./accuse.js";
export { type AmnesiaView, viewAmnesia } from "./amnesia.js";
export * from "./certificates.js";
export * from "./contract.js";
export { bodyFor, type KnownEntry, opsBytesOf } from "./entries.js";
export {
  accusedOf,
  type Conviction,
  classOf,
  decodeEvidence,
  type Evidence,
  type EvidenceRefusal,
  encodeEvidence,
  evidence,
  evidenceKey,
  type FaultClass,
  flawEvidence,
  proposalEvidence,
  verifyEvidence,
  voteEvidence,
} from "./evidence.js";
export { type Flaw, flaw, headerFault, type OpsJudge } from "./flaw.js";
export { openGuard, sealGuard } from "./guard.js";
export * from "./limits.js";
export * from "./log-proof.js";
export * from "./member-set.js";
export * from "./message.js";
export { type Question, signaturesIn } from "./questions.js";
export { createVoter, openVoter, restoreVoter } from "./restore.js";
export { PREFIX as ROW_PREFIX } from "./rows.js";
export {
  EVIDENCE_RULES,
  type EvidenceRules,
  faultOf,
  HONEST_RULES,
  type OwnVotes,
  type VotingRules,
} from "./rules.js";
export { proposeDigest, statusDigest, voteDigest, voteDomain } from "./signing.js";
export type { Standing, Voter } from "./state.js";
export { finalProofOf } from "./status.js";
export { step } from "./voter.js";
