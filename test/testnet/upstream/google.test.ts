// Google's family as the upstream plays it: limits that only refusals tell, days that end at midnight, thoughts, arrays.
import { describe, expect, test } from "vitest";
import { faultsInOrder } from "../../../testnet/upstream/faults.js";
import { headersOf, type Loose, promptOf, worldOf } from "./world.js";

const at = (method: string): string => `/v1beta/models/gemini-upstream:${method}`;
const ask = (text: string, more: object = {}) => ({
  contents: [{ role: "user", parts: [{ text }] }],
  ...more,
});
const VIOLATION = {
  quotaMetric: "generativelanguage.googleapis.com/generate_content_free_tier_requests",
  quotaId: "GenerateRequestsPerMinutePerProjectPerModel-FreeTier",
  quotaDimensions: { location: "global", model: "gemini-upstream" },
  quotaValue: "10",
};

describe("limits", () => {
  test("no header tells them; a refusal names each, and cuts its delay to whole seconds", async () => {
    const { post, clock } = await worldOf("google", { rpm: 10, tpm: 1_000 });
    for (let i = 0; i < 10; i++) {
      const headers = headersOf(await post(at("generateContent"), ask("?")));
      expect(Object.keys(headers).filter((name) => /limit|retry/.test(name))).toEqual([]);
    }
    clock.pass(10);
    const refused = await post(at("generateContent"), ask(promptOf(1_000)));
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({
      error: {
        code: 429,
        status: "RESOURCE_EXHAUSTED",
        message: expect.stringContaining("retry in 6s."),
        details: [
          {
            "@type": "type.googleapis.com/google.rpc.QuotaFailure",
            violations: [
              VIOLATION,
              {
                quotaMetric: "generativelanguage.googleapis.com/generate_content_free_tier_input_token_count",
                quotaId: "GenerateContentInputTokensPerMinutePerProjectPerModel-FreeTier",
                quotaValue: "1000",
              },
            ],
          },
          { "@type": "type.googleapis.com/google.rpc.Help" },
          { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "6s" },
        ],
      },
    });
  });

  test("a delay of 1.68 s is told whole in words, and as 1s beside them", async () => {
    const { post, clock } = await worldOf("google", { tpm: 1_000 });
    await post(at("generateContent"), ask(promptOf(1_000)));
    clock.pass(10);
    const refused = await post(at("generateContent"), ask(promptOf(28)));
    const text = await refused.text();
    expect(text).toContain("retry in 1.68s.");
    expect(text).toContain('"retryDelay":"1s"');
  });

  test("a day's limit says 47 s, and lasts until midnight in the west", async () => {
    const { post, clock } = await worldOf("google", { rpm: 10, rpd: 1 });
    await post(at("generateContent"), ask("?"));
    const refused = await post(at("generateContent"), ask("?"));
    const text = await refused.text();
    expect(text).toContain("GenerateRequestsPerDayPerProjectPerModel-FreeTier");
    expect(text).toContain('"retryDelay":"47s"');
    clock.pass(47_000);
    expect((await post(at("generateContent"), ask("?"))).status).toBe(429);
    // From noon to eight in the morning, when it is midnight there.
    clock.pass(20 * 3_600_000 - 47_000);
    expect((await post(at("generateContent"), ask("?"))).status).toBe(200);
  });

  test("a stream's refusal is the one member of an array", async () => {
    const { post } = await worldOf("google", { rpm: 1 });
    await post(at("generateContent"), ask("?"));
    const refused = await post(`${at("streamGenerateContent")}?alt=sse`, ask("?"));
    expect([refused.status, await refused.json()]).toEqual([
      429,
      [expect.objectContaining({ error: expect.objectContaining({ code: 429 }) })],
    ]);
  });

  test("a refusal may be without details", async () => {
    const { whole } = await worldOf("google", {}, { faults: faultsInOrder([{ kind: "bare" }]) });
    expect(await whole(at("generateContent"), ask("?"))).toEqual({
      error: { code: 429, message: expect.any(String), status: "RESOURCE_EXHAUSTED" },
    });
  });
});

describe("generated content", () => {
  test("output is candidates and thoughts, told apart", async () => {
    const { whole } = await worldOf("google");
    const answer = await whole(at("generateContent"), ask("[write 200 tokens]"));
    expect(answer.usageMetadata).toMatchObject({
      promptTokenCount: 5,
      candidatesTokenCount: 150,
      thoughtsTokenCount: 50,
      totalTokenCount: 205,
    });
    const config = { generationConfig: { thinkingConfig: { thinkingBudget: 0 } } };
    const plain = await whole(at("generateContent"), ask("[write 200 tokens]", config));
    expect(plain.usageMetadata).toMatchObject({ candidatesTokenCount: 200, totalTokenCount: 205 });
    expect("thoughtsTokenCount" in plain.usageMetadata).toBe(false);
  });

  test("a stream is of events that end in CRLF, each with the usage so far, or one array", async () => {
    const { post, whole, streamed } = await worldOf("google");
    const path = at("streamGenerateContent");
    const raw = await (await post(`${path}?alt=sse`, ask("[write 100 tokens]"))).text();
    expect(raw.replaceAll("\r\n", "")).not.toContain("\n");
    const events = await streamed(`${path}?alt=sse`, ask("[write 100 tokens]"));
    const array = await whole(path, ask("[write 100 tokens]"));
    for (const chunks of [events, array]) {
      const counts: number[] = chunks.map((chunk: Loose) => chunk.usageMetadata.totalTokenCount);
      expect(counts).toEqual([...counts].sort((a, b) => a - b));
      expect(chunks.at(-1)).toMatchObject({
        candidates: [{ finishReason: "STOP" }],
        usageMetadata: { candidatesTokenCount: 75, thoughtsTokenCount: 25, totalTokenCount: 105 },
      });
    }
  });

  test("what was read lately is cached, and a tool is called", async () => {
    const { whole } = await worldOf("google");
    await whole(at("generateContent"), ask(promptOf(1_100)));
    const tools = { tools: [{ functionDeclarations: [{ name: "look" }] }] };
    const again = await whole(at("generateContent"), ask(promptOf(1_100)));
    expect(again.usageMetadata).toMatchObject({ promptTokenCount: 1_100, cachedContentTokenCount: 1_024 });
    const called = await whole(at("generateContent"), ask("?", tools));
    expect(called.candidates[0].content.parts).toEqual([
      { functionCall: { name: "look", args: { input: expect.any(String) } } },
    ]);
  });

  test("counting is free, and the key may be in the address", async () => {
    const { whole, url, journal } = await worldOf("google", { rpm: 1 });
    expect(await whole(at("countTokens"), ask(promptOf(9)))).toEqual({ totalTokens: 9 });
    const models = await fetch(`${url}/v1beta/models?key=sk-upstream-0001`);
    expect(await models.json()).toMatchObject({ models: [{ name: "models/gemini-upstream" }] });
    expect(journal.counted).toEqual([]);
  });
});
