// What an oracle is: a format's outcome once more, in the dullest way, from its section of the specification alone.
import type { Bytes, Hash, Hex } from "../../../../src/base/index.js";

/** What one bidder wins, and what it pays. */
export interface Award {
  readonly bidder: Hex;
  readonly units: number;
  readonly pays: bigint;
}

/** What is decided about. */
export interface Lot {
  readonly auction: Hash;
  readonly units: number;
  /** the one that applies: the hidden reserve if it was opened, else the public one */
  readonly reserve: bigint;
}

/** A bid that was opened in time. */
export interface ShownBid {
  readonly bidder: Bytes;
  readonly amount: bigint;
  readonly salt: Bytes;
}

/** Awards, best bid first; none: nothing is sold. @param bids at most one of each bidder, in any order */
export type Oracle = (lot: Lot, bids: readonly ShownBid[]) => readonly Award[];
