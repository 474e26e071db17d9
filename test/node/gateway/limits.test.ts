// What header fields tell of an upstream's limits, and what they tell an agent of its share.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Fields, Seen } from "../../../node/gateway/dialect.js";
import { anthropic } from "../../../node/gateway/dialects/anthropic.js";
import { google } from "../../../node/gateway/dialects/google.js";
import { DIALECTS } from "../../../node/gateway/dialects/index.js";
import { openai } from "../../../node/gateway/dialects/openai.js";
import { durationMs, goDuration, momentMs } from "../../../node/gateway/header-fields.js";
import { rateLimitFields } from "../../../node/gateway/rate-limit-fields.js";
import type { FlowShare } from "../../../src/quota/index.js";

const NOW_MS = Date.UTC(2026, 2, 3, 18, 44, 15, 400);
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const openaiFields = (requests: readonly string[], tokens: readonly string[]): Fields => ({
  "x-ratelimit-limit-requests": requests[0],
  "x-ratelimit-remaining-requests": requests[1],
  "x-ratelimit-reset-requests": requests[2],
  "x-ratelimit-limit-tokens": tokens[0],
  "x-ratelimit-remaining-tokens": tokens[1],
  "x-ratelimit-reset-tokens": tokens[2],
});

describe("G24 limits are read from every answer's fields", () => {
  const seen = (
    dimension: Seen["dimension"],
    limit: number,
    remaining: number,
    windowMs: number | null,
  ): Seen => ({ dimension, limit, remaining, grain: 1, windowMs });

  test("OpenAI's recorded success: the resets tell a day's requests from a minute's tokens", () => {
    const fields = openaiFields(["10000", "9999", "8.64s"], ["200000", "199978", "6ms"]);
    expect(openai.seenOf(fields, NOW_MS)).toEqual([
      seen("requests", 10_000, 9_999, DAY_MS),
      seen("tokens", 200_000, 199_978, MINUTE_MS),
    ]);
  });

  test.each<[string, string, string, number | null]>([
    ["14400", "14370", "2m59.5s", DAY_MS],
    ["500", "499", "172.8s", DAY_MS],
    ["500", "499", "120ms", MINUTE_MS],
    ["200", "199", "300ms", MINUTE_MS],
    ["60", "60", "0s", null],
    ["60", "59", "0s", null],
    ["60", "59", "soon", null],
  ])("of %s, %s left, all in %s", (limit, remaining, reset, windowMs) => {
    const fields = openaiFields([limit, remaining, reset], []);
    expect(openai.seenOf(fields, NOW_MS)).toEqual([
      seen("requests", Number(limit), Number(remaining), windowMs),
    ]);
  });

  test("any answer of the limiter tells its window", () => {
    const windowMs = fc.constantFrom(MINUTE_MS, DAY_MS);
    fc.assert(
      fc.property(
        windowMs,
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.nat(1_000_000),
        (window, limit, part) => {
          const used = Math.min(limit, 1 + (part % limit));
          const resetMs = Math.floor((used * window) / limit);
          // below some milliseconds the rounding hides it
          fc.pre(resetMs >= 3);
          const fields = openaiFields([String(limit), String(limit - used), goDuration(resetMs)], []);
          expect(openai.seenOf(fields, NOW_MS)[0]!.windowMs).toBe(window);
        },
      ),
    );
  });

  test("Azure's remaining below zero is no refusal", () => {
    const fields = openaiFields([], ["100000", "-27689", "4s"]);
    expect(openai.seenOf(fields, NOW_MS)).toMatchObject([{ remaining: -27_689 }]);
    expect(openai.reader(false, fields, NOW_MS).failure).toBeNull();
  });

  test("fields that are missing or no numbers tell nothing", () => {
    for (const dialect of DIALECTS) expect(dialect.seenOf({}, NOW_MS)).toEqual([]);
    for (const odd of ["", "many", "0", "-1", "1e3", "9".repeat(20)]) {
      expect(openai.seenOf(openaiFields([odd, "1", "1s"], []), NOW_MS)).toEqual([]);
      expect(
        anthropic.seenOf(
          { "anthropic-ratelimit-requests-limit": odd, "anthropic-ratelimit-requests-remaining": "1" },
          NOW_MS,
        ),
      ).toEqual([]);
    }
    expect(openai.seenOf({ "x-ratelimit-remaining-tokens": "5" }, NOW_MS)).toEqual([]);
  });

  const anthropicFields = (tokensLimit: string): Fields => ({
    "anthropic-ratelimit-requests-limit": "50",
    "anthropic-ratelimit-requests-remaining": "49",
    "anthropic-ratelimit-requests-reset": "2026-03-03T18:44:16Z",
    "anthropic-ratelimit-input-tokens-limit": "50000",
    "anthropic-ratelimit-input-tokens-remaining": "48000",
    "anthropic-ratelimit-output-tokens-limit": "10000",
    "anthropic-ratelimit-output-tokens-remaining": "10000",
    "anthropic-ratelimit-tokens-limit": tokensLimit,
    "anthropic-ratelimit-tokens-remaining": "58000",
  });
  const MINUTELY = [
    { dimension: "requests", limit: 50, remaining: 49, grain: 1, windowMs: MINUTE_MS },
    { dimension: "inputTokens", limit: 50_000, remaining: 48_000, grain: 1_000, windowMs: MINUTE_MS },
    { dimension: "outputTokens", limit: 10_000, remaining: 10_000, grain: 1_000, windowMs: MINUTE_MS },
  ];

  test("Anthropic's recorded success: tokens round to thousands, their sum is no limit of its own", () => {
    expect(anthropic.seenOf(anthropicFields("60000"), NOW_MS)).toEqual(MINUTELY);
  });

  test("a lower limit of both kinds together is one", () => {
    expect(anthropic.seenOf(anthropicFields("59000"), NOW_MS)).toEqual([
      ...MINUTELY,
      { dimension: "tokens", limit: 59_000, remaining: 58_000, grain: 1_000, windowMs: MINUTE_MS },
    ]);
  });

  test("without any other tokens they are a limit, beside the same one they are not", () => {
    const { "anthropic-ratelimit-input-tokens-limit": input, ...rest } = anthropicFields("10000");
    expect(input).toBeDefined();
    expect(anthropic.seenOf(rest, NOW_MS).map(({ dimension }) => dimension)).toEqual([
      "requests",
      "outputTokens",
    ]);
    const { "anthropic-ratelimit-output-tokens-limit": _, ...alone } = rest;
    expect(anthropic.seenOf(alone, NOW_MS).map(({ dimension }) => dimension)).toEqual(["requests", "tokens"]);
  });

  test("Anthropic's subscription: the window that decides, its end as seconds or as a date", () => {
    const fields = {
      "anthropic-ratelimit-unified-status": "allowed",
      "anthropic-ratelimit-unified-5h-utilization": "0.92",
      "anthropic-ratelimit-unified-5h-reset": "1772572000",
      "anthropic-ratelimit-unified-7d-utilization": "0.31",
      "anthropic-ratelimit-unified-7d-reset": "2026-03-08T00:00:00Z",
      "anthropic-ratelimit-unified-representative-claim": "five_hour",
      "anthropic-ratelimit-unified-fallback-percentage": "0.5",
    };
    expect(anthropic.planOf(fields)).toEqual({
      isRejected: false,
      claim: "five_hour",
      untilMs: 1_772_572_000_000,
      usedBp: 9_200,
    });
    const weekly = {
      ...fields,
      "anthropic-ratelimit-unified-status": "rejected",
      "anthropic-ratelimit-unified-representative-claim": "seven_day",
    };
    expect(anthropic.planOf(weekly)).toMatchObject({ isRejected: true, untilMs: Date.UTC(2026, 2, 8) });
    const overage = { ...fields, "anthropic-ratelimit-unified-representative-claim": "overage" };
    expect(anthropic.planOf(overage)).toMatchObject({ claim: "overage", untilMs: 1_772_572_000_000 });
    expect(anthropic.planOf({ "anthropic-ratelimit-unified-status": "allowed" })).toEqual({
      isRejected: false,
      claim: null,
      untilMs: null,
      usedBp: null,
    });
    expect(anthropic.planOf({})).toBeNull();
    expect(openai.planOf(fields)).toBeNull();
  });
});

