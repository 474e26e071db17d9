// OpenAI's header fields about limits, which many others send as well: read from an upstream, written for an agent.
import type { Dimension, FlowShare } from "../../../../src/quota/index.js";
import type { Fields, Seen } from "../../dialect.js";
import { durationMs, fieldOf, goDuration, wholeOf } from "../../header-fields.js";

const DIMENSIONS = ["requests", "tokens"] as const satisfies readonly Dimension[];
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** A window that fits better to a day than to a minute, by its logarithm. */
const BETWEEN_MS = 2_280_000;

export function seenOf(fields: Fields): readonly Seen[] {
  const seen: Seen[] = [];
  for (const dimension of DIMENSIONS) {
    const limit = wholeOf(fieldOf(fields, `x-ratelimit-limit-${dimension}`));
    const remaining = wholeOf(fieldOf(fields, `x-ratelimit-remaining-${dimension}`));
    if (limit === null || limit <= 0 || remaining === null) continue;
    const resetMs = durationMs(fieldOf(fields, `x-ratelimit-reset-${dimension}`));
    seen.push({ dimension, limit, remaining, grain: 1, windowMs: windowOf(limit, remaining, resetMs) });
  }
  return seen;
}

/** All flows back at an even pace: reset = (limit − remaining) × window ÷ limit, which tells the window. */
function windowOf(limit: number, remaining: number, resetMs: number | null): number | null {
  const used = limit - remaining;
  if (resetMs === null || resetMs === 0 || used <= 0) return null;
  return (resetMs * limit) / used < BETWEEN_MS ? MINUTE_MS : DAY_MS;
}

/** There is no word here for input alone: it stands where all tokens have no limit. */
export function shareFields(shares: readonly FlowShare[]): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const dimension of DIMENSIONS) {
    const share =
      shares.find((one) => one.dimension === dimension) ??
      (dimension === "tokens" ? shares.find((one) => one.dimension === "inputTokens") : undefined);
    if (share === undefined) continue;
    fields[`x-ratelimit-limit-${dimension}`] = String(share.limit);
    fields[`x-ratelimit-remaining-${dimension}`] = String(share.remaining);
    fields[`x-ratelimit-reset-${dimension}`] = goDuration(share.resetMs);
  }
  return fields;
}
