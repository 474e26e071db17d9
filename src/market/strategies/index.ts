// Strategies: how much to bid for what a lot is worth, as pure functions of integers. Any of them may be used from the SDK.
import { bestReply, eagerBid } from "./shading.js";
import { least, type Memory, type Sale, type Strategy, strategyOf } from "./situation.js";

export { equilibriumBid } from "./shading.js";
export { type Memory, NO_MEMORY, type Situation, type Strategy } from "./situation.js";

const truth = ({ value }: Sale): bigint => value;
const rational = (sale: Sale): bigint => (sale.tradesAtOwnBid ? bestReply(sale) : sale.value);

/** Bids the value: nothing is better where another's bid is the price (Vickrey 1961), and nothing is kept where the own one is. */
export const truthful = (): Strategy => strategyOf("truthful", truth);

/** The truth where another's bid is the price; where the own one is, the best reply to what lots went for. */
export const strategic = (): Strategy => strategyOf("strategic", rational);

const BASIS_POINTS = 10_000n;
/** How far an estimate of a value may be off, by itself. */
const DOUBT_BP = 1000;

/**
 * Strategic, of a value that is an estimate: of n estimates that are each off by up to a share e, evenly, the winner's is
 * too high by e · (n − 1)/(n + 1) on average, and that is taken off before (the winner's curse: Capen, Clapp and Campbell
 * 1971, Competitive Bidding in High-Risk Situations; Milgrom and Weber 1982).
 * @param doubtBp e, in bp: 0 to 9,999
 */
export function conservative({ doubtBp = DOUBT_BP }: { readonly doubtBp?: number } = {}): Strategy {
  if (!Number.isInteger(doubtBp) || doubtBp < 0 || doubtBp > 9999)
    throw new RangeError(`doubtBp is 0 to 9,999, not ${doubtBp}`);
  const inner = strategyOf("conservative", rational);
  const errorOf = (value: bigint, rivals: number): bigint =>
    (value * BigInt(doubtBp) * BigInt(rivals)) / (BASIS_POINTS * BigInt(rivals + 2));
  return {
    ...inner,
    bid(situation, memory) {
      const { value, rivals, direction } = situation;
      const error = errorOf(value, rivals);
      return inner.bid({ ...situation, value: direction === "sell" ? value - error : value + error }, memory);
    },
  };
}

/** The truth where another's bid is the price; where the own one is, it keeps less than the equilibrium does and wins more often. */
export const aggressive = (): Strategy =>
  strategyOf("aggressive", ({ tradesAtOwnBid, value, rivals }) =>
    tradesAtOwnBid ? eagerBid(value, rivals) : value,
  );

const MILLION = 1_000_000n;
/** A bid is never divided by more than 101. */
const MOST_MULTIPLIER = 100n * MILLION;

/** What is to be spent in sales, and over how many lots that are bid for. */
export interface Pace {
  /** micro-credits, positive */
  readonly total: bigint;
  /** 1 to 2^53 − 1 */
  readonly lots: number;
}

/**
 * Strategic, with each bid divided by 1 + μ, so that a budget lasts: after each lot μ rises by what was spent beyond
 * total/lots and falls by what was left of it, in steps of 1/√lots (adaptive pacing: Balseiro and Gur 2019, Learning in Repeated
 * Auctions with Budgets). What is spent never exceeds the total.
 */
export function budgetPaced({ total, lots }: Pace): Strategy {
  if (typeof total !== "bigint" || total <= 0n)
    throw new RangeError(`total is positive micro-credits, not ${total}`);
  if (!Number.isSafeInteger(lots) || lots < 1)
    throw new RangeError(`lots is a count of 1 or more, not ${lots}`);
  const step = MILLION / root(BigInt(lots));
  const paced = (sale: Sale, { multiplierPpm }: Memory): bigint =>
    (rational(sale) * MILLION) / (MILLION + multiplierPpm);
  const learn = ({ multiplierPpm, spent }: Memory, paid: bigint): Memory => {
    const moved = multiplierPpm + (step * (paid * BigInt(lots) - total)) / total;
    return { multiplierPpm: moved < 0n ? 0n : least(moved, MOST_MULTIPLIER), spent: spent + paid };
  };
  const inner = strategyOf("budgetPaced", paced, learn);
  return {
    ...inner,
    bid(situation, memory) {
      if (situation.direction === "buy") return inner.bid(situation, { ...memory, multiplierPpm: 0n });
      const left = total - memory.spent;
      return left <= 0n ? 0n : inner.bid({ ...situation, most: least(situation.most, left) }, memory);
    },
  };
}

/** ⌊√n⌋ of n ≥ 1 (Newton's method from above). */
function root(n: bigint): bigint {
  let at = n;
  for (let next = (at + 1n) / 2n; next < at; next = (at + n / at) / 2n) at = next;
  return at;
}
