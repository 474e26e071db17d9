// By which rules an upstream of this world answers.

import type { Clock } from "./clock.js";
import type { CustomerRules } from "./customer.js";
import type { DialectName } from "./dialects/dialects.js";
import { type FaultPlan, faultsInOrder } from "./faults.js";
import { type Figures, limitsOf } from "./limits.js";
import type { CacheRules } from "./prompt-cache.js";

export interface UpstreamRules {
  readonly dialect: DialectName;
  readonly customers: readonly CustomerRules[];
  readonly models: readonly string[];
  readonly clock: Clock;
  readonly seed: number;
  readonly pace: Pace;
  readonly cache: CacheRules;
  readonly faults: FaultPlan;
  /** larger bodies are refused */
  readonly maxBodyBytes: number;
}

/** How fast the model is. */
export interface Pace {
  readonly firstByteMs: number;
  /** null: all at once */
  readonly tokensPerSecond: number | null;
}

/** The key that an upstream knows where nobody names another. */
export const USUAL_KEY = "sk-upstream-0001";

const MODELS: Readonly<Record<DialectName, readonly string[]>> = {
  openai: ["gpt-upstream", "gpt-upstream-mini"],
  azure: ["gpt-upstream"],
  anthropic: ["claude-upstream", "claude-upstream-small"],
  google: ["gemini-upstream"],
};

/** An upstream without faults, which writes at once: one key with these limits. */
export function plainRules(
  dialect: DialectName,
  clock: Clock,
  seed: number,
  figures: Figures,
): UpstreamRules {
  const limits = limitsOf(dialect, figures);
  return {
    dialect,
    customers: [
      {
        key: USUAL_KEY,
        limits: { limits, burstMs: null, countsFailed: false, acceleration: null, hidden: null },
        paidTokens: null,
      },
    ],
    models: MODELS[dialect],
    clock,
    seed,
    pace: { firstByteMs: 0, tokensPerSecond: null },
    cache: { keptMs: 300_000, least: 1_024, missChance: 0 },
    faults: faultsInOrder([]),
    maxBodyBytes: 32 * 1024 * 1024,
  };
}
