// Peer: one peer without I/O, and what can be read of it.
export { judgeOperation } from "./admission.js";
export { isWanted, judgeOf } from "./conviction.js";
export * from "./event.js";
export { electorateOf, memberSetOf } from "./genesis-members.js";
export * from "./keyspace.js";
export { type OwnBid, type OwnBidState, ownBids } from "./own/bids.js";
export { decodeMovement, decodePastAuction, type Movement } from "./own/history.js";
export { step } from "./peer.js";
export { assembleTranscript, type Transcript, type TranscriptEntry } from "./proof/transcript.js";
export {
  type CheckName,
  type CheckResult,
  VERIFICATION_CHECKS,
  type Verification,
  type VerifiedOutcome,
  verifyTranscript,
} from "./proof/verification.js";
export { decodeWitness, type Witness } from "./proof/witness.js";
export * from "./ready.js";
export { openPeer } from "./restore.js";
export type { Peer, PeerConfig, Tip } from "./state.js";
export type { StoreFault } from "./stored-rows.js";
