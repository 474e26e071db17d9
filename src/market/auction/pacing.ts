// Pacing: what the quorum asks of the market, to know when entries are wanted (spec/log#pacing).
import type { Ledger, Moment } from "../../ledger/index.js";
import { CONGESTION } from "../packing/congestion.js";
import { endsTrade, firstOverdueMs } from "../trade/deadlines.js";
import { AUCTIONS, auctionOf } from "./auctions.js";
import { afterLeader, turnOf } from "./phase.js";
import { PHASE_RULES } from "./phase-rules.js";

/**
 * Ledger time from which a transition of this state is due, counted leaders that are missing included; null if there
 * is none. The forgetting of old rows waits for whatever entry comes.
 */
export function transitionDueMs(ledger: Ledger): number | null {
  const phase = ledger.table(AUCTIONS).index.schedule.firstMs(ledger.clock);
  const trade = firstOverdueMs(ledger);
  return phase === null || trade === null ? (phase ?? trade) : Math.min(phase, trade);
}

/** Whether an entry at this moment would change a phase of this state, count a leader that a phase waits for, or end a trade. */
export function changesPhase(ledger: Ledger, at: Moment, rules = PHASE_RULES): boolean {
  const clock = rules.clockAfter(ledger.clock, at, ledger.params);
  if (endsTrade(ledger, at, clock)) return true;
  const due = ledger.table(AUCTIONS).index.schedule.dueAt(at.timeMs, clock);
  return due.some((id) => {
    const auction = auctionOf(ledger, id)!;
    const turn = turnOf(auction, at, clock, ledger.one(CONGESTION));
    if (turn.kind === "enter" || turn.kind === "settle") return true;
    const phase = turn.kind === "extend" ? turn.phase : auction.phase;
    return afterLeader(phase, at, clock, auction.terms.revealMs, rules) !== null;
  });
}
