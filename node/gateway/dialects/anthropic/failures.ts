// Anthropic's failures: what mends them (spec/gateway#failures).
import type { Dimension } from "../../../../src/quota/index.js";
import { type Failure, type Fields, keyRefusalOf } from "../../dialect.js";
import { retryMsOf } from "../../header-fields.js";
import { at, parsed, textAt } from "../../json-value.js";
import { planOf, seenOf } from "./limits.js";

/** As it begins: further on a message may repeat what a client has sent, and would stop all others. */
const OUT_OF_CREDIT = /^your credit balance is/i;

export function failureOf(status: number, fields: Fields, body: string, nowMs: number): Failure {
  const error = at(parsed(body), "error");
  const told = failureOfError(error, fields, nowMs);
  if (status < 500 && status !== 429 && (told.kind === "context" || told.kind === "policy")) return told;
  if (told.kind === "limit" || told.kind === "exhausted" || told.kind === "overloaded") return told;
  if (status === 402) return { kind: "exhausted", why: "credit", untilMs: null };
  if (status === 429) return limited(error, fields, nowMs);
  if (status === 503 || status === 529) return overloaded(fields, nowMs);
  return keyRefusalOf(status) ?? { kind: "other" };
}

/** By an error's own words: after a status of 200 there are no others. */
export function failureOfError(error: unknown, fields: Fields, nowMs: number): Failure {
  const type = textAt(error, "type");
  if (type === "billing_error" || OUT_OF_CREDIT.test(textAt(error, "message") ?? "")) {
    return { kind: "exhausted", why: "credit", untilMs: null };
  }
  if (type === "rate_limit_error") return limited(error, fields, nowMs);
  if (type === "overloaded_error") return overloaded(fields, nowMs);
  if (type !== "invalid_request_error") return { kind: "other" };
  const message = textAt(error, "message") ?? "";
  if (TOO_LONG.test(message)) return { kind: "context" };
  return { kind: UNWANTED.test(message) ? "policy" : "other" };
}

/** No code tells these apart from other faults of a request. */
const TOO_LONG = /prompt is too long|exceeds? (?:the )?context (?:limit|window)/i;
const UNWANTED = /content filter|usage polic/i;

const overloaded = (fields: Fields, nowMs: number): Failure => ({
  kind: "overloaded",
  retryMs: retryMsOf(fields, nowMs),
});

/** A bare 429 names neither a time nor a dimension, and is a limit all the same. */
function limited(error: unknown, fields: Fields, nowMs: number): Failure {
  const plan = planOf(fields);
  if (plan?.isRejected) return { kind: "exhausted", why: "plan", untilMs: plan.untilMs };
  const dimension = dimensionIn(textAt(error, "message") ?? "") ?? scarcest(fields);
  return { kind: "limit", retryMs: retryMsOf(fields, nowMs), dimension };
}

function dimensionIn(message: string): Dimension | null {
  const word = /(input tokens|output tokens|tokens|requests) per minute/i.exec(message)?.[1]?.toLowerCase();
  switch (word) {
    case "input tokens":
      return "inputTokens";
    case "output tokens":
      return "outputTokens";
    case "tokens":
    case "requests":
      return word;
    default:
      return null;
  }
}

/** Of a limit of which more than this is left another one must have refused. */
const LITTLE = 0.1;

/** Each dimension is a limit of its own: the one of which least is left, if it is little. */
function scarcest(fields: Fields): Dimension | null {
  let scarce: Dimension | null = null;
  let least = LITTLE;
  for (const { dimension, limit, remaining } of seenOf(fields)) {
    if (remaining / limit >= least) continue;
    least = remaining / limit;
    scarce = dimension;
  }
  return scarce;
}
