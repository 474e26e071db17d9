// Efficiency: the winners' total value over the greatest total value that was feasible (spec/api#R5).
import type { Hex } from "../../src/base/index.js";

/** One settled auction with what its lot was worth to whom, in micro-credits. */
export interface ValuedAuction {
  readonly winner: Hex | null;
  readonly reserve: bigint;
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
  for (const { winner, reserve, values } of auctions) {
    const greatest = [...values.values()].reduce((a, b) => (a > b ? a : b), 0n);
    if (greatest < reserve) continue;
    best += greatest;
    won += winner === null ? 0n : (values.get(winner) ?? 0n);
  }
  return best === 0n ? null : Number((won * PARTS) / best) / Number(PARTS);
}
