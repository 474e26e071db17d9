// Views: auctions and bids as the API shows them, read from the state.
import { compareText, toHex } from "../base/index.js";
import {
  type AgentId,
  type Auction,
  type AuctionId,
  type AuctionTerms,
  type Commit,
  closeMsOf,
  type Ledger,
  type PhaseKind,
} from "../ledger/index.js";
import { leadersOf } from "./phase.js";

export interface BidView {
  readonly bidder: AgentId;
  readonly lockup: bigint;
  readonly committedAt: number;
  /** null until it is revealed: before that nobody but the bidder knows */
  readonly amount: bigint | null;
}

export interface AuctionView {
  readonly id: AuctionId;
  readonly seller: AgentId;
  readonly terms: AuctionTerms;
  readonly createdAt: number;
  readonly createdMs: number;
  readonly phase: PhaseKind;
  /** ledger time at which the phase may end; null: not fixed yet, or ended */
  readonly closeMs: number | null;
  /** leaders counted in this phase so far; F+1 of them must be */
  readonly leadersCounted: number;
  readonly commits: number;
  readonly reveals: number;
  readonly openedReserve: bigint | null;
  readonly endedMs: number | null;
  readonly winner: AgentId | null;
  readonly price: bigint | null;
  readonly burned: bigint | null;
  /** in the order of their bidders */
  readonly bids: readonly BidView[];
}

export const phaseOf = (auction: Auction): PhaseKind => auction.phase.kind;

/** An auction with its bids, or null if it is unknown or forgotten. */
export function viewAuction(ledger: Ledger, id: AuctionId): AuctionView | null {
  const auction = ledger.auctionOf(id);
  return auction === null ? null : viewOf(ledger, auction);
}

/** All auctions in the state, in the order of their creation, then of their ids. */
export const listAuctions = (ledger: Ledger): readonly AuctionView[] =>
  [...ledger.auctions.values()]
    .sort((a, b) => a.createdAt - b.createdAt || compareText(toHex(a.id), toHex(b.id)))
    .map((auction) => viewOf(ledger, auction));

function viewOf(ledger: Ledger, auction: Auction): AuctionView {
  const { phase, terms } = auction;
  const running = phase.kind === "open" || phase.kind === "reveal";
  return {
    id: auction.id,
    seller: auction.seller,
    terms,
    createdAt: auction.createdAt,
    createdMs: auction.createdMs,
    phase: phase.kind,
    closeMs: phase.kind === "scheduled" ? terms.openMs : running ? closeMsOf(phase, ledger.clock) : null,
    leadersCounted: running ? leadersOf(phase, phase.epoch).length : 0,
    commits: auction.commits,
    reveals: auction.reveals,
    openedReserve: auction.openedReserve,
    endedMs: "endedMs" in phase ? phase.endedMs : null,
    winner: phase.kind === "done" ? phase.winner : null,
    price: phase.kind === "done" ? phase.price : null,
    burned: "burned" in phase ? phase.burned : null,
    bids: ledger.commitsOf(auction.id).map(bidView),
  };
}

const bidView = ({ bidder, lockup, committedAt, opening }: Commit): BidView => ({
  bidder,
  lockup,
  committedAt,
  amount: opening?.bid.amount ?? null,
});
