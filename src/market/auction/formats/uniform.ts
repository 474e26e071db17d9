// Uniform price: units go to the best bids, and all trade at the best amount that is not filled whole (spec/auctions#outcome).
import { awardTo, type Format, type Offer, type RevealedBid, UNSOLD } from "./format.js";
import { ranking } from "./ranking.js";

export const UNIFORM: Format = {
  isDivisible: true,
  tradesAtOwnBid: false,
  outcome(offer, bids) {
    const levels = levelsOf(ranking(offer, bids));
    if (levels.length === 0) return UNSOLD;
    const { filled, price } = fill(offer, levels);
    const awards = filled.flatMap(({ bidder, units }) =>
      units === 0 ? [] : [awardTo(offer, bidder, units, price * BigInt(units))],
    );
    return { awards, clearingPrice: price };
  },
};

type Level = readonly RevealedBid[];
interface Filled extends Pick<RevealedBid, "bidder"> {
  readonly units: number;
}

/** Bids of one amount together, in the order of their tie keys. */
function levelsOf(ranked: readonly RevealedBid[]): readonly Level[] {
  const levels: RevealedBid[][] = [];
  for (const one of ranked) {
    const last = levels.at(-1);
    if (last?.[0]?.amount === one.amount) last.push(one);
    else levels.push([one]);
  }
  return levels;
}

/** Fills level after level; of the first that is not filled whole the amount is the price, or else the reserve. */
function fill(
  offer: Offer,
  levels: readonly Level[],
): { readonly filled: readonly Filled[]; readonly price: bigint } {
  const filled: Filled[] = [];
  let left = BigInt(offer.units);
  for (const level of levels) {
    const wanted = level.reduce((sum, one) => sum + unitsOf(one), 0n);
    if (wanted > left)
      return { filled: [...filled, ...proRata(level, wanted, left)], price: level[0]!.amount };
    filled.push(...level.map((one) => ({ bidder: one.bidder, units: Number(unitsOf(one)) })));
    left -= wanted;
  }
  return { filled, price: offer.reserve };
}

/** Shares what is left by what each wants, rounded down; the rest by largest remainder, among equals by tie key. */
function proRata(level: Level, wanted: bigint, left: bigint): readonly Filled[] {
  const shares = level.map((one) => {
    const part = left * unitsOf(one);
    return { one, units: part / wanted, remainder: part % wanted };
  });
  const rest = Number(left - shares.reduce((sum, { units }) => sum + units, 0n));
  const more = new Set(
    [...shares]
      .sort((a, b) => (a.remainder === b.remainder ? 0 : a.remainder > b.remainder ? -1 : 1))
      .slice(0, rest)
      .map(({ one }) => one),
  );
  return shares.map(({ one, units }) => ({
    bidder: one.bidder,
    units: Number(units) + (more.has(one) ? 1 : 0),
  }));
}

const unitsOf = ({ units }: RevealedBid): bigint => BigInt(units ?? 0);
