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
export type { Observed } from "./limits.js";
export { type Ask, type AskFault, type Past, Pool, type PoolRules, type Turn, type Unfit } from "./pool.js";
export type { FlowShare } from "./share.js";
