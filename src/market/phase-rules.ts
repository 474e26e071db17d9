// On what it rests that an honest leader has led in every phase: what an entry does when, and whose lead counts.
import type { Moment, RunningPhase } from "../ledger/index.js";

/** What an entry does to the auctions: closes and opens phases, applies its operations, counts its leader. */
export type EntryPart = "phases" | "operations" | "leader";

export interface PhaseRules {
  /** The parts of an entry in the order of their effect (PROTOCOL §2.2): its own operations come before its leader counts. */
  readonly course: readonly EntryPart[];
  /**
   * Whether the header attests that its leader knew the phase (§2.2): an execution that includes the phase's opening
   * and goes beyond the parent's, since a repeated pair attests nothing.
   */
  leaderKnew(phase: RunningPhase, at: Moment): boolean;
}

export const PHASE_RULES: PhaseRules = {
  course: ["phases", "operations", "leader"],
  leaderKnew: (phase, at) => at.execHeight >= phase.openedAt && at.execHeight > at.parentExecHeight,
};
