// Pacing: what the quorum asks of the market, to know when entries are wanted (PROTOCOL §1.5, R1).
import type { Ledger, Moment } from "../ledger/index.js";
import { afterLeader, dueMs, turnOf } from "./phase.js";
import { PHASE_RULES } from "./phase-rules.js";

/**
 * Ledger time from which a transition of this state is due, counted leaders that are missing included; null if there
 * is none. The forgetting of old rows waits for whatever entry comes.
 */
export function transitionDueMs(ledger: Ledger): number | null {
  if (ledger.transitionDueMs === undefined) {
    let least: number | null = null;
    for (const auction of ledger.unfinished.values()) {
      const due = dueMs(auction);
      if (due !== null && (least === null || due < least)) least = due;
    }
    ledger.transitionDueMs = least;
  }
  return ledger.transitionDueMs;
}

/** Whether an entry at this moment would change a phase of this state, or count a leader that a phase waits for. */
export function changesPhase(ledger: Ledger, at: Moment, rules = PHASE_RULES): boolean {
  const due = transitionDueMs(ledger);
  if (due === null || due > at.timeMs) return false;
  for (const auction of ledger.unfinished.values()) {
    const turn = turnOf(auction, at, ledger.params, ledger.congestion);
    if (turn.kind === "enter" || turn.kind === "settle") return true;
    const phase = turn.kind === "adjust" ? turn.phase : auction.phase;
    if (afterLeader(phase, at, auction.terms.revealMs, rules) !== null) return true;
  }
  return false;
}
