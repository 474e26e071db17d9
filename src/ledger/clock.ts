// Live time: ledger time without its outages. The windows of auctions run in it (spec/time#live-time).
import { struct, type TypeOf, uint } from "../base/index.js";
import { MAX_OUTAGES, OUTAGE_REST } from "./limits.js";
import type { Moment } from "./moment.js";
import { outageMs, type Params } from "./params.js";
import { single } from "./table.js";

/** How far live time is behind ledger time. One row: an outage changes it, and no auction's. */
const clockRow = struct({
  /** the outages so far: live time is ledger time less this */
  outagesMs: [0, uint()],
  /** live time until which outages are used up; each adds its rest to it */
  spentToMs: [1, uint()],
});
export type Clock = TypeOf<typeof clockRow>;

/** The clock of genesis: no outage yet. */
export const newClock = (): Clock => ({ outagesMs: 0, spentToMs: 0 });

export const CLOCK = single("clock", clockRow, newClock);

/** Live time at a ledger time that lies after the last outage. */
export const liveMs = (clock: Clock, timeMs: number): number => timeMs - clock.outagesMs;

/**
 * The clock of an entry, given its parent's; the same object if there was no outage between them.
 *
 * A gap beyond `outageMs` is an outage: live time stands still over it. Four outages may follow upon each other; then
 * each needs ten such limits of live time since. A gap without that rest runs as live time, so that a network which is
 * always slow closes its phases too.
 */
export function clockAfter(
  clock: Clock,
  { timeMs, parentTimeMs }: Pick<Moment, "timeMs" | "parentTimeMs">,
  params: Params,
): Clock {
  const gapMs = timeMs - parentTimeMs;
  if (gapMs <= outageMs(params)) return clock;
  const restMs = restOf(params);
  const beganMs = liveMs(clock, parentTimeMs);
  const spentToMs = Math.max(clock.spentToMs, beganMs);
  if (spentToMs - beganMs > mostSpentMs(params)) return clock;
  return { outagesMs: clock.outagesMs + gapMs, spentToMs: spentToMs + restMs };
}

const restOf = (params: Params): number => OUTAGE_REST * outageMs(params);

/** How far outages may be used up ahead of live time when one more counts. */
const mostSpentMs = (params: Params): number => (MAX_OUTAGES - 1) * restOf(params);

/** How far outages are used up ahead of live time at a ledger time: all that a later gap needs to know of them. */
export const spentMs = (clock: Clock, timeMs: number): number =>
  Math.max(0, clock.spentToMs - liveMs(clock, timeMs));

/** The most that `spentMs` can be. */
export const maxSpentMs = (params: Params): number => mostSpentMs(params) + restOf(params);
