// Why an upstream refused, by the recorded shapes of its refusals (the gateway's contract, 3).
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Failure, Fields } from "../../../node/gateway/dialect.js";
import { anthropic } from "../../../node/gateway/dialects/anthropic.js";
import { nextMidnightMs } from "../../../node/gateway/dialects/google/day.js";
import { google } from "../../../node/gateway/dialects/google.js";
import { DIALECTS } from "../../../node/gateway/dialects/index.js";
import { openai } from "../../../node/gateway/dialects/openai.js";

const NOW_MS = Date.UTC(2026, 2, 3, 18, 44, 16);

const limit = (
  retryMs: number | null,
  dimension: (Failure & { kind: "limit" })["dimension"] = null,
): Failure & { kind: "limit" } => ({ kind: "limit", retryMs, dimension });
const CREDIT: Failure = { kind: "exhausted", why: "credit", untilMs: null };
const OTHER: Failure = { kind: "other" };
const NO_KEY: Failure = { kind: "key", isKnown: false };
const NOT_ALLOWED: Failure = { kind: "key", isKnown: true };
const CONTEXT: Failure = { kind: "context" };
const POLICY: Failure = { kind: "policy" };
const overloaded = (retryMs: number | null = null): Failure => ({ kind: "overloaded", retryMs });

describe("G27 OpenAI's failures, apart by what mends them", () => {
  const error = (type: string | null, code: unknown, message = "no") => ({
    error: { message, type, param: null, code },
  });
  const TOKENS =
    "Too many tokens for gpt-5 of org-1 on tokens per min (TPM): Limit 500000, Used 442231, Requested 249686. Please try again in 23.03s.";
  test.each<[string, number, Fields, unknown, Failure]>([
    [
      "tokens, by its message",
      429,
      {},
      error("tokens", "rate_limit_exceeded", TOKENS),
      limit(23_030, "tokens"),
    ],
    [
      "requests",
      429,
      { "retry-after": "20" },
      error("requests", "rate_limit_exceeded"),
      limit(20_000, "requests"),
    ],
    [
      "by milliseconds first",
      429,
      { "retry-after": "2", "retry-after-ms": "1234.5" },
      error("requests", "x"),
      limit(1_235, "requests"),
    ],
    [
      "minutes in the message",
      429,
      {},
      error("requests", "rate_limit_exceeded", "on requests per day (RPD): try again in 7m12s"),
      limit(432_000, "requests"),
    ],
    [
      "a part of a second",
      429,
      {},
      error(null, "rate_limit_exceeded", "(TPM) Try again in 547ms"),
      limit(547, "tokens"),
    ],
    [
      "as a date",
      429,
      { "retry-after": "Tue, 03 Mar 2026 18:44:20 GMT" },
      error("tokens", null),
      limit(4_000, "tokens"),
    ],
    [
      "as a date that is over",
      429,
      { "retry-after": "Tue, 03 Mar 2026 18:00:00 GMT" },
      error("tokens", null),
      limit(0, "tokens"),
    ],
    ["no body", 429, {}, undefined, limit(null)],
    ["out of credit", 429, {}, error("insufficient_quota", "insufficient_quota"), CREDIT],
    [
      "out of credit, whatever it says of waiting",
      429,
      { "retry-after": "1" },
      error(null, "insufficient_quota"),
      CREDIT,
    ],
    [
      "a hard limit of billing",
      400,
      {},
      error("invalid_request_error", "billing_hard_limit_reached"),
      CREDIT,
    ],
    ["out of credit, said as unavailable", 503, {}, error("insufficient_quota", null), CREDIT],
    ["payment", 402, {}, undefined, CREDIT],
    ["overloaded", 503, { "retry-after": "3" }, error("server_error", null), overloaded(3_000)],
    ["529", 529, {}, undefined, overloaded()],
    ["told to slow down", 429, {}, error("server_error", "slow_down"), overloaded()],
    ["a broken upstream", 500, {}, error("server_error", null), OTHER],
    ["a wrong key", 401, {}, error("invalid_request_error", "invalid_api_key"), NO_KEY],
    ["a wrong key, without a word", 401, {}, undefined, NO_KEY],
    ["what a key may not do", 403, {}, error("invalid_request_error", null), NOT_ALLOWED],
    ["a filter that says 403", 403, {}, error(null, "content_filter"), POLICY],
    ["a context too long", 400, {}, error("invalid_request_error", "context_length_exceeded"), CONTEXT],
    [
      "a context too long, in words alone",
      400,
      {},
      error(
        "BadRequestError",
        null,
        "The model's maximum context length is 8191 tokens, and 8238 were asked for.",
      ),
      CONTEXT,
    ],
    ["the same with a limit's status", 429, {}, error(null, "context_length_exceeded"), limit(null)],
    ["a prompt that a filter stops", 400, {}, error(null, "content_filter"), POLICY],
    ["a prompt against the rules", 400, {}, error("invalid_request_error", "invalid_prompt"), POLICY],
    ["a request that speaks of tokens", 400, {}, error("tokens", null), OTHER],
  ])("%s", (_, status, fields, body, wanted) => {
    expect(openai.failureOf(status, fields, body === undefined ? "" : JSON.stringify(body), NOW_MS)).toEqual(
      wanted,
    );
  });
});

