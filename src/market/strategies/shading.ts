// Shading: what of its value a bidder keeps where the winner trades at its own bid.
import type { Sale } from "./situation.js";

/**
 * (n − 1)/n of the value among n bidders: where values are drawn alike and evenly, no other bid is better while the
 * others bid so too (Vickrey 1961, Counterspeculation, Auctions and Competitive Sealed Tenders, §III).
 */
export const equilibriumBid = (value: bigint, rivals: number): bigint =>
  (value * BigInt(rivals)) / BigInt(rivals + 1);

/**
 * (n − 1)/(n − 1 + ρ) of the value with ρ = 1/2: the same equilibrium among bidders to whom half of a gain is worth more
 * than half as much (Cox, Smith and Walker 1988, Theory and Individual Behavior of First-Price Auctions). It wins more often,
 * and keeps less.
 */
export const eagerBid = (value: bigint, rivals: number): bigint =>
  (value * BigInt(2 * rivals)) / BigInt(2 * rivals + 1);

/** From so many prices on they say more of the others than the supposition that all values are drawn alike. */
export const ENOUGH_PRICES = 8;

/**
 * The bid that would have gained most against the prices so far: the least one that beats a price p is p + 1, and gains
 * value − (p + 1) as often as a price is at most p. Where no price could have been beaten, or there are too few, it is
 * the equilibrium's. Maximising over past prices is the best reply to what rivals
 * did (Feng, Podimata and Syrgkanis 2018, Learning to Bid Without Knowing your Value, take it as the benchmark).
 */
export function bestReply({ value, prices, rivals }: Pick<Sale, "value" | "prices" | "rivals">): bigint {
  const sorted = [...prices].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  if (sorted.length < ENOUGH_PRICES || value <= sorted[0]!) return equilibriumBid(value, rivals);
  let best = sorted[0]! + 1n;
  let gain = -1n;
  for (const [below, price] of sorted.entries()) {
    const bid = price + 1n;
    if (bid > value) break;
    const would = (value - bid) * BigInt(below + 1);
    // Of equal prices the last says how often they are beaten; of equal gains the greater bid is taken.
    if (would < gain) continue;
    best = bid;
    gain = would;
  }
  return best;
}
