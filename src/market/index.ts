// Market: the subjects of the ledger, the whole rulebook, packing, and the execution of entries.
export { type Admission, isGrounded, judgeAdmission, staleness } from "./admission.js";
export * from "./auction/auction.js";
export * from "./auction/auctions.js";
export type { PhaseChange, Settled } from "./auction/course.js";
export { ceilingOf, leastBondOf, takenByCreation } from "./auction/create.js";
export { depositOf, type HeldTerms } from "./auction/deposit.js";
export {
  type Award,
  award,
  DIRECTIONS,
  type Direction,
  type Format,
  type Offer,
  type Outcome,
  type RevealedBid,
  worthOf,
} from "./auction/formats/format.js";
export {
  BY_PARTS,
  DEFAULT_FORMAT,
  FORMATS,
  type FormatName,
  type FormatTerms,
  formatTerms,
} from "./auction/formats/index.js";
export { ranking, tieKeys } from "./auction/formats/ranking.js";
export * from "./auction/id.js";
export { lienFault, lienFor, lienOfCreation, lockupIsLien, stakeIsEnough } from "./auction/lien.js";
export { changesPhase, transitionDueMs } from "./auction/pacing.js";
export { PHASE_RULES, type PhaseRules } from "./auction/phase-rules.js";
export { type Claim, type LoggedEntry, type Replayed, replayAuction } from "./auction/replay.js";
export { RevealLoad, type Stretch } from "./auction/reveal-load.js";
export {
  hasShortWindows,
  roomFeeIn,
  roomFeeRefusal,
  type Shortage,
  shortageIn,
} from "./auction/reveal-room.js";
export {
  bidBytes,
  bidCommitment,
  hiddenReserveHash,
  reserveBytes,
  unitsFault,
} from "./auction/sealed/sealed.js";
export { type Settlement, type Share, settlementOf, type TradeTerms } from "./auction/settlement.js";
export { commitsTo, creates, makesCommit } from "./auction/signed.js";
export * from "./auction/terms.js";
export * from "./birth.js";
export type { Charged } from "./charged.js";
export {
  type EntryOutcome,
  type EntryRules,
  executeEntry,
  factsOf,
  type Receipt,
  type TradeChanges,
} from "./execute.js";
export { JUSTICE_OPERATIONS, MAX_OPERATION_EVIDENCE_BYTES } from "./justice/evidence.js";
export * from "./justice/fault.js";
export * from "./justice/penalties.js";
export * from "./justice/slashing.js";
export { type Taking, takenBy, taking } from "./justice/take.js";
export {
  type ChargedViolation,
  chargeViolation,
  lienLeft,
  type Penalty,
  penalty,
  type TradeViolation,
} from "./justice/violation.js";
export type { Hold } from "./lease/hold.js";
export { type Holding, holdsDue, leastTermMs, usageDue } from "./lease/holding.js";
export { holderOf, type Lease, type LeaseHolder, type LeaseRow, leaseRow } from "./lease/lease.js";
export { LEASES, leaseOf, leasesOf } from "./lease/leases.js";
export { holdIn } from "./lease/operations.js";
export type { LeaseFact } from "./lease/rules.js";
export { nextWindow, type Window, type WindowSale } from "./lease/selling.js";
export { wonIn } from "./lease/usage.js";
export {
  leasesNow,
  partsOf,
  type Shared,
  type SoldWindow,
  sharesLease,
  soldWindows,
  usableBy,
  usableUntilMs,
  windowAt,
} from "./lease/using.js";
export { agreedBudget, consentDigest, type OfferedBudget } from "./money/consent.js";
export { GRANTERS } from "./money/money.js";
export { partIsLeft, type Release, STAKE_RULES, type StakeRules, stakeIsFree } from "./money/stake.js";
export * from "./operation.js";
export { CONGESTION, type Congestion, congestionAfter } from "./packing/congestion.js";
export { estimateFee } from "./packing/fee.js";
export { leastRaise, usefulRaise } from "./packing/fee-class.js";
export { idleAmong } from "./packing/idle.js";
export { type Packable, spendingOf } from "./packing/lanes.js";
export { type PackingLimits, packEntry } from "./packing/packing.js";
export { Purses, type Shortfall, type Spending } from "./packing/purse.js";
export { apply, check, OPERATION_RULES, type OperationRules } from "./rulebook.js";
export { lockableOf, multiplierBpOf } from "./standing/credit.js";
export * from "./standing/deeds.js";
export * from "./standing/standing.js";
export * as strategies from "./strategies/index.js";
export type { EntryContext } from "./subject.js";
export {
  type BodyOf,
  type Fact,
  type OperationBody,
  type OperationKind,
  operationBody,
  type RejectionCode,
  STATE_FORMS,
} from "./subjects.js";
export { isOverdue, TRADE_RULES, type TradeRules } from "./trade/deadlines.js";
export { type Decision, decisionOf, medianOf, type Opinion } from "./trade/decision.js";
export { type Dispute, leastBondFor } from "./trade/dispute.js";
export { bondTo } from "./trade/end.js";
export { isParty, jurorsOf, seatOf } from "./trade/jury.js";
export { type TradeMoney, tradeMoney } from "./trade/money.js";
export type { TradeFact } from "./trade/rules.js";
export * from "./trade/trade.js";
export { openTradesOf, TALLIES, TRADES, tradeKey, tradeOf, tradesOf } from "./trade/trades.js";
