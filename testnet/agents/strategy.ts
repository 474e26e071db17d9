// Strategies: how much to bid, as pure functions of value, history and funds.

/** Everything a strategy may know. Amounts are micro-credits. */
export interface Situation {
  /** what the lot is worth to the bidder; 0n: nothing */
  readonly value: bigint;
  /** clearing prices of the capability, oldest first */
  readonly history: readonly bigint[];
  /** what the bidder could lock now */
  readonly funds: bigint;
}

/** The amount to bid; 0n: no bid. */
export type Strategy = (situation: Situation) => bigint;

/**
 * Bids the value: the dominant strategy where the winner pays the second price (spec/auctions#outcome). Whoever has less than
 * the value bids all it has, which is as good as it can do.
 */
export const truthful: Strategy = ({ value, funds }) => (value < funds ? value : funds);

/** Strategies by the name that commands and reports use. */
export const STRATEGIES = { truthful } as const satisfies Readonly<Record<string, Strategy>>;
export type StrategyName = keyof typeof STRATEGIES;
