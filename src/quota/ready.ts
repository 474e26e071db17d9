// When the request that is next may go, and what holds it back until then.
import type { Congestion } from "./congestion.js";
import type { Limits } from "./limits.js";
import type { Ask } from "./request.js";
import type { Block, Cause } from "./waits.js";

export interface Ready {
  /** now, at a time, or null: not before something happens */
  readonly atMs: number | null;
  readonly block: Block;
}

/** What of each limit is left to others, and until when. */
export interface Kept {
  readonly bp: number;
  readonly untilMs: number;
}

/** What holds it back is whatever does so for the longest. @param running how many requests run @param kept null: nothing */
export function readyAt(
  ask: Ask,
  limits: Limits,
  congestion: Congestion,
  running: number,
  nowMs: number,
  kept: Kept | null,
): Ready {
  const ready = readyBeside(ask, limits, congestion, running, nowMs, kept?.bp ?? 0);
  const isSooner = kept !== null && (ready.atMs === null || ready.atMs > kept.untilMs);
  if (!isSooner) return ready;
  // What is left to others until then is not any more after it.
  const { atMs } = readyBeside(ask, limits, congestion, running, nowMs, 0);
  return {
    ...ready,
    atMs:
      atMs === null ? null : Math.min(ready.atMs ?? Number.POSITIVE_INFINITY, Math.max(atMs, kept.untilMs)),
  };
}

function readyBeside(
  { id, estimate }: Ask,
  limits: Limits,
  congestion: Congestion,
  running: number,
  nowMs: number,
  keptBp: number,
): Ready {
  const pauseUntilMs = congestion.blockedUntil(nowMs);
  const held = (atMs: number | null, cause: Cause): Ready => ({ atMs, block: { id, pauseUntilMs, cause } });
  if (running >= congestion.width) return held(null, "width");
  const lack = limits.lackFor(estimate, nowMs, keptBp);
  if (lack === null) return held(pauseUntilMs ?? nowMs, "pause");
  if (lack.ms === null) return held(null, lack.dimension);
  return held(Math.max(pauseUntilMs ?? nowMs, nowMs + lack.ms), lack.dimension);
}

/** What it lacks of limits, where nothing else holds it back: billionths of the key's, > 0; null: a loan would not help. */
export function shortfallOf(
  { estimate }: Ask,
  limits: Limits,
  congestion: Congestion,
  running: number,
  nowMs: number,
  kept: Kept | null,
): number | null {
  if (running >= congestion.width || congestion.blockedUntil(nowMs) !== null) return null;
  const short = limits.shortBy(estimate, nowMs, kept?.bp ?? 0);
  return short === 0 ? null : short;
}
