// What an auction format is: a pure function from revealed bids to what is won, and at which price.
import type { AgentId } from "../../../ledger/index.js";
import type { AuctionId } from "../terms.js";
import type { RevealedBid } from "./ranking.js";

/** What one bidder wins, and what it pays. */
export interface Award {
  readonly bidder: AgentId;
  readonly units: number;
  readonly pays: bigint;
}

export interface Outcome {
  /** best bid first; empty: no bid was valid */
  readonly awards: readonly Award[];
  /** what a unit cost; null without awards */
  readonly clearingPrice: bigint | null;
}

/** What a format decides about. */
export interface Offer {
  readonly auction: AuctionId;
  readonly units: number;
  /** the one that applies: the hidden reserve if it was opened, else the public one */
  readonly reserve: bigint;
}

export interface Format {
  /** @param bids at most one of each bidder, in any order */
  outcome(offer: Offer, bids: readonly RevealedBid[]): Outcome;
}

/** The outcome when no bid is valid. */
export const UNSOLD: Outcome = { awards: [], clearingPrice: null };
