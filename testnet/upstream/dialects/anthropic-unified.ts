// What a subscription is told of its limits: how full each of its windows is, and which one binds.
import type { Reading } from "../amounts.js";
import type { Headers } from "../dialect.js";

/** Subscriptions come with a credential that says so. */
export const isSubscription = (key: string): boolean => key.startsWith("sk-ant-oat");

const HOUR_MS = 3_600_000;
/** By the length of a window: its name, and what it is called where it binds. */
const WINDOWS = new Map([
  [5 * HOUR_MS, { name: "5h", claim: "five_hour" }],
  [168 * HOUR_MS, { name: "7d", claim: "seven_day" }],
]);

/** Limits whose windows are neither five hours nor seven days are not told. */
export function unified(readings: readonly Reading[], nowMs: number): Headers {
  const windows = readings.flatMap((reading) => {
    const window = WINDOWS.get(reading.limit.windowMs);
    return window === undefined ? [] : [{ ...reading, ...window }];
  });
  if (windows.length === 0) return {};
  const headers: Record<string, string> = {};
  const share = ({ used, limit }: Reading): number => used / limit.limit;
  const unixSeconds = ({ resetMs }: Reading): string => `${Math.ceil((nowMs + resetMs) / 1_000)}`;
  for (const one of windows) {
    const prefix = `anthropic-ratelimit-unified-${one.name}`;
    headers[`${prefix}-status`] = statusOf(one);
    headers[`${prefix}-utilization`] = `${Math.round(share(one) * 100) / 100}`;
    headers[`${prefix}-reset`] = unixSeconds(one);
  }
  const binding = windows.reduce((most, one) => (share(one) > share(most) ? one : most));
  headers["anthropic-ratelimit-unified-status"] = statusOf(binding);
  headers["anthropic-ratelimit-unified-reset"] = unixSeconds(binding);
  headers["anthropic-ratelimit-unified-representative-claim"] = binding.claim;
  headers["anthropic-ratelimit-unified-fallback-percentage"] = "0.5";
  return headers;
}

const statusOf = ({ remaining }: Reading): string => (remaining > 0 ? "allowed" : "rejected");