describe("G27 Anthropic's failures, apart by what mends them", () => {
  const error = (type: string, message = "no") => ({
    type: "error",
    error: { type, message },
    request_id: "req_1",
  });
  const INPUT_GONE: Fields = {
    "retry-after": "30",
    "anthropic-ratelimit-requests-limit": "1000",
    "anthropic-ratelimit-requests-remaining": "1000",
    "anthropic-ratelimit-input-tokens-limit": "40000",
    "anthropic-ratelimit-input-tokens-remaining": "19",
    "anthropic-ratelimit-output-tokens-limit": "8000",
    "anthropic-ratelimit-output-tokens-remaining": "8000",
  };
  const PLAN: Fields = {
    "anthropic-ratelimit-unified-status": "rejected",
    "anthropic-ratelimit-unified-representative-claim": "five_hour",
    "anthropic-ratelimit-unified-5h-utilization": "1.01",
    "anthropic-ratelimit-unified-5h-reset": "1772572000",
    "anthropic-ratelimit-unified-7d-utilization": "0.4",
    "anthropic-ratelimit-unified-7d-reset": "2026-03-08T00:00:00Z",
  };
  test.each<[string, number, Fields, unknown, Failure]>([
    ["input tokens, by the fields", 429, INPUT_GONE, error("rate_limit_error"), limit(30_000, "inputTokens")],
    [
      "output tokens, by the message",
      429,
      INPUT_GONE,
      error("rate_limit_error", "over 8,000 output tokens per minute"),
      limit(30_000, "outputTokens"),
    ],
    [
      "requests, by the message",
      429,
      {},
      error("rate_limit_error", "over 50 requests per minute"),
      limit(null, "requests"),
    ],
    ["a bare 429", 429, { "x-should-retry": "true" }, error("rate_limit_error", "Error"), limit(null)],
    ["a 429 without a body", 429, {}, undefined, limit(null)],
    [
      "a subscription's window",
      429,
      PLAN,
      error("rate_limit_error"),
      { kind: "exhausted", why: "plan", untilMs: 1_772_572_000_000 },
    ],
    [
      "a subscription that is allowed",
      429,
      { ...PLAN, "anthropic-ratelimit-unified-status": "allowed" },
      error("rate_limit_error"),
      limit(null),
    ],
    ["overloaded", 529, {}, error("overloaded_error", "Overloaded"), overloaded()],
    ["overloaded, by its word alone", 500, {}, error("overloaded_error"), overloaded()],
    ["unavailable", 503, { "retry-after": "2" }, undefined, overloaded(2_000)],
    ["payment", 402, {}, error("billing_error"), CREDIT],
    [
      "a balance that is gone",
      400,
      {},
      error("invalid_request_error", "Your credit balance is too low"),
      CREDIT,
    ],
    ["a broken upstream", 500, {}, error("api_error"), OTHER],
    ["a wrong request", 400, {}, error("invalid_request_error"), OTHER],
    ["a wrong key", 401, {}, error("authentication_error"), NO_KEY],
    ["what a key may not do", 403, {}, error("permission_error"), NOT_ALLOWED],
    ["a prompt too long", 400, {}, error("invalid_request_error", "prompt is too long: 210 > 200"), CONTEXT],
    [
      "a prompt too long with its answer",
      400,
      {},
      error("invalid_request_error", "input and `max_tokens` exceed context limit: 178 + 64 > 200"),
      CONTEXT,
    ],
    [
      "an answer that a filter stops",
      400,
      {},
      error("invalid_request_error", "stopped by content filtering"),
      POLICY,
    ],
    ["the same words with another error", 500, {}, error("api_error", "prompt is too long"), OTHER],
  ])("%s", (_, status, fields, body, wanted) => {
    expect(
      anthropic.failureOf(status, fields, body === undefined ? "" : JSON.stringify(body), NOW_MS),
    ).toEqual(wanted);
  });
});

