// mabeam/testnet: real peers in one process, for other people's tests.
import "../node/polyfill.js";

export type { Rhythm } from "./agents/auctioneer.js";
export type { Decision, Journal } from "./agents/journal.js";
export { type Situation, STRATEGIES, type Strategy, type StrategyName, truthful } from "./agents/strategy.js";
export { createTestnet, type ServedApi, type TestnetForTests } from "./for-tests.js";
export type { PlannedAgent, TestnetPlan, TestnetSize } from "./plan.js";
export type { Testnet, TestnetOptions, Trading } from "./testnet.js";
