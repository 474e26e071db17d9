// Advance: an entry moves phases on, settles what has closed, counts its leader, and forgets what is old.
import { type Hex, invariant } from "../../base/index.js";
import {
  type AgentId,
  burnDeposit,
  burnLock,
  CLOCK,
  FORGOTTEN_BEYOND_MADE,
  type Ledger,
  type LockName,
  type LockReason,
  type Moment,
  releaseDeposit,
  releaseLock,
  spendLock,
} from "../../ledger/index.js";
import { CONGESTION } from "../packing/congestion.js";
import { type Auction, closeMsOf, type Phase, type PhaseKind } from "./auction.js";
import { AUCTIONS, auctionOf, commitsOf, forgetAuction, giveAward } from "./auctions.js";
import { ceilingOf } from "./create.js";
import { depositOf } from "./deposit.js";
import type { AuctionId } from "./id.js";
import { afterLeader, turnOf } from "./phase.js";
import type { PhaseRules } from "./phase-rules.js";
import { type Settlement, settlementOf } from "./settlement.js";

export interface PhaseChange {
  readonly auction: AuctionId;
  readonly from: PhaseKind;
  readonly to: PhaseKind;
}

export interface Settled extends Settlement {
  readonly auction: AuctionId;
  readonly creator: AgentId;
}

/** Auctions that wait for an entry at this time, in the order of their ids; no others are looked at. */
const dueAuctions = (ledger: Ledger, timeMs: number): readonly Auction[] =>
  ledger
    .table(AUCTIONS)
    .index.schedule.dueAt(timeMs, ledger.clock)
    .map((id) => auctionOf(ledger, id)!);

/**
 * Takes the entry's time in. An outage moves every close that lay ahead of it, by one row; the few that had come
 * already keep the ledger time at which they came.
 */
export function passTime(ledger: Ledger, at: Moment, rules: PhaseRules): void {
  const clock = rules.clockAfter(ledger.clock, at, ledger.params);
  const gapMs = clock.outagesMs - ledger.clock.outagesMs;
  if (gapMs === 0) return;
  for (const auction of dueAuctions(ledger, at.parentTimeMs)) {
    const { phase } = auction;
    if ((phase.kind !== "open" && phase.kind !== "reveal") || phase.closeMs === null) continue;
    const isPast = closeMsOf(phase, ledger.clock)! <= at.parentTimeMs;
    if (isPast) setPhase(ledger, auction, { ...phase, outagesMs: phase.outagesMs + gapMs });
  }
  ledger.changeOne(CLOCK, (row) => void Object.assign(row, clock));
}

/** Start of an entry: each auction takes at most one step (spec/auctions#P1). */
export function advancePhases(
  ledger: Ledger,
  at: Moment,
  rules: PhaseRules,
): { readonly phaseChanges: readonly PhaseChange[]; readonly settlements: readonly Settled[] } {
  const phaseChanges: PhaseChange[] = [];
  const settlements: Settled[] = [];
  for (const auction of dueAuctions(ledger, at.timeMs)) {
    const from = auction.phase.kind;
    const turn = turnOf(auction, at, ledger.clock, ledger.one(CONGESTION));
    if (turn.kind === "stay") continue;
    if (turn.kind === "settle") settlements.push(settle(ledger, auction, at, rules));
    else setPhase(ledger, auction, turn.phase);
    if (turn.kind !== "extend") phaseChanges.push({ auction: auction.id, from, to: auction.phase.kind });
  }
  return { phaseChanges, settlements };
}

const setPhase = (ledger: Ledger, { id }: Auction, phase: Phase): void =>
  ledger.change(AUCTIONS, id, (auction) => {
    auction.phase = phase;
  });

function settle(ledger: Ledger, auction: Auction, at: Moment, rules: PhaseRules): Settled {
  const dueMs = rules.dueMs(revealCloseMs(ledger, auction), at);
  const deposit = depositOf(auction.terms, auction.createdMs, ledger.params);
  const settlement = settlementOf(auction, commitsOf(ledger, auction.id), dueMs, deposit);
  const creator = ledger.accountOf(auction.creator)!;
  const lock = (reason: LockReason): LockName => ({ id: auction.id, reason });
  const [bid, bond, ceiling] = [lock("bid"), lock("bond"), lock("ceiling")];
  for (const share of settlement.shares) {
    const bidder = ledger.accountOf(share.bidder)!;
    if (share.burned > 0n) {
      burnLock(ledger, bidder, bid);
      continue;
    }
    if (share.paid > 0n) spendLock(ledger, bidder, bid, share.paid, creator);
    if (share.received > 0n) spendLock(ledger, creator, ceiling, share.received, bidder);
    releaseLock(ledger, bidder, bid);
  }
  if (ceilingOf(auction.terms) > 0n) releaseLock(ledger, creator, ceiling);
  if (auction.terms.bond > 0n) {
    if (settlement.bondBurned > 0n) burnLock(ledger, creator, bond);
    else releaseLock(ledger, creator, bond);
  }
  if (settlement.depositBurned > 0n) burnDeposit(ledger, creator, auction.id, deposit);
  for (const award of settlement.awards) giveAward(ledger, auction.id, award);
  setPhase(ledger, auction, lastPhase(settlement, at, dueMs));
  return { ...settlement, auction: auction.id, creator: auction.creator };
}

function revealCloseMs(ledger: Ledger, { phase }: Auction): number {
  invariant(phase.kind === "reveal" && phase.closeMs !== null, "what settles had a window of REVEAL");
  return closeMsOf(phase, ledger.clock)!;
}

function lastPhase({ outcome, clearingPrice, burned }: Settlement, at: Moment, dueMs: number): Phase {
  const ended = { endedAt: at.height, endedMs: at.timeMs, burned, dueMs };
  if (outcome !== "done") return { kind: outcome, ...ended };
  invariant(clearingPrice !== null, "what is sold has a price");
  return { kind: "done", ...ended, clearingPrice };
}

/** After the operations: the entry's leader is added wherever it knew the phase (spec/auctions#counted-leaders). */
export function countLeader(ledger: Ledger, at: Moment, rules: PhaseRules): void {
  for (const auction of dueAuctions(ledger, at.timeMs)) {
    const phase = afterLeader(auction.phase, at, ledger.clock, auction.terms.revealMs, rules);
    if (phase !== null) setPhase(ledger, auction, phase);
  }
}

/**
 * Forgets auctions that ended `retainMs` ago, oldest first, and returns their deposits: at least as many rows as the
 * entry made, and some more, so that what is overdue dwindles whatever is sent.
 * @param made rows that the entry's operations made, at most
 */
export function forgetOld(ledger: Ledger, at: Moment, made: number, rules: PhaseRules): readonly Hex[] {
  const forgotten: Hex[] = [];
  const { ended } = ledger.table(AUCTIONS).index;
  let open = made + FORGOTTEN_BEYOND_MADE;
  for (let next = ended.first; open > 0 && next !== null; next = ended.first) {
    if (next.dueMs + ledger.params.retainMs > at.timeMs) break;
    const auction = auctionOf(ledger, next.id)!;
    const { creator, terms, createdMs, phase } = auction;
    if (rules.returnsDeposit(phase)) {
      const deposit = depositOf(terms, createdMs, ledger.params);
      releaseDeposit(ledger, ledger.accountOf(creator)!, auction.id, deposit);
    }
    open -= forgetAuction(ledger, auction);
    forgotten.push(next.id);
  }
  return forgotten;
}
