// How often an own operation that no entry holds yet is handed to others.
import type { Operation } from "../market/index.js";

export interface RepetitionRules {
  /** Whether an operation is repeated at one pace and before all others: its moment passes, and its number is bounded. */
  isPressing(operation: Operation): boolean;
  /** after how many intervals one that was repeated so often is repeated again */
  intervals(times: number): number;
  /** how many of those that do not press are repeated in one interval */
  readonly most: number;
}

/** From then on the interval grows no more. */
const MOST_INTERVALS = 32;

/**
 * What waits since the network is busy is not missing. Repeated at one pace, the more waits the more is repeated, and the
 * busier is the network: so the interval doubles, and the whole has a bound.
 */
export const REPETITION: RepetitionRules = {
  isPressing: ({ authority }) => authority === null,
  intervals: (times) => Math.min(2 ** times, MOST_INTERVALS),
  most: 16,
};
