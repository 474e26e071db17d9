// What an auction format is: a pure function from revealed bids to what is won, and at which price.
import { amount, type Bytes, struct, type TypeOf, uint } from "../../../base/index.js";
import type { AgentId } from "../../../ledger/index.js";
import type { AuctionId } from "../id.js";

export const DIRECTIONS = ["sell", "buy"] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** What a commit has won: units, and the micro-credits that change hands for them. */
export const award = struct({ units: [0, uint(undefined, 1)], pays: [1, amount], receives: [2, amount] });

/** What one bidder wins, and what it pays or receives for it. */
export interface Award extends TypeOf<typeof award> {
  readonly bidder: AgentId;
}

export interface Outcome {
  /** best bid first; empty: no bid was valid */
  readonly awards: readonly Award[];
  /** the price that the bids have found; null without awards */
  readonly clearingPrice: bigint | null;
}

/** A bid that was opened in time. */
export interface RevealedBid {
  readonly bidder: AgentId;
  readonly amount: bigint;
  readonly salt: Bytes;
}

/** What a format decides about. */
export interface Offer {
  readonly auction: AuctionId;
  readonly direction: Direction;
  readonly units: number;
  /** the one that applies: the hidden reserve if it was opened, else the public one */
  readonly reserve: bigint;
}

export interface Format {
  /** whether a winner trades at its own amount, so that a bid of the true value gains nothing */
  readonly tradesAtOwnBid: boolean;
  /** @param bids at most one of each bidder, in any order */
  outcome(offer: Offer, bids: readonly RevealedBid[]): Outcome;
}

/** The outcome when no bid is valid. */
export const UNSOLD: Outcome = { awards: [], clearingPrice: null };

/** The outcome when one bidder wins the whole lot: it pays for what it is sold, and receives for what it sells. */
export const wonWhole = ({ direction, units }: Offer, bidder: AgentId, price: bigint): Outcome => ({
  awards: [
    direction === "sell"
      ? { bidder, units, pays: price, receives: 0n }
      : { bidder, units, pays: 0n, receives: price },
  ],
  clearingPrice: price,
});
