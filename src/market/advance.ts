// Advance: an entry moves phases on, settles what has closed, counts its leader, and forgets what is old.
import { compareText, type Hex, invariant } from "../base/index.js";
import {
  type AgentId,
  type Auction,
  type AuctionId,
  burnLock,
  type Ledger,
  MAX_PRUNED_PER_ENTRY,
  type Moment,
  type Phase,
  type PhaseKind,
  releaseLock,
  spendLock,
} from "../ledger/index.js";
import { transitionDueMs } from "./pacing.js";
import { afterLeader, isOutage, turnOf } from "./phase.js";
import type { PhaseRules } from "./phase-rules.js";
import { type Settlement, settlementOf } from "./settlement.js";

export interface PhaseChange {
  readonly auction: AuctionId;
  readonly from: PhaseKind;
  readonly to: PhaseKind;
}

export interface Settled extends Settlement {
  readonly auction: AuctionId;
  readonly seller: AgentId;
}

/** Unfinished auctions in the order of their ids. */
const inOrder = (ledger: Ledger): readonly Auction[] =>
  [...ledger.unfinished.entries()].sort((a, b) => compareText(a[0], b[0])).map(([, auction]) => auction);

/** Whether no auction can be concerned: nothing is due, and no outage moves a close. */
function nothingIsDue(ledger: Ledger, at: Moment): boolean {
  if (isOutage(at, ledger.params)) return false;
  const due = transitionDueMs(ledger);
  return due === null || due > at.timeMs;
}

/** Start of an entry: each auction takes at most one step (PROTOCOL §2.2). */
export function advancePhases(
  ledger: Ledger,
  at: Moment,
): { readonly phaseChanges: readonly PhaseChange[]; readonly settlements: readonly Settled[] } {
  const phaseChanges: PhaseChange[] = [];
  const settlements: Settled[] = [];
  if (nothingIsDue(ledger, at)) return { phaseChanges, settlements };
  for (const auction of inOrder(ledger)) {
    const from = auction.phase.kind;
    const turn = turnOf(auction, at, ledger.params, ledger.congestion);
    if (turn.kind === "stay") continue;
    if (turn.kind === "settle") settlements.push(settle(ledger, auction, at));
    else setPhase(ledger, auction, turn.phase);
    if (turn.kind !== "adjust") phaseChanges.push({ auction: auction.id, from, to: auction.phase.kind });
  }
  return { phaseChanges, settlements };
}

function setPhase(ledger: Ledger, auction: Auction, phase: Phase): void {
  auction.phase = phase;
  ledger.touchAuction(auction);
}

/** Ends an auction: its last phase, and its place among those that will be forgotten. */
export function endAuction(ledger: Ledger, auction: Auction, phase: Phase): void {
  setPhase(ledger, auction, phase);
  ledger.retire(auction);
}

function settle(ledger: Ledger, auction: Auction, at: Moment): Settled {
  const dueMs = revealDueMs(auction, at);
  const settlement = settlementOf(auction, ledger.commitsOf(auction.id), dueMs);
  const seller = ledger.accountOf(auction.seller)!;
  for (const share of settlement.shares) {
    const bidder = ledger.accountOf(share.bidder)!;
    if (share.burned > 0n) {
      burnLock(ledger, bidder, auction.id);
      continue;
    }
    if (share.paid > 0n) spendLock(ledger, bidder, auction.id, share.paid, seller);
    releaseLock(ledger, bidder, auction.id);
  }
  if (auction.terms.sellerBond > 0n) {
    if (settlement.bondBurned) burnLock(ledger, seller, auction.id);
    else releaseLock(ledger, seller, auction.id);
  }
  endAuction(ledger, auction, lastPhase(settlement, dueMs, at));
  return { ...settlement, auction: auction.id, seller: auction.seller };
}

/** When REVEAL was due to close: at its window's end, or now where it need not run out. */
function revealDueMs({ phase }: Auction, at: Moment): number {
  invariant(phase.kind === "reveal", "only a REVEAL is settled");
  return Math.min(phase.closeMs ?? at.timeMs, at.timeMs);
}

function lastPhase({ outcome, winner, price, burned }: Settlement, dueMs: number, at: Moment): Phase {
  const ended = { endedAt: at.height, endedMs: at.timeMs, burned, dueMs };
  if (outcome !== "done") return { kind: outcome, ...ended };
  invariant(winner !== null, "a sale has a winner");
  return { kind: "done", ...ended, winner, price };
}

/** After the operations: the entry's leader is added wherever it knew the phase (PROTOCOL §2.2). */
export function countLeader(ledger: Ledger, at: Moment, rules: PhaseRules): void {
  if (nothingIsDue(ledger, at)) return;
  for (const auction of ledger.unfinished.values()) {
    const phase = afterLeader(auction.phase, at, auction.terms.revealMs, rules);
    if (phase !== null) setPhase(ledger, auction, phase);
  }
}

/** Forgets auctions that ended `retainMs` ago, oldest first, at most a few in one entry. */
export function forgetOld(ledger: Ledger, at: Moment): readonly Hex[] {
  let count = 0;
  while (count < Math.min(MAX_PRUNED_PER_ENTRY, ledger.ended.length)) {
    if (ledger.ended[count]!.endedMs + ledger.params.retainMs > at.timeMs) break;
    count++;
  }
  const forgotten = ledger.ended.splice(0, count).map(({ id }) => id);
  for (const id of forgotten) ledger.forget(id);
  return forgotten;
}
