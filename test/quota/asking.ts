// Requests and rules of a pool for tests.
import type { Ask, PoolRules, Use } from "../../src/quota/index.js";

export const MINUTE = 60_000;
export const RPM = { dimension: "requests", limit: 60, windowMs: MINUTE } as const;
export const TPM = { dimension: "tokens", limit: 100_000, windowMs: MINUTE } as const;

export const RULES: PoolRules = {
  limits: [RPM, TPM],
  output: "asked",
  headroomBp: 100,
  floorBp: 500,
  interactiveBp: 0,
  memory: { halfLifeMs: MINUTE, credit: 0 },
  congestion: { first: 1_000, most: 1_000, pauseMs: 1_000 },
  maxWaiting: 10_000,
  maxWaitingPerFlow: 1_000,
};

export const use = (inputTokens: number, outputTokens = 0): Use => ({ inputTokens, outputTokens });
let made = 0;
export const ask = (flow: string, estimate: Use, more: Partial<Ask> = {}): Ask => ({
  id: `request-${made++}`,
  flow,
  band: "normal",
  weight: 1,
  estimate,
  untilMs: Number.MAX_SAFE_INTEGER,
  ...more,
});
