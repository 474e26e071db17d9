// The order of sealed bids: the better amount first, and among equals by a key in which nobody has a say.
import { type Bytes, compareBytes, type Hash } from "../../../base/index.js";
import { taggedHashes } from "../../../crypto/index.js";
import type { AgentId } from "../../../ledger/index.js";
import type { AuctionId } from "../id.js";
import type { Offer, RevealedBid } from "./format.js";

/**
 * The tie keys of those who are tied at one amount, by bidder: H('tie', auction ‖ sorted salts of all revealed bids at
 * the amount ‖ bidder). Every tied bidder fixed its salt before the close, and nobody outside the tie has a say
 * (spec/auctions#tie-key). The salts are hashed once for all: ties are the rule where lockups are uniform, and others choose
 * how many there are.
 * @param salts of all revealed bids at the amount, in any order
 */
export const tieKeys = (auction: AuctionId, salts: readonly Bytes[]): ((bidder: AgentId) => Hash) =>
  taggedHashes("tie", [auction, ...[...salts].sort(compareBytes)]);

/**
 * Bids that reach the reserve, best first: of a sale the highest, of a purchase the lowest, among equals by tie key
 * ascending.
 * @param bids at most one of each bidder, in any order
 */
export function ranking(
  { auction, direction, reserve }: Omit<Offer, "units">,
  bids: readonly RevealedBid[],
): readonly RevealedBid[] {
  const isBetter = (a: bigint, b: bigint): boolean => (direction === "sell" ? a > b : a < b);
  const levels = new Map<bigint, RevealedBid[]>();
  for (const one of bids) {
    if (isBetter(reserve, one.amount)) continue;
    const level = levels.get(one.amount);
    if (level === undefined) levels.set(one.amount, [one]);
    else level.push(one);
  }
  return [...levels]
    .sort(([a], [b]) => (isBetter(a, b) ? -1 : 1))
    .flatMap(([, tied]) => (tied.length === 1 ? tied : byTieKey(auction, tied)));
}

function byTieKey(auction: AuctionId, tied: readonly RevealedBid[]): readonly RevealedBid[] {
  const keyOf = tieKeys(
    auction,
    tied.map(({ salt }) => salt),
  );
  return tied
    .map((one) => ({ one, key: keyOf(one.bidder) }))
    .sort((a, b) => compareBytes(a.key, b.key))
    .map(({ one }) => one);
}
