// Quota: who may send when, so that no limit of a key is passed and each gets its share.
export {
  type Dimension,
  type Limit,
  limitName,
  NO_USE,
  type OutputCount,
  type Use,
  type Weights,
} from "./amounts.js";
export type { Band } from "./bands.js";
export type { CongestionRules } from "./congestion.js";
export { Conversations, MARK_LETTERS, type Trail } from "./conversations.js";
export { Estimator, type Outline, type Told } from "./estimate.js";
export { Exchange, type ExchangeMessage, type Outgoing, type Step } from "./exchange.js";
export {
  decodeExchange,
  type ExchangeFrame,
  encodeExchange,
  MAX_EXCHANGE_BYTES,
} from "./exchange-wire.js";
export type { Fairness, Memory } from "./fair-queue.js";
export type { Evidence } from "./lending.js";
export type { Observed, Taken } from "./limits.js";
export { flowedMost, type Part } from "./part.js";
export { type Borrowed, type Flowed, type Loan, type ToldLevel, WHOLE_PARTS } from "./parts.js";
export { Pool } from "./pool.js";
export type { PoolRules } from "./pool-rules.js";
export type { Ask, AskFault, Past, Place, Turn, Unfit, Waited, Waiting } from "./request.js";
export type { FlowShare } from "./share.js";
export type { Cause, Causes, Wait } from "./waits.js";
