// Time as the log sees it: a leader's clock, and patience that grows while terms fail (PROTOCOL §1.5 R1, §1.7).
import type { Turn } from "./turn.js";

/** g_k = min(1.5^k, 8) in thousandths: integers, the same everywhere. */
const GROWTH = [1000, 1500, 2250, 3375, 5062, 7593, 8000] as const;

/** A time that grows with k failed terms since the last finalisation: Δ_k, PRECISION_k, MSGDELAY_k. */
export function extraMs(baseMs: number, failures: number): number {
  return Math.floor((baseMs * GROWTH[Math.min(failures, GROWTH.length - 1)]!) / 1000);
}

/**
 * A leader's clock: the least of its own and the (n−Q+1)-th smallest of the members' (own included; unknown ones
 * count as own), so that F slow or fast clocks do not put an honest proposal out of time (PROTOCOL §1.7).
 */
export function leaderClockMs(turn: Turn): number {
  const { voter, nowMs } = turn;
  const offsets = voter.clockOffsets.map((offset) => offset ?? 0).sort((a, b) => a - b);
  return Math.max(0, nowMs + Math.min(0, offsets[voter.electorate.size - voter.electorate.quorum]!));
}