describe("G27 Google's failures, apart by what mends them", () => {
  const violation = (
    quotaId: string,
    quotaMetric = "generate_content_free_tier_requests",
    quotaValue = "10",
  ) => ({
    quotaMetric: `generativelanguage.googleapis.com/${quotaMetric}`,
    quotaId,
    quotaDimensions: { location: "global", model: "gemini-2.5-flash" },
    quotaValue,
  });
  const MINUTE = violation("GenerateRequestsPerMinutePerProjectPerModel-FreeTier");
  const DAY = violation("GenerateRequestsPerDayPerProjectPerModel-FreeTier");
  const INPUT = violation(
    "GenerateContentInputTokensPerModelPerMinute-FreeTier",
    "generate_content_free_tier_input_token_count",
  );
  const error = (message: string, violations: readonly unknown[], retryDelay?: string) => ({
    error: {
      code: 429,
      message,
      status: "RESOURCE_EXHAUSTED",
      details: [
        { "@type": "type.googleapis.com/google.rpc.QuotaFailure", violations },
        { "@type": "type.googleapis.com/google.rpc.Help", links: [] },
        ...(retryDelay === undefined
          ? []
          : [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay }]),
      ],
    },
  });
  const SHORT = { error: { code: 429, message: "Out of resources.", status: "RESOURCE_EXHAUSTED" } };
  /** Midnight in California, which has no summer time on this day: 08:00 UTC. */
  const TOMORROW: Failure = { kind: "exhausted", why: "day", untilMs: Date.UTC(2026, 2, 4, 8) };
  const MIXED = [MINUTE, INPUT];
  const told = (dimension: "requests" | "inputTokens", limit = 10) => ({
    dimension,
    limit,
    windowMs: 60_000,
  });
  /** By a minute's limit of requests, which is told. */
  const requests = (retryMs: number | null): Failure => ({
    ...limit(retryMs, "requests"),
    told: [told("requests")],
  });

  test.each<[string, number, unknown, Failure]>([
    [
      "a minute's requests, by the message's own figure",
      429,
      error("please retry in 1.68122827s.", [MINUTE], "1s"),
      requests(1_682),
    ],
    ["by milliseconds", 429, error("please retry in 547.3ms.", [MINUTE], "0s"), requests(548)],
    ["a delay that was cut gets its second back", 429, error("later", [MINUTE], "1s"), requests(2_000)],
    ["a delay with a fraction was not cut", 429, error("later", [MINUTE], "1.5s"), requests(1_500)],
    [
      "input tokens",
      429,
      error("later", [INPUT]),
      { ...limit(null, "inputTokens"), told: [told("inputTokens")] },
    ],
    [
      "several at once",
      429,
      error("later", MIXED, "9s"),
      { ...limit(10_000), told: [told("requests"), told("inputTokens")] },
    ],
    [
      "of two limits of one dimension the lower is told",
      429,
      error("later", [MINUTE, violation("GenerateRequestsPerMinutePerUser", "requests", "7")], "9s"),
      { ...limit(10_000, "requests"), told: [told("requests", 7)] },
    ],
    [
      "figures that are none tell no limit",
      429,
      error(
        "later",
        ["1.5", "-1", "x", "1e3", "9".repeat(16)].map((value) =>
          violation("GenerateRequestsPerMinute", "requests", value),
        ),
        "9s",
      ),
      limit(10_000, "requests"),
    ],
    ["a day's, though it says 47 s", 429, error("please retry in 47.2s", [DAY], "47s"), TOMORROW],
    ["a day's among others", 429, error("x", [MINUTE, DAY], "47s"), TOMORROW],
    ["wrapped in an array", 429, [error("retry in 2s", [MINUTE], "2s")], requests(2_000)],
    ["the short form", 429, SHORT, limit(null)],
    ["no body", 429, undefined, limit(null)],
    ["a limit of nothing", 429, error("x", [violation("GenerateRequestsPerDay", "x", "0")], "3s"), CREDIT],
    ["credit", 429, { error: { ...SHORT.error, message: "Your prepayment credits are depleted." } }, CREDIT],
    ["unavailable", 503, { error: { code: 503, status: "UNAVAILABLE" } }, overloaded()],
    ["a wrong request", 400, { error: { code: 400, status: "INVALID_ARGUMENT" } }, OTHER],
    [
      "a wrong key, which is a wrong argument there",
      400,
      { error: { code: 400, status: "INVALID_ARGUMENT", details: [{ reason: "API_KEY_INVALID" }] } },
      NO_KEY,
    ],
    ["no key at all", 401, { error: { code: 401, status: "UNAUTHENTICATED" } }, NO_KEY],
    ["what a key may not do", 403, { error: { code: 403, status: "PERMISSION_DENIED" } }, NOT_ALLOWED],
    [
      "too many tokens",
      400,
      { error: { code: 400, status: "INVALID_ARGUMENT", message: "The input token count (9) is above 8." } },
      CONTEXT,
    ],
    ["a broken upstream", 500, { error: { code: 500, status: "INTERNAL" } }, OTHER],
  ])("%s", (_, status, body, wanted) => {
    expect(google.failureOf(status, {}, body === undefined ? "" : JSON.stringify(body), NOW_MS)).toEqual(
      wanted,
    );
  });

  test("a field says how long where the body does not", () => {
    expect(google.failureOf(429, { "retry-after": "7" }, JSON.stringify(SHORT), NOW_MS)).toEqual(
      limit(7_000),
    );
  });

  test.each([
    ["2026-03-03T18:44:16Z", "2026-03-04T08:00:00Z"],
    ["2026-03-04T07:59:59Z", "2026-03-04T08:00:00Z"],
    ["2026-03-04T08:00:00Z", "2026-03-05T08:00:00Z"],
    ["2026-07-01T12:00:00Z", "2026-07-02T07:00:00Z"],
    // 23 and 25 hours long
    ["2026-03-08T08:30:00Z", "2026-03-09T07:00:00Z"],
    ["2026-11-01T07:30:00Z", "2026-11-02T08:00:00Z"],
    ["2026-11-01T20:00:00Z", "2026-11-02T08:00:00Z"],
  ])("a day that is over after %s ends at %s", (now, midnight) => {
    expect(new Date(nextMidnightMs(Date.parse(now)))).toEqual(new Date(midnight));
  });
});

test("G27 garbage is no failure that waiting mends, and never throws", () => {
  const odd = [
    "",
    "null",
    "[]",
    "7",
    '{"error":null}',
    '{"error":[]}',
    '{"error":"no"}',
    '{"error":{"details":7,"code":{}}}',
    '{"error":{"details":[null,{"violations":[null]}]}}',
    "<html>",
    '{"__proto__":{"error":{"type":"overloaded_error"}}}',
  ];
  for (const { failureOf } of DIALECTS) {
    for (const body of odd) expect(failureOf(418, {}, body, NOW_MS)).toEqual(OTHER);
    const field = fc.constantFrom("", "-1", "1e9", "NaN", "soon", "99999999999", "1".repeat(50));
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), field, fc.string(), (status, value, body) => {
        const failure = failureOf(status, { "retry-after": value, "retry-after-ms": value }, body, NOW_MS);
        if (failure.kind !== "limit" && failure.kind !== "overloaded") return;
        expect(failure.retryMs ?? 0).toBeGreaterThanOrEqual(0);
        expect(failure.retryMs ?? 0).toBeLessThanOrEqual(31 * 86_400_000);
      }),
    );
  }
});
