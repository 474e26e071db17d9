// What bounds the spending of a tree of agents: of each level each window, how much of it is used, and when it is free again.
import { endOf } from "../books/windows.js";
import type { SpendingLimits } from "../named/named-agent.js";

/** Whole micro-credits that the books hold of a payer, what runs included: counted at what was set aside for it. */
export interface Purse {
  /** what is set aside for what runs; `spent` counts it too */
  setAside(who: string): number;
  spent(who: string, window: "day" | "week" | "month" | "all", nowMs: number): number;
}

/** What the ledger holds of a level's budget. */
export interface LedgerBudget {
  /** open, and its time is not over */
  readonly isLive: boolean;
  /** in micro-credits; null: no limit a day */
  readonly perDay: bigint | null;
  /** what operations of the log have used of this day's, beside the gateway's requests */
  readonly usedToday: bigint;
  /** null: no limit in all */
  readonly total: bigint | null;
  readonly usedInAll: bigint;
}

/** An agent in the line of payers of a request. */
export interface Level {
  readonly name: string;
  /** under which the books count it */
  readonly who: string;
  readonly limits: SpendingLimits;
  /** what counts for nothing in `total`, in micro-credits */
  readonly countedFrom: bigint;
  /** as the ledger has it; null: it has none, and none is wanted there */
  readonly budget: LedgerBudget | null;
  /** the session that the request is of, under which the books count it; null: it names none */
  readonly session: string | null;
}

export const BOUND_WINDOWS = ["day", "week", "month", "session", "total"] as const;
export type BoundWindow = (typeof BOUND_WINDOWS)[number];

/** One limit of a level, in whole micro-credits. */
export interface Bound {
  readonly level: string;
  readonly window: BoundWindow;
  /** whom the books count by it */
  readonly who: string;
  readonly most: number;
  readonly used: number;
  /** of what is used: set aside for what runs */
  readonly setAside: number;
  /** since 1970: when all of it is free again; null: no time mends it */
  readonly resetsMs: number | null;
}

/** The limits of a level as they stand. Where ledger and owner say different things, the narrower holds. */
export function boundsOf(level: Level, purse: Purse, nowMs: number): readonly Bound[] {
  const { name, who, limits, budget, session } = level;
  const bounds: Bound[] = [];
  const add = (window: BoundWindow, most: bigint | null, used: () => number, resetsMs: number | null) => {
    if (most === null) return;
    const counted = window === "session" ? session! : who;
    const setAside = purse.setAside(counted);
    bounds.push({ level: name, window, who: counted, most: Number(most), used: used(), setAside, resetsMs });
  };
  const spent = (window: "day" | "week" | "month" | "all") => purse.spent(who, window, nowMs);
  const ends = (window: "day" | "week" | "month") => endOf(window, nowMs);
  const ofLedger = budget ?? NOTHING_IN_LEDGER;
  const { usedToday, usedInAll } = ofLedger;
  const perDay = narrower(limits.perDay, ofLedger.perDay);
  add("day", perDay, () => spent("day") + Number(usedToday), ends("day"));
  add("week", limits.perWeek, () => spent("week"), ends("week"));
  add("month", limits.perMonth, () => spent("month"), ends("month"));
  if (session !== null) add("session", limits.perSession, () => purse.spent(session, "all", nowMs), null);
  const inAll = () => Math.max(0, spent("all") - Number(level.countedFrom)) + Number(usedInAll);
  add("total", narrower(limits.total, ofLedger.total), inAll, null);
  return bounds;
}

const NOTHING_IN_LEDGER = { perDay: null, usedToday: 0n, total: null, usedInAll: 0n } as const;

const narrower = (one: bigint | null, other: bigint | null): bigint | null =>
  one === null || (other !== null && other < one) ? other : one;