test.each<[string, number | null]>([
  ["2m52.8s", 172_800],
  ["547ms", 547],
  ["0s", 0],
  ["8.64s", 8_640],
  ["1h0m1s", 3_601_000],
  ["1.5ms", 2],
  ["20µs", 1],
  ["1.1s", 1_100],
  ["5", null],
  ["", null],
  ["-1s", null],
  ["1s ", null],
  ["1 s", null],
  ["1x", null],
  [`${"9".repeat(60)}s`, null],
])("G24 a duration %j is %j ms", (text, ms) => {
  expect(durationMs(text)).toBe(ms);
});

test("G24 a duration that was written is read as the same; a moment is seconds or a date", () => {
  fc.assert(fc.property(fc.nat(400_000_000), (ms) => durationMs(goDuration(ms)) === ms));
  expect([0, 6, 999, 1_000, 8_640, 172_800, 3_661_500].map(goDuration)).toEqual([
    "0s",
    "6ms",
    "999ms",
    "1s",
    "8.64s",
    "2m52.8s",
    "1h1m1.5s",
  ]);
  expect(["1772572000", "2026-03-03T21:06:40Z", "soon", "-5"].map(momentMs)).toEqual([
    1_772_572_000_000,
    1_772_572_000_000,
    null,
    null,
  ]);
});

