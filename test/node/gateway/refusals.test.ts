// A refusal of ours is one that the caller's own client understands.
import { describe, expect, test } from "vitest";
import type { GatewayFault } from "../../../node/gateway/dialect.js";
import { anthropic } from "../../../node/gateway/dialects/anthropic.js";
import { google } from "../../../node/gateway/dialects/google.js";
import { DIALECTS } from "../../../node/gateway/dialects/index.js";
import { openai } from "../../../node/gateway/dialects/openai.js";
import { jitteredMs } from "../../../node/gateway/retry-fields.js";

const FULL: GatewayFault = {
  status: 429,
  code: "QUEUE_FULL",
  message: "64 requests wait already; yours would be the 65th",
  retryMs: 2_500,
  requestId: "req_7",
  limit: { name: "rpm", used: 58, limit: 60, resetsMs: Date.UTC(2026, 2, 3, 18, 44, 16) },
  fix: "mabeam gateway agents --queue 128",
};
const BUDGET: GatewayFault = {
  status: 402,
  code: "BUDGET_EXCEEDED",
  message: "today's budget is used up",
  retryMs: null,
  requestId: "req_8",
  limit: { name: "budget", used: 5_000_000, limit: 5_000_000, resetsMs: null },
};
const STATUSES = [400, 401, 402, 403, 404, 408, 413, 429, 502, 503, 504] as const;
const WORDS =
  "64 requests wait already; yours would be the 65th; 58 of 60 requests a minute are used, free again at 2026-03-03T18:44:16.000Z; `mabeam gateway agents --queue 128` changes it";

describe("G2 G29 refusals in the caller's dialect", () => {
  test("OpenAI's: which limit, used, of how many, until when, and what changes it", () => {
    const { status, headers, body } = openai.refusal(FULL);
    expect(status).toBe(429);
    expect(headers).toEqual({
      "content-type": "application/json",
      "x-request-id": "req_7",
      "retry-after": "3",
      "retry-after-ms": "2500",
      "x-should-retry": "true",
    });
    expect(JSON.parse(body)).toEqual({
      error: {
        message: WORDS,
        type: "requests",
        param: null,
        code: "QUEUE_FULL",
        mabeam: {
          code: "QUEUE_FULL",
          request_id: "req_7",
          limit_name: "rpm",
          used: "58",
          limit: "60",
          resets_at: "2026-03-03T18:44:16.000Z",
          fix: "mabeam gateway agents --queue 128",
        },
      },
    });
  });

  test("Anthropic's", () => {
    const { headers, body } = anthropic.refusal(FULL);
    expect(headers).toMatchObject({ "request-id": "req_7", "retry-after": "3" });
    expect(JSON.parse(body)).toEqual({
      type: "error",
      error: {
        type: "rate_limit_error",
        message: WORDS,
        details: {
          error_code: "QUEUE_FULL",
          request_id: "req_7",
          limit_name: "rpm",
          used: "58",
          limit: "60",
          resets_at: "2026-03-03T18:44:16.000Z",
          fix: "mabeam gateway agents --queue 128",
        },
      },
      request_id: "req_7",
    });
  });

  test("Google's", () => {
    const { headers, body } = google.refusal(FULL);
    expect(headers).toMatchObject({ "retry-after": "3", "retry-after-ms": "2500" });
    expect(JSON.parse(body)).toMatchObject({
      error: {
        code: 429,
        message: WORDS,
        status: "RESOURCE_EXHAUSTED",
        details: [
          { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "QUEUE_FULL", domain: "mabeam" },
          { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "2.5s" },
        ],
      },
    });
  });

  test.each(DIALECTS.map((dialect) => [dialect.name, dialect] as const))(
    "%s: of every status, words are words, and it is read as it was meant",
    (_, dialect) => {
      for (const status of STATUSES) {
        const { body, headers } = dialect.refusal({
          status,
          code: "SOME_CODE",
          message: "why",
          retryMs: null,
          requestId: "r",
        });
        const { error } = JSON.parse(body);
        for (const word of [error.message, dialect.name === "google" ? error.status : error.type]) {
          expect(word).toEqual(expect.stringMatching(/^[A-Za-z][A-Za-z_]+$/));
          expect(word).not.toBe("None");
        }
        expect(headers).not.toHaveProperty("retry-after");
        expect(headers).toMatchObject({ "x-should-retry": "false" });
      }
      const { status, headers, body } = dialect.refusal({ ...FULL, message: "no" });
      const failure = dialect.failureOf(status, headers, body, 0);
      expect(failure).toMatchObject({ kind: "limit", retryMs: 2_500 });
    },
  );

  test("G40 over budget: billing, and nobody tries again", () => {
    expect(JSON.parse(anthropic.refusal(BUDGET).body).error.type).toBe("billing_error");
    expect(JSON.parse(openai.refusal(BUDGET).body).error.type).toBe("insufficient_quota");
    expect(JSON.parse(google.refusal(BUDGET).body).error).toMatchObject({
      code: 402,
      status: "RESOURCE_EXHAUSTED",
      message: "today's budget is used up; 5 of 5 credits of the budget are used",
    });
    for (const dialect of DIALECTS)
      expect(dialect.refusal(BUDGET).headers).toMatchObject({ "x-should-retry": "false" });
    expect(JSON.parse(anthropic.refusal({ ...BUDGET, status: 429 }).body).error.type).toBe("billing_error");
  });

  test.each([
    [0, "1", "1"],
    [0.2, "1", "1"],
    [1_000, "1", "1000"],
    [1_001, "2", "1001"],
    [60_000, "60", "60000"],
    [60_001, "60", "60000"],
    [7_200_000, "60", "60000"],
  ])("G29 a wait of %d ms is said as %s s, %s ms", (retryMs, seconds, ms) => {
    for (const dialect of DIALECTS) {
      expect(dialect.refusal({ ...FULL, retryMs }).headers).toMatchObject({
        "retry-after": seconds,
        "retry-after-ms": ms,
      });
    }
  });

  test("G29 agents that were refused together come back apart, each always after the same wait", () => {
    const waits = Array.from({ length: 50 }, (_, i) => jitteredMs(10_000, `agent-${i}`));
    expect(waits).toEqual(Array.from({ length: 50 }, (_, i) => jitteredMs(10_000, `agent-${i}`)));
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(10_000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(12_500);
    expect(new Set(waits).size).toBeGreaterThan(40);
  });
});
