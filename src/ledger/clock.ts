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

type Step = Pick<Moment, "timeMs" | "parentTimeMs">;

/**
 * Clocks for a log whose beginning is not known: what went before may have used up any part of the outages. Of each
 * range of such parts that makes the same gaps outages, one: no clock leads to anything that none of these leads to.
 * @param steps of the log's entries, in order; live time begins with the first's parent
 * @param most clocks to be given; a log has few unless it was made for it
 */
export function clocksBefore(steps: readonly Step[], params: Params, most: number): readonly Clock[] {
  const gaps = steps.filter(({ timeMs, parentTimeMs }) => timeMs - parentTimeMs > outageMs(params));
  const beganMs = steps[0]?.parentTimeMs ?? 0;
  const lastMs = beganMs + mostSpentMs(params) + restOf(params);
  const clocks: Clock[] = [];
  for (let spentToMs = beganMs; spentToMs <= lastMs && clocks.length < most; ) {
    const clock = { outagesMs: 0, spentToMs };
    clocks.push(clock);
    spentToMs += alikeMs(clock, gaps, params) + 1;
  }
  return clocks;
}

/** By how much more might have been used up at first with the same gaps being outages; infinite if by any amount. */
function alikeMs(first: Clock, gaps: readonly Step[], params: Params): number {
  let alike = Number.POSITIVE_INFINITY;
  let clock = first;
  for (const gap of gaps) {
    const spentMs = clock.spentToMs - liveMs(clock, gap.parentTimeMs);
    // All rest was had: what was used up before is forgotten here, and just as much for so much more.
    if (spentMs <= 0) return Math.min(alike, -spentMs);
    const next = clockAfter(clock, gap, params);
    if (next !== clock) alike = Math.min(alike, mostSpentMs(params) - spentMs);
    clock = next;
  }
  return alike;
}
