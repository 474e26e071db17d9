// Efficiency: the winners' total value over the greatest total value that was feasible (spec/api#R5).
import type { Hex } from "../../src/base/index.js";

/** One settled auction with what its lot was worth to whom, in micro-credits. */
export interface ValuedAuction {
  readonly awards: readonly { readonly bidder: Hex; readonly units: number }[];
  readonly units: number;
  /** of how many a bidder has a use at most */
  readonly wanted: number;
  /** for all units */
  readonly reserve: bigint;
  /** of all units, by bidder */
  readonly values: ReadonlyMap<Hex, bigint>;
}

const PARTS = 1_000_000n;

/**
 * 0..1. A lot that nobody values at its reserve is best kept, and counts for nothing; sold to nobody although
 * somebody does, it counts as lost. null: there was nothing to gain anywhere.
 */
export function efficiencyOf(auctions: readonly ValuedAuction[]): number | null {
  let won = 0n;
  let best = 0n;
  for (const { awards, units, wanted, reserve, values } of auctions) {
    const worth = (value: bigint, some: number): bigint => (value * BigInt(some)) / BigInt(units);
    const useful = [...values.values()].filter((value) => value >= reserve);
    let left = units;
    for (const value of useful.sort((a, b) => (a > b ? -1 : 1))) {
      const some = Math.min(left, wanted);
      best += worth(value, some);
      left -= some;
    }
    if (useful.length === 0) continue;
    for (const one of awards) won += worth(values.get(one.bidder) ?? 0n, one.units);
  }
  return best === 0n ? null : Number((won * PARTS) / best) / Number(PARTS);
}