describe("G30 G31 fields tell an agent its own share", () => {
  const share = (
    dimension: FlowShare["dimension"],
    limit: number,
    remaining: number,
    resetMs: number,
    windowMs = MINUTE_MS,
  ): FlowShare => ({ dimension, limit, remaining, resetMs, windowMs });
  const SHARES = [
    share("requests", 4, 3, 15_000),
    share("inputTokens", 3_333, 0, 60_100),
    share("outputTokens", 666, 666, 0),
  ];

  test("in OpenAI's words", () => {
    expect(
      openai.shareFields([share("requests", 4, 3, 15_000), share("tokens", 6_666, 600, 54_500)], NOW_MS),
    ).toEqual(openaiFields(["4", "3", "15s"], ["6666", "600", "54.5s"]));
    expect(openai.shareFields(SHARES, NOW_MS)).toEqual(
      openaiFields(["4", "3", "15s"], ["3333", "0", "1m0.1s"]),
    );
  });

  test("in Anthropic's words: moments in whole seconds, rounded up", () => {
    expect(anthropic.shareFields(SHARES, NOW_MS)).toEqual({
      "anthropic-ratelimit-requests-limit": "4",
      "anthropic-ratelimit-requests-remaining": "3",
      "anthropic-ratelimit-requests-reset": "2026-03-03T18:44:31Z",
      "anthropic-ratelimit-input-tokens-limit": "3333",
      "anthropic-ratelimit-input-tokens-remaining": "0",
      "anthropic-ratelimit-input-tokens-reset": "2026-03-03T18:45:16Z",
      "anthropic-ratelimit-output-tokens-limit": "666",
      "anthropic-ratelimit-output-tokens-remaining": "666",
      "anthropic-ratelimit-output-tokens-reset": "2026-03-03T18:44:16Z",
    });
  });

  test("what a dialect writes it reads again, and takes for a field about limits", () => {
    for (const dialect of [openai, anthropic]) {
      const written = dialect.shareFields([share("requests", 40, 30, 15_000)], NOW_MS);
      expect(dialect.seenOf(written, NOW_MS)).toMatchObject([
        { dimension: "requests", limit: 40, remaining: 30 },
      ]);
      for (const name of Object.keys(written)) expect(dialect.isLimitField(name), name).toBe(true);
      expect(
        ["content-type", "retry-after", "request-id"].filter((name) => dialect.isLimitField(name)),
      ).toEqual([]);
    }
    expect(anthropic.isLimitField("anthropic-ratelimit-unified-status")).toBe(true);
    expect(google.shareFields(SHARES, NOW_MS)).toEqual({});
  });

  test("in the draft's words", () => {
    const shares = [
      share("requests", 60, 12, 7_100),
      share("requests", 1_000, 900, 8_640_000, DAY_MS),
      ...SHARES.slice(1),
    ];
    expect(rateLimitFields(shares)).toEqual({
      "ratelimit-policy": '"rpm";q=60;w=60, "rpd";q=1000;w=86400, "itpm";q=3333;w=60, "otpm";q=666;w=60',
      ratelimit: '"rpm";r=12;t=8, "rpd";r=900;t=8640, "itpm";r=0;t=61, "otpm";r=666;t=0',
    });
    expect(rateLimitFields([])).toEqual({});
  });
});
