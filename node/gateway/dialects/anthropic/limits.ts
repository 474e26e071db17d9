// Anthropic's header fields about limits: of a key, of a subscription, and of an agent's share.
import type { Dimension, FlowShare } from "../../../../src/quota/index.js";
import type { Fields, Plan, Seen } from "../../dialect.js";
import { fieldOf, momentMs, wholeOf } from "../../header-fields.js";

const PREFIX = "anthropic-ratelimit-";
const WORDS: Readonly<Record<Dimension, string>> = {
  requests: "requests",
  inputTokens: "input-tokens",
  outputTokens: "output-tokens",
  tokens: "tokens",
};
const ALL = ["requests", "inputTokens", "outputTokens", "tokens"] as const satisfies readonly Dimension[];

const MINUTE_MS = 60_000;
/** What remains of tokens is told in whole thousands. */
const TOKEN_GRAIN = 1_000;

export function seenOf(fields: Fields): readonly Seen[] {
  const seen: Seen[] = [];
  for (const dimension of ALL) {
    const limit = wholeOf(fieldOf(fields, `${PREFIX}${WORDS[dimension]}-limit`));
    const remaining = wholeOf(fieldOf(fields, `${PREFIX}${WORDS[dimension]}-remaining`));
    if (limit === null || limit <= 0 || remaining === null) continue;
    const grain = dimension === "requests" ? 1 : TOKEN_GRAIN;
    seen.push({ dimension, limit, remaining, grain, windowMs: MINUTE_MS });
  }
  return seen.filter((one) => one.dimension !== "tokens" || !isSum(one, seen));
}

/** Tokens of both kinds together are a limit of their own only where they are not just the sum of those that are told. */
function isSum({ limit }: Seen, seen: readonly Seen[]): boolean {
  const parts = seen.filter(({ dimension }) => dimension === "inputTokens" || dimension === "outputTokens");
  return parts.length > 0 && limit === parts.reduce((sum, part) => sum + part.limit, 0);
}

const UNIFIED = `${PREFIX}unified-`;
const UTILIZATION = /^anthropic-ratelimit-unified-([a-z0-9_]{1,16})-utilization$/;
/** The windows' names among the fields, by those of the claim. */
const WINDOWS: Readonly<Record<string, string>> = { five_hour: "5h", seven_day: "7d" };
const WHOLE_BP = 10_000;

export function planOf(fields: Fields): Plan | null {
  const status = fieldOf(fields, `${UNIFIED}status`);
  if (status === null) return null;
  const claim = fieldOf(fields, `${UNIFIED}representative-claim`);
  let most: { readonly window: string; readonly usedBp: number } | null = null;
  for (const name of Object.keys(fields).sort()) {
    const window = UTILIZATION.exec(name)?.[1];
    const used = Number(fieldOf(fields, name) ?? Number.NaN);
    if (window === undefined || !(used >= 0 && used < 1_000)) continue;
    const usedBp = Math.round(used * WHOLE_BP);
    if (most === null || usedBp > most.usedBp) most = { window, usedBp };
  }
  const named = claim === null ? undefined : (WINDOWS[claim] ?? claim);
  const untilMs =
    momentMs(fieldOf(fields, `${UNIFIED}${named}-reset`)) ??
    momentMs(fieldOf(fields, `${UNIFIED}reset`)) ??
    momentMs(fieldOf(fields, `${UNIFIED}${most?.window}-reset`));
  return { isRejected: status === "rejected", claim, untilMs, usedBp: most?.usedBp ?? null };
}

export function shareFields(shares: readonly FlowShare[], nowMs: number): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const { dimension, limit, remaining, resetMs } of shares) {
    const word = `${PREFIX}${WORDS[dimension]}`;
    fields[`${word}-limit`] = String(limit);
    fields[`${word}-remaining`] = String(remaining);
    fields[`${word}-reset`] = wholeSecond(nowMs + resetMs);
  }
  return fields;
}

/** RFC 3339 without a fraction, rounded up. */
const wholeSecond = (ms: number): string =>
  new Date(Math.ceil(ms / 1_000) * 1_000).toISOString().replace(".000Z", "Z");
