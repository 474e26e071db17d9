// The quorum log, for those outside: a voter and its step, certificates, evidence, proofs about the log, and the types.
// The rows that a voter keeps are read from `log/rows.ts`.

export {
  type Application,
  type Corruption,
  type EntryRoom,
  isBlamed,
  type RefusalCode,
  type Timing,
  type VoterConfig,
  type VoterInput,
  type VoterOutput,
  type VoterSend,
  type VoterWrite,
} from "./contract.js";
export {
  formCertificate,
  judgeCertificateShape,
  justifyHashOf,
  NO_GAP_HASH,
  verifyCertificate,
  votesOf,
} from "./log/certificates.js";
export { bodyFor, bodyOf, type KnownEntry, opsBytesOf, opsRootOf } from "./log/entries.js";
export {
  accusedOf,
  decodeEvidence,
  type Evidence,
  encodeEvidence,
  evidence,
  evidenceKey,
  flawEvidence,
  proposalEvidence,
  verifyEvidence,
  voteEvidence,
} from "./log/evidence.js";
export { type Flaw, flaw, headerFault, type OpsJudge } from "./log/flaw.js";
export {
  KEEP_TERMS,
  MAX_ANSWER_BYTES,
  MAX_CACHED_BODIES,
  MAX_CATCH_UP_ENTRIES,
  MAX_DESCENDANTS,
  MAX_ENTRY_OPS,
  MAX_ENTRY_OPS_BYTES,
  MAX_EVIDENCE_BYTES,
  MAX_FLAW_LEAF_BYTES,
  MAX_FRAME_BYTES,
  MAX_OP_BYTES,
  MAX_SEATS,
  TERM_WINDOW,
} from "./log/limits.js";
export {
  type ChainStart,
  type LogRefusal,
  type LogTrust,
  linkHeaders,
  verifyCommit,
  verifyHeaderChain,
  verifyLogBatch,
} from "./log/log-proof.js";
export {
  byzantineTolerance,
  type Electorate,
  type Epochs,
  electorate,
  epochRefusal,
  type MemberSet,
  memberSet,
  oneEpoch,
  quorumPower,
} from "./log/member-set.js";
export {
  type Certificate,
  certificate,
  decodeMessage,
  encodeMessage,
  entry,
  entryIdOf,
  type FinalProof,
  finalProof,
  guardRecord,
  type Header,
  header,
  type LogEntry,
  logEntry,
  type MarkKind,
  type Propose,
  type QuorumMessage,
  quorumMessage,
  type SignedHeader,
  type SignedMessage,
  type Status,
  VOTE_KINDS,
  type Vote,
  type VoteKind,
  vote,
} from "./log/message.js";
export { proposeDigest, statusDigest, voteDigest, voteDomain } from "./log/signing.js";
export {
  EVIDENCE_RULES,
  type EvidenceRules,
  HONEST_RULES,
  longestIdleMs,
  type OwnVotes,
  type VotingRules,
} from "./rules.js";
export { viewAmnesia } from "./start/amnesia.js";
export { openGuard, sealGuard } from "./start/guard.js";
export { createVoter, openVoter, restoreVoter } from "./start/restore.js";
export { signaturesIn } from "./voter/look-ahead.js";
export type { Question } from "./voter/questions.js";
export type { Voter } from "./voter/state.js";
export { finalProofOf } from "./voter/status.js";
export { step } from "./voter/voter.js";
