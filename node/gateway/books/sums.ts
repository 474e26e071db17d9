// What a payer has spent, by window: of each kind the one that was charged last and one before it.
import { startOf, type Window } from "./windows.js";

/** Whole micro-credits, charged in the window that began then. */
export interface Sum {
  readonly startMs: number;
  readonly cost: number;
}

export interface Sums {
  /** when something was charged last */
  readonly lastMs: number;
  readonly all: number;
  readonly day: readonly Sum[];
  readonly week: readonly Sum[];
  readonly month: readonly Sum[];
}

export const NO_SUMS: Sums = { lastMs: 0, all: 0, day: [], week: [], month: [] };

/** Windows of a kind that are remembered: a clock that is set back finds the one before. */
export const MOST_WINDOWS = 2;

/** The sums after a charge. @param cost whole micro-credits ≥ 0 */
export const charged = (sums: Sums, cost: number, atMs: number): Sums => ({
  lastMs: Math.max(sums.lastMs, atMs),
  all: sums.all + cost,
  day: chargedIn(sums.day, cost, startOf("day", atMs)),
  week: chargedIn(sums.week, cost, startOf("week", atMs)),
  month: chargedIn(sums.month, cost, startOf("month", atMs)),
});

/** What was charged in the window in which a moment lies. */
export function spentIn(sums: Sums, window: Window, atMs: number): number {
  if (window === "all") return sums.all;
  return costIn(sums[window], startOf(window, atMs));
}

/** The one that is charged stays, whatever a clock makes of the others; of those the latest do. */
function chargedIn(sums: readonly Sum[], cost: number, startMs: number): readonly Sum[] {
  const others = sums.filter((one) => one.startMs !== startMs).sort((a, b) => b.startMs - a.startMs);
  return [{ startMs, cost: costIn(sums, startMs) + cost }, ...others.slice(0, MOST_WINDOWS - 1)];
}

const costIn = (sums: readonly Sum[], startMs: number): number =>
  sums.find((one) => one.startMs === startMs)?.cost ?? 0;
