// Live time: ledger time without its outages. The windows of auctions run in it (PROTOCOL §2.2).
import { struct, type TypeOf, uint } from "../base/index.js";
import type { Moment } from "./context.js";
import { MAX_OUTAGES, OUTAGE_REST } from "./limits.js";
import { outageMs, type Params } from "./params.js";

/** How far live time is behind ledger time. One row: an outage changes it, and no auction's. */
export const clockRow = struct({
  /** the outages so far: live time is ledger time less this */
  outagesMs: [0, uint()],
  /** live time until which outages are used up; each adds its rest to it */
  spentToMs: [1, uint()],
});
export type Clock = TypeOf<typeof clockRow>;

/** The clock of genesis: no outage yet. */
export const newClock = (): Clock => ({ outagesMs: 0, spentToMs: 0 });

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
  const beganMs = liveMs(clock, parentTimeMs);
  const spentToMs = Math.max(clock.spentToMs, beganMs);
  if (spentToMs > latestSpentMs(beganMs, params)) return clock;
  return { outagesMs: clock.outagesMs + gapMs, spentToMs: spentToMs + restMs(params) };
}

const restMs = (params: Params): number => OUTAGE_REST * outageMs(params);

/** The latest `spentToMs` with which a gap that begins at this live time still is an outage. */
const latestSpentMs = (beganMs: number, params: Params): number =>
  beganMs + (MAX_OUTAGES - 1) * restMs(params);

/**
 * Clocks that between them stand for every one that may have been in force at `fromMs`, a ledger time: whatever outages
 * came before, one of them finds the same outages among the moments. The first has none used up.
 * @param moments of entries that follow each other, from `fromMs` on
 */
export function clocksAt(
  fromMs: number,
  moments: readonly Pick<Moment, "timeMs" | "parentTimeMs">[],
  params: Params,
): readonly Clock[] {
  const lastMs = latestSpentMs(fromMs, params) + restMs(params);
  const gaps = moments.filter((at) => at.timeMs - at.parentTimeMs > outageMs(params));
  const clocks = new Map<string, Clock>();
  const seen = new Set<number>();
  const open = [lastMs, fromMs];
  for (let spentToMs = open.pop(); spentToMs !== undefined; spentToMs = open.pop()) {
    if (seen.has(spentToMs) || spentToMs < fromMs || spentToMs > lastMs) continue;
    seen.add(spentToMs);
    const { found, turnsMs } = courseOf({ outagesMs: 0, spentToMs }, gaps, params);
    if (!clocks.has(found)) clocks.set(found, { outagesMs: 0, spentToMs });
    for (const turnMs of turnsMs) open.push(turnMs, turnMs + 1);
  }
  return [...clocks.values()];
}

/** Which gaps are outages to a clock, and the last values of its `spentToMs` up to which one of them is judged so. */
function courseOf(
  start: Clock,
  gaps: readonly Pick<Moment, "timeMs" | "parentTimeMs">[],
  params: Params,
): { readonly found: string; readonly turnsMs: readonly number[] } {
  const turnsMs: number[] = [];
  let found = "";
  let clock = start;
  let isRested = false;
  for (const at of gaps) {
    const beganMs = liveMs(clock, at.parentTimeMs);
    const addedMs = clock.spentToMs - start.spentToMs;
    if (!isRested) turnsMs.push(beganMs - addedMs, latestSpentMs(beganMs, params) - addedMs);
    isRested ||= clock.spentToMs <= beganMs;
    const after = clockAfter(clock, at, params);
    found += after === clock ? "." : "o";
    clock = after;
  }
  return { found, turnsMs };
}
