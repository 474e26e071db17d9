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

/** What holds it back is whatever does so for the longest. @param running how many requests run */
export function readyAt(
  { id, estimate }: Ask,
  limits: Limits,
  congestion: Congestion,
  running: number,
  nowMs: number,
): Ready {
  const pauseUntilMs = congestion.blockedUntil(nowMs);
  const held = (atMs: number | null, cause: Cause): Ready => ({ atMs, block: { id, pauseUntilMs, cause } });
  if (running >= congestion.width) return held(null, "width");
  const lack = limits.lackFor(estimate, nowMs);
  if (lack === null) return held(pauseUntilMs ?? nowMs, "pause");
  if (lack.ms === null) return held(null, lack.dimension);
  return held(Math.max(pauseUntilMs ?? nowMs, nowMs + lack.ms), lack.dimension);
}
