// Market: formats, phases, outcome rules and settlement; the whole rulebook, and the execution of entries.
export { type Admission, judgeAdmission } from "./admission.js";
export type { PhaseChange, Settled } from "./advance.js";
export { type EntryOutcome, type EntryRules, executeEntry, type Receipt } from "./execute.js";
export { estimateFee } from "./fee.js";
export { leastRaise, usefulRaise } from "./fee-class.js";
export { isGrounded } from "./grounded.js";
export { type Packable, revealsCloseMs } from "./lanes.js";
export { highestLockup, leastSellerBond } from "./offer-rules.js";
export { OPERATION_RULES, type OperationRules } from "./operation-rules.js";
export { changesPhase, transitionDueMs } from "./pacing.js";
export { type PackingLimits, packEntry } from "./packing.js";
export { PHASE_RULES, type PhaseRules } from "./phase-rules.js";
export { Purses, type Spending } from "./purse.js";
export { type Claim, type LoggedEntry, type Replayed, replayAuction } from "./replay.js";
export {
  hasShortWindows,
  roomFeeIn,
  roomFeeRefusal,
  type Shortage,
  shortageIn,
  suggestedRoomFee,
} from "./reveal-room.js";
export { apply, check } from "./rulebook.js";
export { bidBytes, bidCommitment, hiddenReserveHash, reserveBytes } from "./sealed.js";
export { type Settlement, type Share, settlementOf } from "./settlement.js";
export * from "./vickrey.js";
