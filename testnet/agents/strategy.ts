// Strategies: how much to bid, as pure functions of value, history, funds and what the winner pays.
import { equilibriumBid } from "../../src/market/strategies/index.js";

/** Everything a strategy may know. Amounts are micro-credits. */
export interface Situation {
  /** what the lot is worth to the bidder; 0n: nothing */
  readonly value: bigint;
  /** clearing prices of the capability, oldest first */
  readonly history: readonly bigint[];
  /** what the bidder could lock now */
  readonly funds: bigint;
  /** whether the winner pays its own bid */
  readonly tradesAtOwnBid: boolean;
  /** how many others may bid: at least 1 */
  readonly rivals: number;
}

/** The amount to bid; 0n: no bid. */
export type Strategy = (situation: Situation) => bigint;

/**
 * Bids the value: the dominant strategy where the winner pays the second price (spec/auctions#outcome). Whoever has less than
 * the value bids all it has, which is as good as it can do.
 */
export const truthful: Strategy = ({ value, funds }) => (value < funds ? value : funds);

/**
 * Bids n/(n+1) of the value against n rivals: where the winner pays its own bid and values are drawn alike, no other
 * bid is better while the rivals do the same (Vickrey 1961).
 */
export const shaded: Strategy = ({ value, funds, rivals }) => {
  const bid = equilibriumBid(value, rivals);
  return bid < funds ? bid : funds;
};

/** Truth where another's bid is the price, a shaded bid where the own one is. */
export const equilibrium: Strategy = (situation) =>
  situation.tradesAtOwnBid ? shaded(situation) : truthful(situation);

/** Strategies by the name that commands and reports use. */
export const STRATEGIES = { truthful, shaded, equilibrium } as const satisfies Readonly<
  Record<string, Strategy>
>;
export type StrategyName = keyof typeof STRATEGIES;
