// On what it rests that an honest leader has led in every phase, and what moves a phase's end: when an entry does what.
import { type Clock, clockAfter, type Moment, type Params } from "../../ledger/index.js";
import type { Phase, RunningPhase } from "./auction.js";

/** What an entry does to the auctions: closes and opens phases, applies its operations, counts its leader. */
export type EntryPart = "phases" | "operations" | "leader";

export interface PhaseRules {
  /** The parts of an entry in the order of their effect (spec/money#X1): its own operations come before its leader counts. */
  readonly course: readonly EntryPart[];
  /**
   * Whether the header attests that its leader knew the phase (spec/auctions#C1): an execution that includes the phase's opening
   * and goes beyond the parent's, since a repeated pair attests nothing.
   */
  leaderKnew(phase: RunningPhase, at: Moment): boolean;
  /** The clock of an entry, given its parent's: live time stands still over an outage (ADR 0029). */
  clockAfter(clock: Clock, at: Pick<Moment, "timeMs" | "parentTimeMs">, params: Params): Clock;
  /** End of REVEAL's window, which F+1 leaders that know the phase begin (spec/auctions#C4). @param at the last one's entry */
  revealEndMs(at: Pick<Moment, "timeMs">, revealMs: number): number;
  /**
   * Ledger time at which REVEAL was due to close: it decides whether a lot had lapsed (ADR 0027).
   * @param closeMs the end of its window
   */
  dueMs(closeMs: number, at: Pick<Moment, "timeMs">): number;
  /** Whether the deposit of an auction that is forgotten returns: that of a void one has burned (ADR 0028). */
  returnsDeposit(phase: Phase): boolean;
}

export const PHASE_RULES: PhaseRules = {
  course: ["phases", "operations", "leader"],
  leaderKnew: (phase, at) => at.execHeight >= phase.openedAt && at.execHeight > at.parentExecHeight,
  clockAfter,
  revealEndMs: (at, revealMs) => at.timeMs + revealMs,
  // It closes before its window has run out if everything is shown.
  dueMs: (closeMs, at) => Math.min(closeMs, at.timeMs),
  returnsDeposit: (phase) => phase.kind !== "void",
};
