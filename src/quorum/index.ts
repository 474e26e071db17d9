// The quorum log, for those outside: a voter and its step, certificates, evidence, proofs about the log, and the types.

export * from "./contract.js";
export * from "./log/certificates.js";
export { bodyFor, type KnownEntry, opsBytesOf } from "./log/entries.js";
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
} from "./log/evidence.js";
export { type Flaw, flaw, headerFault, type OpsJudge } from "./log/flaw.js";
export * from "./log/limits.js";
export * from "./log/log-proof.js";
export * from "./log/member-set.js";
export * from "./log/message.js";
export { PREFIX as ROW_PREFIX } from "./log/rows.js";
export { proposeDigest, statusDigest, voteDigest, voteDomain } from "./log/signing.js";
export {
  EVIDENCE_RULES,
  type EvidenceRules,
  faultOf,
  HONEST_RULES,
  type OwnVotes,
  type VotingRules,
} from "./rules.js";
export { type AmnesiaView, viewAmnesia } from "./start/amnesia.js";
export { openGuard, sealGuard } from "./start/guard.js";
export { createVoter, openVoter, restoreVoter } from "./start/restore.js";
export { bodyFlaw, gapFlaw } from "./voter/accuse.js";
export { type Question, signaturesIn } from "./voter/questions.js";
export type { Standing, Voter } from "./voter/state.js";
export { finalProofOf } from "./voter/status.js";
export { step } from "./voter/voter.js";
