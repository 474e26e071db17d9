// Advance: an entry moves phases on, settles what has closed, counts its leader, and forgets what is old.
import { type Hex, invariant, toHex } from "../../base/index.js";
import {
  type Account,
  type AgentId,
  behind,
  burnDeposit,
  burnLien,
  burnLock,
  CLOCK,
  earlier,
  FORGOTTEN_BEYOND_MADE,
  type Ledger,
  type LockName,
  type LockReason,
  lowerLien,
  lowerLock,
  type Moment,
  releaseDeposit,
  releaseLock,
  spendLock,
} from "../../ledger/index.js";
import { forgetLeases } from "../lease/leases.js";
import { CONGESTION } from "../packing/congestion.js";
import { recordDeed } from "../standing/standing.js";
import { beginTrades } from "../trade/begin.js";
import type { Trade } from "../trade/trade.js";
import { forgetTrades, TALLIES } from "../trade/trades.js";
import { type Auction, closeMsOf, type Phase, type PhaseKind } from "./auction.js";
import { AUCTIONS, auctionOf, commitsOf, forgetAuction, giveAward } from "./auctions.js";
import { ceilingOf } from "./create.js";
import { depositOf } from "./deposit.js";
import type { AuctionId } from "./id.js";
import { lienOfCreation, lockupIsLien } from "./lien.js";
import { afterLeader, turnOf } from "./phase.js";
import type { PhaseRules } from "./phase-rules.js";
import { type Settlement, type Share, settlementOf } from "./settlement.js";

export interface PhaseChange {
  readonly auction: AuctionId;
  readonly from: PhaseKind;
  readonly to: PhaseKind;
}

