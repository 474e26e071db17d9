// What an oracle is: a format's outcome once more, in the dullest way, from its section of the specification alone.
import { type Bytes, compareBytes, type Hash, type Hex, toHex } from "../../../../src/base/index.js";
import { taggedHash } from "../../../../src/crypto/index.js";

/** What one bidder wins, and what it pays or receives. */
export interface Award {
  readonly bidder: Hex;
  readonly units: number;
  readonly pays: bigint;
  readonly receives: bigint;
}

export interface Verdict {
  /** none: no bid was valid */
  readonly awards: readonly Award[];
  /** null without awards */
  readonly clearingPrice: bigint | null;
}

/** What is decided about. */
export interface Lot {
  readonly auction: Hash;
  /** whether its creator sells or buys it */
  readonly direction: "sell" | "buy";
  readonly units: number;
  /** the one that applies: the hidden reserve if it was opened, else the public one */
  readonly reserve: bigint;
  /** in bp; 0: standing weighs nothing */
  readonly standingWeight: number;
}

/** A bid that was opened in time. */
export interface ShownBid {
  readonly bidder: Bytes;
  readonly amount: bigint;
  /** of how many units; null: of the lot as a whole */
  readonly units: number | null;
  readonly salt: Bytes;
  /** in bp */
  readonly standing: number;
}

/** @param bids at most one of each bidder, in any order */
export type Oracle = (lot: Lot, bids: readonly ShownBid[]) => Verdict;

/** Bids that reach the reserve. */
export const reaching = ({ direction, reserve }: Lot, bids: readonly ShownBid[]): readonly ShownBid[] =>
  bids.filter(({ amount }) => (direction === "sell" ? amount >= reserve : amount <= reserve));

/** An ask counts for more by a weight that grows with what its bidder lacks of 10,000 bp. */
export const scoreOf = ({ standingWeight }: Lot, { amount, standing }: ShownBid): bigint =>
  amount * (100_000_000n + BigInt(standingWeight * (10_000 - standing)));

/** Each of the tied with its H('tie', auction ‖ sorted salts of the tied ‖ bidder), the least first. */
export function byTieKey(auction: Hash, tied: readonly ShownBid[]): readonly ShownBid[] {
  const salts = tied.map(({ salt }) => salt).sort(compareBytes);
  const keyed = tied.map((bid) => ({ bid, key: taggedHash("tie", auction, ...salts, bid.bidder) }));
  return keyed.sort((a, b) => compareBytes(a.key, b.key)).map(({ bid }) => bid);
}

/** The bid that no other is before: the best score, then the least tie key. */
export function first(lot: Lot, bids: readonly ShownBid[]): ShownBid | null {
  if (bids.length === 0) return null;
  const scores = bids.map((one) => scoreOf(lot, one)).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const best = lot.direction === "sell" ? scores[scores.length - 1] : scores[0];
  return byTieKey(
    lot.auction,
    bids.filter((one) => scoreOf(lot, one) === best),
  )[0]!;
}

/** The whole lot goes to, or comes from, one bidder at a price. */
export function whole({ direction, units }: Lot, { bidder }: ShownBid, price: bigint): Verdict {
  const money = direction === "sell" ? { pays: price, receives: 0n } : { pays: 0n, receives: price };
  return { awards: [{ bidder: toHex(bidder), units, ...money }], clearingPrice: price };
}
