// What a story is made of, by chance: its rules, its limits, and what may happen in it.
import type { Limit, PoolRules } from "../../../src/quota/index.js";
import type { Random } from "../../../testnet/lab/simulate/world/random.js";
import { MINUTE } from "./scene.js";

/** What a story may be made of. */
export interface Traits {
  /** estimates are wrong, requests reach nobody, weights change */
  readonly isCorrected: boolean;
  /** the upstream refuses, and lets few run at once */
  readonly isRefused: boolean;
  /** limits change */
  readonly isRelimited: boolean;
  /** processes begin anew */
  readonly isRestarted: boolean;
}

export function someRules(random: Random, limits: readonly Limit[], isRefused: boolean): PoolRules {
  const width = isRefused ? random.between(1, 6) : 1_000;
  const rules: PoolRules = {
    limits,
    output: random.pick(["asked", "written"]),
    headroomBp: random.pick([0, 100, 2_500]),
    floorBp: random.pick([500, 1_000]),
    interactiveBp: random.branch("interactive").pick([0, 500, 3_000]),
    memory: { halfLifeMs: random.between(1_000, MINUTE), credit: random.pick([0, 0, 3e8]) },
    congestion: { first: random.between(1, width), most: width, pauseMs: 3_000 },
    maxWaiting: 1_000,
    maxWaitingPerFlow: 1_000,
  };
  return isRefused ? rules : { ...rules, congestion: { first: 1_000, most: 1_000, pauseMs: 1 } };
}

export function someLimits(random: Random): readonly Limit[] {
  const all: readonly Limit[] = [
    { dimension: "requests", limit: random.between(1, 40), windowMs: MINUTE },
    { dimension: "tokens", limit: random.between(9_000, 60_000), windowMs: MINUTE },
    { dimension: "inputTokens", limit: random.between(8_000, 60_000), windowMs: MINUTE },
    { dimension: "outputTokens", limit: random.between(3_000, 30_000), windowMs: MINUTE },
    { dimension: "requests", limit: random.between(20, 400), windowMs: 10 * MINUTE },
  ];
  return all.filter(() => random.chance(0.5));
}
