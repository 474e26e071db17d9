// Windows of spending: the days, weeks and months of the calendar in UTC, and all time.

export const WINDOWS = ["day", "week", "month", "all"] as const;
export type Window = (typeof WINDOWS)[number];

const DAY_MS = 86_400_000;
/** 1970 began on a Thursday, and weeks begin on Monday. */
const DAYS_BEFORE_1970 = 3;

/** When the window began in which a moment lies, in ms since 1970. */
export function startOf(window: Window, atMs: number): number {
  const day = Math.floor(atMs / DAY_MS);
  switch (window) {
    case "day":
      return day * DAY_MS;
    case "week":
      return (day - ((day + DAYS_BEFORE_1970) % 7)) * DAY_MS;
    case "month":
      return monthAt(atMs, 0);
    case "all":
      return 0;
  }
}

/** When it is over, and all that it allows is there again; null: never. */
export function endOf(window: Window, atMs: number): number | null {
  switch (window) {
    case "day":
      return startOf("day", atMs) + DAY_MS;
    case "week":
      return startOf("week", atMs) + 7 * DAY_MS;
    case "month":
      return monthAt(atMs, 1);
    case "all":
      return null;
  }
}

function monthAt(atMs: number, later: number): number {
  const date = new Date(atMs);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + later);
}