export interface Settled extends Settlement {
  readonly auction: AuctionId;
  readonly creator: AgentId;
  /** whose money those moved in it that spend by a budget, by hex of their ids */
  readonly payers: ReadonlyMap<Hex, AgentId>;
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

/** What the phases of an entry have done. */
interface Advanced {
  readonly phaseChanges: readonly PhaseChange[];
  readonly settlements: readonly Settled[];
  /** trades that outcomes began */
  readonly began: readonly Trade[];
}

/** Start of an entry: each auction takes at most one step (spec/auctions#P1). */
export function advancePhases(ledger: Ledger, at: Moment, rules: PhaseRules): Advanced {
  const phaseChanges: PhaseChange[] = [];
  const settlements: Settled[] = [];
  const began: Trade[] = [];
  for (const auction of dueAuctions(ledger, at.timeMs)) {
    const from = auction.phase.kind;
    const turn = turnOf(auction, at, ledger.clock, ledger.one(CONGESTION));
    if (turn.kind === "stay") continue;
    if (turn.kind === "settle") {
      const settled = settle(ledger, auction, at, rules);
      settlements.push(settled);
      began.push(...beginTrades(ledger, auction, settled.trades, at));
    } else setPhase(ledger, auction, turn.phase);
    if (turn.kind !== "extend") phaseChanges.push({ auction: auction.id, from, to: auction.phase.kind });
  }
  return { phaseChanges, settlements, began };
}

const setPhase = (ledger: Ledger, { id }: Auction, phase: Phase): void =>
  ledger.change(AUCTIONS, id, (auction) => {
    auction.phase = phase;
  });

function settle(ledger: Ledger, auction: Auction, at: Moment, rules: PhaseRules): Settled {
  const dueMs = rules.dueMs(revealCloseMs(ledger, auction), at);
  const deposit = depositOf(auction.terms, auction.createdMs, ledger.params);
  const { params } = ledger;
  const settlement = settlementOf(auction, commitsOf(ledger, auction.id), dueMs, deposit, params);
  const creator = ledger.accountOf(auction.creator)!;
  const payers = payersIn(ledger, auction, settlement);
  for (const share of settlement.shares) {
    settleShare(ledger, auction, creator, share);
    if (share.burned > 0n) recordDeed(ledger, share.bidder, "unrevealed", share.lockup, at);
  }
  const prices = settlement.trades.reduce((sum, { price }) => sum + price, 0n);
  if (ceilingOf(auction.terms) > 0n) lowerLock(ledger, creator, lockOf(auction, "ceiling"), prices);
  if (lienOfCreation(auction.terms, params) > 0n) {
    const lien = settlement.trades.reduce((sum, one) => sum + one.lien, 0n);
    lowerLien(ledger, creator, auction.id, lien);
  }
  if (auction.terms.bond > 0n) {
    const bond = lockOf(auction, "bond");
    if (settlement.bondBurned > 0n) burnLock(ledger, creator, bond);
    else releaseLock(ledger, creator, bond);
  }
  if (settlement.depositBurned > 0n) burnDeposit(ledger, creator, auction.id, deposit);
  for (const award of settlement.awards) giveAward(ledger, auction.id, award);
  setPhase(ledger, auction, lastPhase(settlement, at, dueMs));
  return { ...settlement, auction: auction.id, creator: auction.creator, payers };
}

/** Before anything moves: with its last money a budget may leave the state, and nobody could tell any more. */
function payersIn(ledger: Ledger, { id, creator }: Auction, { shares }: Settlement): Settled["payers"] {
  const payers = new Map<Hex, AgentId>();
  for (const agent of [creator, ...shares.map(({ bidder }) => bidder)]) {
    const payer = behind(ledger, id, agent);
    if (payer !== agent) payers.set(toHex(agent), payer);
  }
  return payers;
}

const lockOf = ({ id }: Auction, reason: LockReason): LockName => ({ id, reason });

/** Moves one commit's lockup: what a trade keeps of it stays where it is. */
function settleShare(ledger: Ledger, auction: Auction, creator: Account, share: Share): void {
  const bidder = ledger.accountOf(share.bidder)!;
  if (lockupIsLien(auction.terms, ledger.params)) {
    if (share.burned > 0n) burnLien(ledger, bidder, auction.id);
    else lowerLien(ledger, bidder, auction.id, share.kept);
    return;
  }
  const bid = lockOf(auction, "bid");
  if (share.burned > 0n) {
    burnLock(ledger, bidder, bid);
    return;
  }
  if (share.paid > 0n) spendLock(ledger, bidder, bid, share.paid, creator);
  if (share.received > 0n) spendLock(ledger, creator, lockOf(auction, "ceiling"), share.received, bidder);
  lowerLock(ledger, bidder, bid, share.kept);
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
 * Forgets auctions of which all has been over for `retainMs`, their trades too, oldest first, and returns their deposits: at
 * least as many rows as the entry made, and some more, so that what is overdue dwindles whatever is sent.
 * @param made rows that the entry made, at most
 */
export function forgetOld(ledger: Ledger, at: Moment, made: number, rules: PhaseRules): readonly Hex[] {
  const forgotten: Hex[] = [];
  const { ended } = ledger.table(AUCTIONS).index;
  const { over } = ledger.table(TALLIES).index;
  const oldest = () => earlier(ended.first, over.first);
  let open = made + FORGOTTEN_BEYOND_MADE;
  for (let next = oldest(); open > 0 && next !== null; next = oldest()) {
    if (next.dueMs + ledger.params.retainMs > at.timeMs) break;
    const auction = auctionOf(ledger, next.id)!;
    const { creator, terms, createdMs, phase } = auction;
    if (rules.returnsDeposit(phase)) {
      const deposit = depositOf(terms, createdMs, ledger.params);
      releaseDeposit(ledger, ledger.accountOf(creator)!, auction.id, deposit);
    }
    open -=
      forgetTrades(ledger, auction.id) + forgetLeases(ledger, auction.id) + forgetAuction(ledger, auction);
    forgotten.push(next.id);
  }
  return forgotten;
}
