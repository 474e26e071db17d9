// Vickrey: the highest bid wins and pays the second highest, or the reserve (PROTOCOL §2.6).
import { type Bytes, compareBytes, type Hash, toHex } from "../base/index.js";
import { taggedHash } from "../crypto/index.js";
import type { AgentId, AuctionId } from "../ledger/index.js";

/** A bid that was opened in time. */
export interface RevealedBid {
  readonly bidder: AgentId;
  readonly amount: bigint;
  readonly salt: Bytes;
}

export interface VickreyOutcome {
  /** null: no bid reached the reserve */
  readonly winner: AgentId | null;
  /** what the winner pays; 0 without one */
  readonly price: bigint;
}

/**
 * tieKey = H('tie', auction ‖ sorted salts of all revealed bids at the tied amount ‖ bidder): every tied bidder fixed
 * its salt before the close, and nobody outside the tie has a say (PROTOCOL §2.6).
 * @param salts of all revealed bids at the amount, in any order
 */
export const tieKey = (auction: AuctionId, salts: readonly Bytes[], bidder: AgentId): Hash =>
  taggedHash("tie", auction, ...[...salts].sort(compareBytes), bidder);

/**
 * Bids that reach the reserve, best first: by amount descending, then by tie key ascending.
 * @param bids at most one of each bidder, in any order
 */
export function ranking(
  auction: AuctionId,
  reserve: bigint,
  bids: readonly RevealedBid[],
): readonly RevealedBid[] {
  const valid = bids.filter((one) => one.amount >= reserve);
  const keys = tieKeys(auction, valid);
  return [...valid].sort((a, b) => {
    if (a.amount !== b.amount) return a.amount > b.amount ? -1 : 1;
    return compareBytes(keys.get(toHex(a.bidder))!, keys.get(toHex(b.bidder))!);
  });
}

/** The tie keys of those who are tied, by hex of the bidder. */
function tieKeys(auction: AuctionId, bids: readonly RevealedBid[]): ReadonlyMap<string, Hash> {
  const levels = new Map<bigint, RevealedBid[]>();
  for (const one of bids) {
    const level = levels.get(one.amount);
    if (level === undefined) levels.set(one.amount, [one]);
    else level.push(one);
  }
  const keys = new Map<string, Hash>();
  for (const tied of levels.values()) {
    if (tied.length === 1) continue;
    const salts = tied.map((one) => one.salt);
    for (const one of tied) keys.set(toHex(one.bidder), tieKey(auction, salts, one.bidder));
  }
  return keys;
}

/**
 * The winner pays max(second valid bid, reserve); a lone one pays the reserve.
 * @param reserve the one that applies: the hidden one if it was opened, else the public one
 */
export function vickrey(auction: AuctionId, reserve: bigint, bids: readonly RevealedBid[]): VickreyOutcome {
  const [first, second] = ranking(auction, reserve, bids);
  if (first === undefined) return { winner: null, price: 0n };
  return { winner: first.bidder, price: second?.amount ?? reserve };
}
