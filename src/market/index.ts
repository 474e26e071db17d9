// Market: formats, phases, outcome rules and settlement; the whole rulebook, and the execution of entries.
export { type Admission, judgeAdmission } from "./admission.js";
export type { PhaseChange, Settled } from "./advance.js";
export { type EntryOutcome, executeEntry, type Receipt } from "./execute.js";
export type { Packable } from "./lanes.js";
export { changesPhase, transitionDueMs } from "./pacing.js";
export { type PackingLimits, packEntry } from "./packing.js";
export { PHASE_RULES, type PhaseRules } from "./phase-rules.js";
export { type Claim, type LoggedEntry, type Replayed, replayAuction } from "./replay.js";
export { apply, check } from "./rulebook.js";
export { bidBytes, bidCommitment, hiddenReserveHash } from "./sealed.js";
export { type Settlement, type Share, settlementOf } from "./settlement.js";
export * from "./vickrey.js";
