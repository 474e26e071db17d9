// Auctions, bids and outcomes, from the ledger to the API's JSON.
import { compareBytes, equalBytes, toHex } from "../../../src/base/index.js";
import type { AgentId, Clock, Ledger } from "../../../src/ledger/index.js";
import {
  AUCTIONS,
  type Auction,
  type Award,
  type Commit,
  closeMsOf,
  commitsOf,
  isEnded,
  type Lot,
  plannedWindow,
} from "../../../src/market/index.js";
import {
  type AuctionView,
  type AwardView,
  type BidView,
  type OutcomeView,
  type Phase,
  timeOf,
} from "../../contract/index.js";

interface AuctionFilter {
  readonly phase: Phase | null;
  readonly creator: AgentId | null;
}

/** The auctions that a filter lets through, newest first. */
export const newestAuctions = (ledger: Ledger, { phase, creator }: AuctionFilter): readonly Auction[] =>
  [...ledger.table(AUCTIONS).values()]
    .filter(
      (one) =>
        (phase === null || one.phase.kind === phase) &&
        (creator === null || equalBytes(one.creator, creator)),
    )
    .sort((a, b) => b.createdAt - a.createdAt || compareBytes(a.id, b.id));

/** An auction with its commits, and the clock that its close is reckoned by. */
export interface ShownAuction {
  readonly auction: Auction;
  readonly commits: readonly Commit[];
  readonly clock: Clock;
}

export function shownAuction(ledger: Ledger, auction: Auction): ShownAuction {
  return { auction, commits: commitsOf(ledger, auction.id), clock: ledger.clock };
}

/** @param forgotten the auction was read from what is kept of it, not from the ledger */
export function auctionView({ auction, commits, clock }: ShownAuction, forgotten = false): AuctionView {
  const { phase, terms } = auction;
  const { opensMs, closesMs } = plannedWindow(terms, auction.createdMs);
  const revealClose = phase.kind === "reveal" ? closeMsOf(phase, clock) : null;
  return {
    id: toHex(auction.id),
    creator: toHex(auction.creator),
    format: terms.format.kind,
    direction: terms.direction,
    lot: lotOf(terms.lot),
    reserve: terms.reserve.toString(),
    hiddenReserve: terms.reserveHash !== null,
    standingWeight: terms.standingWeight,
    lockups: terms.lockups.map(String),
    bond: terms.bond.toString(),
    deliverMs: terms.deliverMs,
    settleMs: terms.settleMs,
    value: terms.value?.toString() ?? null,
    phase: phase.kind,
    opensAt: timeOf(opensMs),
    commitClosesAt: timeOf(phase.kind === "open" ? closeMsOf(phase, clock) : closesMs),
    revealClosesAt: revealClose === null ? null : timeOf(revealClose),
    commits: auction.commits,
    reveals: auction.reveals,
    createdHeight: auction.createdAt,
    forgotten,
    outcome: outcomeView({ auction, commits }),
  };
}

const STATUS = { done: "sold", unsold: "unsold", void: "void", cancelled: "cancelled" } as const;

export function outcomeView({ auction, commits }: Omit<ShownAuction, "clock">): OutcomeView | null {
  const { phase } = auction;
  if (!isEnded(phase)) return null;
  return {
    auction: toHex(auction.id),
    status: STATUS[phase.kind],
    awards: commits.flatMap(({ bidder, award }) => (award === null ? [] : [awardOf({ bidder, ...award })])),
    clearingPrice: phase.kind === "done" ? phase.clearingPrice.toString() : null,
    burned: ("burned" in phase ? phase.burned : 0n).toString(),
    forfeits: commits
      .filter((one) => one.opening === null)
      .map(({ bidder, lockup }) => ({ agent: toHex(bidder), amount: lockup.toString() })),
    height: phase.endedAt,
    time: timeOf(phase.endedMs),
  };
}

/** In the order of their commits. */
export const bidViews = (ledger: Ledger, auction: Auction): readonly BidView[] =>
  [...commitsOf(ledger, auction.id)]
    .sort((a, b) => a.committedAt - b.committedAt)
    .map((commit) => bidView(auction, commit));

function bidView({ id, phase }: Auction, commit: Commit): BidView {
  const common = {
    auction: toHex(id),
    bidder: toHex(commit.bidder),
    lockup: commit.lockup.toString(),
    commitment: toHex(commit.commitment),
    committedHeight: commit.committedAt,
    standing: commit.standing,
  };
  if (commit.opening !== null) {
    const won = isEnded(phase) ? commit.award !== null : null;
    const { amount, units } = commit.opening.bid;
    return { ...common, state: "revealed", amount: amount.toString(), units, won };
  }
  return { ...common, state: isEnded(phase) ? "forfeited" : "sealed", amount: null };
}

/** An award as JSON shows it. */
export const awardOf = ({ bidder, units, pays, receives }: Award): AwardView => ({
  bidder: toHex(bidder),
  units,
  pays: pays.toString(),
  receives: receives.toString(),
});

/** A lot as JSON shows it. */
export const lotOf = (lot: Lot) => ({
  capability: lot.capability,
  units: lot.units,
  from: lot.fromMs === null ? null : timeOf(lot.fromMs),
  to: lot.toMs === null ? null : timeOf(lot.toMs),
});
