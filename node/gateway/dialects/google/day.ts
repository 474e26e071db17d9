// When Google's day is over: its limits of a day end at midnight in California.

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const CLOCK = new Intl.DateTimeFormat("en-US", {
  timeZone: "America/Los_Angeles",
  hourCycle: "h23",
  hour: "numeric",
  minute: "numeric",
  second: "numeric",
});

/** The next midnight there, later than now, since 1970; also where a day has 23 or 25 hours. */
export function nextMidnightMs(nowMs: number): number {
  const guess = nowMs - sinceMidnightMs(nowMs) + DAY_MS;
  const over = sinceMidnightMs(guess);
  return over === 0 ? guess : over < DAY_MS / 2 ? guess - HOUR_MS : guess + HOUR_MS;
}

/** By the clock on the wall. */
function sinceMidnightMs(ms: number): number {
  const parts = CLOCK.formatToParts(ms);
  const of = (type: string): number => Number(parts.find((part) => part.type === type)!.value);
  return ((of("hour") * 60 + of("minute")) * 60 + of("second")) * 1_000 + (ms % 1_000);
}
