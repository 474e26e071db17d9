// Quota: who may send when, so that no limit of a key is passed and each gets its share.
export {
  type Dimension,
  type Limit,
  NO_USE,
  type OutputCount,
  type Use,
  type Weights,
} from "./amounts.js";
export type { Band } from "./bands.js";
export type { CongestionRules } from "./congestion.js";
export { Estimator, type Outline } from "./estimate.js";
export type { Memory } from "./fair-queue.js";
export { type Ask, type AskFault, type Observed, Pool, type PoolRules, type Turn } from "./pool.js";
