// What execution is told of the entry it executes, and how it says no.
import type { Bytes } from "../base/index.js";
import type { AgentId } from "./operation.js";

/** The proven faults of spec/evidence#faults. */
export type EvidenceType = "E1" | "E2" | "E3" | "E4" | "E5" | "E6";

/** A: a contradiction within one term. B: a proposal that is invalid on its face. Each is punished once. */
export type FaultClass = "A" | "B";

/** The class of each fault (spec/evidence#faults). */
export const FAULT_CLASS: Readonly<Record<EvidenceType, FaultClass>> = {
  E1: "A",
  E2: "A",
  E3: "A",
  E4: "A",
  E5: "A",
  E6: "B",
};

/** Which seat a piece of evidence convicts, and of what. */
export interface ProvenFault {
  readonly type: EvidenceType;
  readonly agent: AgentId;
  /** the seat's consensus key: the id of its bond's lien */
  readonly key: Bytes;
  readonly epoch: number;
  readonly term: number;
}

/** The conviction that an evidence's bytes prove, or null. Pure: a function of the bytes and the epoch's set. */
export type EvidenceJudge = (evidence: Bytes) => ProvenFault | null;

/** What a header tells of the moment at which an entry stands in the log. */
export interface Moment {
  readonly height: number;
  /** ledger time */
  readonly timeMs: number;
  readonly parentTimeMs: number;
  /** the leader's seat in the epoch's set */
  readonly leader: number;
  readonly epoch: number;
  /** F of the epoch's set */
  readonly tolerance: number;
  /** up to where the leader had executed the log, and the same of the parent entry */
  readonly execHeight: number;
  readonly parentExecHeight: number;
}

export interface EntryContext extends Moment {
  readonly judgeEvidence: EvidenceJudge;
}

/** Why an operation was not applied. Codes are stable: people, programs and tests rely on them. */
export type RejectionCode =
  | "WRONG_CHAIN"
  | "WRONG_MARKET"
  | "EXPIRED"
  | "VALID_TOO_LONG"
  | "FEE_BELOW_MINIMUM"
  | "ACCOUNT_UNKNOWN"
  | "NONCE_NOT_NEXT"
  | "FUNDS_TOO_LOW"
  | "AMOUNT_ZERO"
  | "RECIPIENT_UNKNOWN"
  | "RECIPIENT_KEY_UNSOUND"
  | "NOT_A_GRANTER"
  | "ALLOWANCE_EXCEEDED"
  | "TOO_MANY_LOCKS"
  | "EVIDENCE_INVALID"
  | "EVIDENCE_USED"
  | "NOTHING_TO_SLASH"
  | "OPENS_TOO_LATE"
  | "WINDOW_OUT_OF_RANGE"
  | "LOT_LAPSES_BEFORE_CLOSE"
  | "LOT_TOO_FAR_AHEAD"
  | "LOCKUP_BELOW_RESERVE"
  | "SELLER_BOND_TOO_SMALL"
  | "TOO_MANY_AUCTIONS"
  | "AUCTION_UNKNOWN"
  | "NOT_THE_SELLER"
  | "BIDDER_IS_SELLER"
  | "AUCTION_HAS_COMMITS"
  | "AUCTION_ENDED"
  | "COMMIT_BEFORE_OPEN"
  | "COMMIT_AFTER_CLOSE"
  | "LOCKUP_NOT_OFFERED"
  | "AUCTION_FULL"
  | "REVEAL_CAPACITY_EXCEEDED"
  | "REVEAL_ROOM_FEE_TOO_LOW"
  | "REVEAL_TOO_EARLY"
  | "REVEAL_TOO_LATE"
  | "COMMIT_UNKNOWN"
  | "ALREADY_REVEALED"
  | "OPENING_MISMATCH"
  | "BID_ABOVE_LOCKUP"
  | "NO_HIDDEN_RESERVE"
  | "RESERVE_ALREADY_OPENED"
  | "RESERVE_BELOW_PUBLIC"
  | "RESERVE_ABOVE_LOCKUP";

/** A refusal: its code, and the facts it rests on (amounts as decimal text). */
export interface Rejection {
  readonly code: RejectionCode;
  readonly detail: Readonly<Record<string, string | number | null>>;
}

export const reject = (code: RejectionCode, detail: Rejection["detail"] = {}): Rejection => ({
  code,
  detail,
});
