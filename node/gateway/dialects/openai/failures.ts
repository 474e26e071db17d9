// OpenAI's failures, and those of upstreams that speak alike: what mends them (spec/gateway#failures).
import type { Dimension } from "../../../../src/quota/index.js";
import { type Failure, type Fields, keyRefusalOf } from "../../dialect.js";
import { durationMs, retryMsOf } from "../../header-fields.js";
import { at, isObject, parsed, textAt } from "../../json-value.js";

const OUT_OF_CREDIT = /insufficient_quota|billing|insufficient_(?:balance|funds|credits)|credit_balance/i;
const LIMITED = /rate_limit|too_many_requests|^(?:requests|tokens)$/i;
const TOO_LONG = /context_length_exceeded|exceed_context_size/i;
const TOO_LONG_WORDS = /maximum context length|exceeds the (?:available )?context/i;
const UNWANTED = /content_filter|content_policy|^invalid_prompt$|responsible_?ai/i;
const OVERLOADED = /overloaded|slow_down|unavailable|capacity/i;
const AGAIN_IN = /(?:try again|retry) in ((?:\d+(?:\.\d+)?(?:h|ms|m|s))+)/i;

export function failureOf(status: number, fields: Fields, body: string, nowMs: number): Failure {
  const whole = parsed(body);
  const error = isObject(at(whole, "error")) ? at(whole, "error") : whole;
  if (status === 402) return outOfCredit();
  const told = failureOfError(error, fields, nowMs);
  if (told.kind === "exhausted") return told;
  if (status === 503 || status === 529) return { kind: "overloaded", retryMs: retryMsOf(fields, nowMs) };
  if (status !== 429) return asRequested(told) ?? keyRefusalOf(status) ?? { kind: "other" };
  return told.kind !== "limit" && told.kind !== "overloaded" ? limited(error, fields, nowMs) : told;
}

/** By an error's own words, where a status says nothing: in a body that came with 200. */
export function failureOfError(error: unknown, fields: Fields, nowMs: number): Failure {
  const code = at(error, "code");
  const status = typeof code === "number" ? code : null;
  const words = [textAt(error, "code"), textAt(error, "type")].filter((word) => word !== null);
  if (status === 402 || words.some((word) => OUT_OF_CREDIT.test(word))) return outOfCredit();
  if (status === 429 || words.some((word) => LIMITED.test(word))) return limited(error, fields, nowMs);
  if (status === 503 || status === 529 || words.some((word) => OVERLOADED.test(word))) {
    return { kind: "overloaded", retryMs: retryMsOf(fields, nowMs) };
  }
  if (words.some((word) => UNWANTED.test(word))) return { kind: "policy" };
  const isTooLong = words.some((word) => TOO_LONG.test(word));
  return { kind: isTooLong || TOO_LONG_WORDS.test(textAt(error, "message") ?? "") ? "context" : "other" };
}

/** What a status that speaks of no limit leaves of an error's words: the request's own part. */
const asRequested = (told: Failure): Failure | null =>
  told.kind === "context" || told.kind === "policy" ? told : null;

const outOfCredit = (): Failure => ({ kind: "exhausted", why: "credit", untilMs: null });

function limited(error: unknown, fields: Fields, nowMs: number): Failure {
  const message = textAt(error, "message") ?? "";
  const told = durationMs(AGAIN_IN.exec(message)?.[1]?.toLowerCase() ?? null);
  return { kind: "limit", retryMs: retryMsOf(fields, nowMs) ?? told, dimension: dimensionOf(error, message) };
}

function dimensionOf(error: unknown, message: string): Dimension | null {
  const type = textAt(error, "type");
  if (type === "tokens" || /\((?:TPM|TPD)\)|tokens per (?:min|day)/i.test(message)) return "tokens";
  if (type === "requests" || /\((?:RPM|RPD)\)|requests per (?:min|day)/i.test(message)) return "requests";
  return null;
}
