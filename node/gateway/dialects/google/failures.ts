// Google's failures: no header field tells a limit, and of several violations each may be another one (spec/gateway#failures).
import type { Dimension, Limit } from "../../../../src/quota/index.js";
import { type Failure, type Fields, keyRefusalOf } from "../../dialect.js";
import { durationMs, retryMsOf } from "../../header-fields.js";
import { at, isObject, parsed, textAt } from "../../json-value.js";
import { nextMidnightMs } from "./day.js";

export function failureOf(status: number, fields: Fields, body: string, nowMs: number): Failure {
  const error = at(unwrapped(parsed(body)), "error");
  const told = failureOfError(error, nowMs);
  if (told.kind === "exhausted") return told;
  if (told.kind === "limit") return { ...told, retryMs: told.retryMs ?? retryMsOf(fields, nowMs) };
  if (told.kind === "other" && status === 429)
    return { kind: "limit", retryMs: retryMsOf(fields, nowMs), dimension: null };
  if (told.kind === "context") return told;
  const isOverloaded = told.kind === "overloaded" || status === 503 || status === 529;
  if (isOverloaded) return { kind: "overloaded", retryMs: retryMsOf(fields, nowMs) };
  return isNoKey(status, error)
    ? { kind: "key", isKnown: false }
    : (keyRefusalOf(status) ?? { kind: "other" });
}

/** A key that is none is a wrong argument there: its reason tells it apart from others. */
const isNoKey = (status: number, error: unknown): boolean =>
  status === 400 && listAt(error, "details").some((one) => textAt(one, "reason") === "API_KEY_INVALID");

const TOO_LONG = /input token count|exceeds the maximum number of (?:input )?tokens/i;

/** By an error's own words: in a stream there are no others. */
export function failureOfError(error: unknown, nowMs: number): Failure {
  const status = (textAt(error, "status") ?? textAt(error, "code") ?? "").toUpperCase();
  const code = at(error, "code");
  if (status === "UNAVAILABLE" || code === 503) return { kind: "overloaded", retryMs: null };
  const message = textAt(error, "message") ?? "";
  if (status !== "RESOURCE_EXHAUSTED" && code !== 429) {
    const isOwn = status === "INVALID_ARGUMENT" || code === 400;
    return { kind: isOwn && TOO_LONG.test(message) ? "context" : "other" };
  }
  const details = listAt(error, "details");
  const violations = details.flatMap((detail) => listAt(detail, "violations"));
  const isNothing = violations.some((one) => textAt(one, "quotaValue") === "0");
  if (isNothing || /prepay|billing account|credits? (?:are|is) (?:depleted|used up)/i.test(message)) {
    return { kind: "exhausted", why: "credit", untilMs: null };
  }
  if (violations.some((one) => /PerDay/i.test(textAt(one, "quotaId") ?? ""))) {
    return { kind: "exhausted", why: "day", untilMs: nextMidnightMs(nowMs) };
  }
  const told = limitsIn(violations);
  const limit = {
    kind: "limit",
    retryMs: waitOf(message, details),
    dimension: dimensionOf(violations),
  } as const;
  return told.length === 0 ? limit : { ...limit, told };
}

/** In streams an error comes as the element of an array. */
function unwrapped(body: unknown): unknown {
  return Array.isArray(body) ? body.find((one) => isObject(at(one, "error"))) : body;
}

const SECOND_MS = 1_000;
const RETRY_IN = /retry in ((?:\d+(?:\.\d+)?(?:h|ms|m|s))+)/i;

/** `retryDelay` is the message's figure without its fraction: a second more is right where the message does not tell. */
function waitOf(message: string, details: readonly unknown[]): number | null {
  const exact = durationMs(RETRY_IN.exec(message)?.[1]?.toLowerCase() ?? null);
  if (exact !== null) return exact;
  for (const detail of details) {
    const delay = textAt(detail, "retryDelay");
    const ms = durationMs(delay);
    if (ms !== null) return delay?.includes(".") ? ms : ms + SECOND_MS;
  }
  return null;
}

/** Of several that differ none is told. */
function dimensionOf(violations: readonly unknown[]): Dimension | null {
  const found = new Set(violations.map(dimensionIn));
  return found.size === 1 ? [...found][0]! : null;
}

function dimensionIn(violation: unknown): Dimension | null {
  const words = `${textAt(violation, "quotaMetric")} ${textAt(violation, "quotaId")}`;
  if (/input_?tokens?/i.test(words)) return "inputTokens";
  return /requests?/i.test(words) ? "requests" : null;
}

const MINUTE_MS = 60_000;
const WHOLE = /^[1-9]\d{0,14}$/;

/** Those of a minute, of each dimension the least: a day there ends at midnight, and is none that flows back. */
function limitsIn(violations: readonly unknown[]): readonly Limit[] {
  const least = new Map<Dimension, number>();
  for (const violation of violations) {
    const dimension = dimensionIn(violation);
    const value = textAt(violation, "quotaValue") ?? "";
    if (dimension === null || !WHOLE.test(value) || !/PerMinute/i.test(textAt(violation, "quotaId") ?? ""))
      continue;
    least.set(dimension, Math.min(Number(value), least.get(dimension) ?? Number(value)));
  }
  return [...least].map(([dimension, limit]) => ({ dimension, limit, windowMs: MINUTE_MS }));
}

const listAt = (value: unknown, key: string): readonly unknown[] => {
  const found = at(value, key);
  return Array.isArray(found) ? found : [];
};
