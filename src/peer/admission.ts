// Admission: whether an operation may wait for a leader, by what can be seen cheaply now (spec/network#step-6).
import { type Admission, type EvidenceJudge, judgeAdmission, type Operation } from "../market/index.js";
import type { Peer } from "./state.js";

/**
 * Judges a decoded operation, its signature apart. A pure read of the peer.
 * @param judgeEvidence null: evidence passes here, and is judged by who asks, off the peer's thread
 */
export const judgeOperation = (
  peer: Peer,
  operation: Operation,
  nowMs: number,
  judgeEvidence: EvidenceJudge | null = null,
): Admission => judgeAdmission(peer.ledger, operation, Math.max(nowMs, peer.tip.timeMs + 1), judgeEvidence);
