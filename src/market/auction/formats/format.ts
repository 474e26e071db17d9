// What an auction format is: a pure function from revealed bids to what is won, and at which price.
import { amount, type Bytes, optional, struct, type TypeOf, uint } from "../../../base/index.js";
import type { AgentId } from "../../../ledger/index.js";
import type { AuctionId } from "../id.js";

export const DIRECTIONS = ["sell", "buy"] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** A sealed bid: what is hashed into a commitment and opened by a reveal. */
export const bid = struct({
  /** of the whole lot, or of one unit where the format is divisible */
  amount: [0, amount],
  /** how many units it is for; absent: of the lot as a whole */
  units: [1, optional(uint(undefined, 1))],
});
export type Bid = TypeOf<typeof bid>;

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
export interface RevealedBid extends Bid {
  readonly bidder: AgentId;
  readonly salt: Bytes;
  /** the bidder's, in bp, when its commit was included */
  readonly standing: number;
}

/** What a format decides about. */
export interface Offer {
  readonly auction: AuctionId;
  readonly direction: Direction;
  readonly units: number;
  /** the one that applies: the hidden reserve if it was opened, else the public one */
  readonly reserve: bigint;
  /** of a purchase: by how much, in bp, an ask counts for more whose bidder has no standing at all; 0: it weighs none */
  readonly standingWeight: number;
}

export interface Format {
  /** whether amounts are of one unit, bids say of how many, and several may win */
  readonly isDivisible: boolean;
  /** whether a winner trades at its own amount, so that a bid of the true value gains nothing */
  readonly tradesAtOwnBid: boolean;
  /** @param bids at most one of each bidder, in any order */
  outcome(offer: Offer, bids: readonly RevealedBid[]): Outcome;
}

/** The outcome when no bid is valid. */
export const UNSOLD: Outcome = { awards: [], clearingPrice: null };

/** What a bidder wins: it pays for what it is sold, and receives for what it sells. @param sum for all the units */
export const awardTo = ({ direction }: Offer, bidder: AgentId, units: number, sum: bigint): Award =>
  direction === "sell"
    ? { bidder, units, pays: sum, receives: 0n }
    : { bidder, units, pays: 0n, receives: sum };

/** The outcome when one bidder wins the whole lot. */
export const wonWhole = (offer: Offer, bidder: AgentId, price: bigint): Outcome => ({
  awards: [awardTo(offer, bidder, offer.units, price)],
  clearingPrice: price,
});

/** What a bid may cost its bidder, or bring it, at its own amount. */
export const worthOf = ({ amount: each, units }: Bid): bigint => each * BigInt(units ?? 1);
