// Anthropic's family as the upstream plays it: three limits apart, caches beside input, streams, and bare refusals.
import { describe, expect, test } from "vitest";
import { faultsInOrder } from "../../../testnet/upstream/faults.js";
import { customerOf, headersOf, promptOf, worldOf } from "./world.js";

const MESSAGES = "/v1/messages";
const ask = (content: unknown, more: object = {}) => ({
  model: "claude-upstream",
  max_tokens: 1_000,
  messages: [{ role: "user", content }],
  ...more,
});
const marked = (text: string) => [{ type: "text", text, cache_control: { type: "ephemeral" } }];

describe("limits", () => {
  test("headers tell each limit, what is left in whole thousands, and when all is back", async () => {
    const { post } = await worldOf("anthropic", { rpm: 50, itpm: 50_000, otpm: 10_000 });
    const headers = headersOf(await post(MESSAGES, ask(promptOf(400))));
    expect(headers).toMatchObject({
      "request-id": expect.stringMatching(/^req_011/),
      "anthropic-ratelimit-requests-limit": "50",
      "anthropic-ratelimit-requests-remaining": "49",
      "anthropic-ratelimit-requests-reset": "2026-03-06T12:00:01Z",
      "anthropic-ratelimit-input-tokens-limit": "50000",
      "anthropic-ratelimit-input-tokens-remaining": "50000",
      "anthropic-ratelimit-output-tokens-limit": "10000",
      "anthropic-ratelimit-output-tokens-remaining": "10000",
      "anthropic-ratelimit-tokens-limit": "60000",
      "anthropic-ratelimit-tokens-remaining": "60000",
    });
  });

  test("input may be used up while requests are not", async () => {
    const { post, journal } = await worldOf("anthropic", { rpm: 1_001, itpm: 40_000 });
    await (await post(MESSAGES, ask(promptOf(39_981)))).text();
    const refused = await post(MESSAGES, ask(promptOf(20_019)));
    expect(refused.status).toBe(429);
    expect(await refused.json()).toEqual({
      type: "error",
      error: { type: "rate_limit_error", message: expect.stringContaining("40000 input tokens per minute") },
      request_id: expect.stringMatching(/^req_011/),
    });
    expect(headersOf(refused)).toMatchObject({
      "retry-after": "30",
      "anthropic-ratelimit-requests-remaining": "1000",
      "anthropic-ratelimit-input-tokens-remaining": "0",
    });
    expect(journal.refused.map(({ over }) => over.map(({ limit }) => limit.dimension))).toEqual([
      ["inputTokens"],
    ]);
  });

  test("output counts as it is written, not as it is asked for", async () => {
    const { post, clock } = await worldOf("anthropic", { otpm: 100 });
    const wish = ask("[write 150 tokens]");
    expect((await post(MESSAGES, wish)).status).toBe(200);
    const refused = await post(MESSAGES, wish);
    expect(refused.status).toBe(429);
    clock.pass(Number(refused.headers.get("retry-after")) * 1_000);
    expect((await post(MESSAGES, wish)).status).toBe(200);
  });

  test("what the cache had counts nothing", async () => {
    const { post, whole } = await worldOf("anthropic", { itpm: 2_600 });
    const first = await whole(MESSAGES, ask(marked(promptOf(2_048))));
    expect(first.usage).toMatchObject({
      input_tokens: 0,
      cache_creation_input_tokens: 2_048,
      cache_read_input_tokens: 0,
      cache_creation: { ephemeral_5m_input_tokens: 2_048, ephemeral_1h_input_tokens: 0 },
    });
    const grown = [
      ...marked(promptOf(2_048)),
      ...marked(promptOf(256)),
      { type: "text", text: promptOf(10) },
    ];
    const second = await whole(MESSAGES, ask(grown));
    expect(second.usage).toMatchObject({
      input_tokens: 10,
      cache_creation_input_tokens: 256,
      cache_read_input_tokens: 2_048,
    });
    expect((await post(MESSAGES, ask(promptOf(287)))).status).toBe(429);
    expect((await post(MESSAGES, ask(promptOf(286)))).status).toBe(200);
  });

  test("an acceleration limit refuses who grows too fast", async () => {
    const { post } = await worldOf(
      "anthropic",
      { itpm: 1_000_000 },
      {},
      {
        acceleration: { floor: 1_000, growth: 2 },
      },
    );
    expect((await post(MESSAGES, ask(promptOf(1_000)))).status).toBe(200);
    const refused = await post(MESSAGES, ask(promptOf(1)));
    expect(await refused.json()).toMatchObject({
      error: { type: "rate_limit_error", message: expect.stringContaining("grows faster") },
    });
    expect(refused.headers.get("retry-after")).toBe("60");
  });

  test("a refusal may be bare, and overload is not the account's fault", async () => {
    const faults = faultsInOrder([{ kind: "bare" }, { kind: "overloaded" }]);
    const { post, journal } = await worldOf("anthropic", { rpm: 50 }, { faults });
    const bare = await post(MESSAGES, ask("?"));
    expect([bare.status, bare.headers.get("x-should-retry"), bare.headers.get("retry-after")]).toEqual([
      429,
      "true",
      null,
    ]);
    expect(Object.keys(headersOf(bare)).filter((name) => name.includes("ratelimit"))).toEqual([]);
    expect(await bare.json()).toMatchObject({ error: { type: "rate_limit_error", message: "Error" } });
    const overloaded = await post(MESSAGES, ask("?"));
    expect(overloaded.status).toBe(529);
    expect(await overloaded.json()).toMatchObject({
      type: "error",
      error: { type: "overloaded_error", message: "Overloaded" },
    });
    expect(journal.counted).toEqual([]);
  });

  test("a customer who has paid for nothing is at no limit", async () => {
    const { post } = await worldOf("anthropic", {}, { customers: [customerOf({ paidTokens: 0 })] });
    const refused = await post(MESSAGES, ask("?"));
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({
      error: { message: expect.stringContaining("credit balance") },
    });
  });

  test("a subscription is told how full its windows are, and which one binds", async () => {
    const hours = (count: number) => count * 3_600_000;
    const windows = [
      { dimension: "tokens", limit: 100, windowMs: hours(5), ends: "refill" },
      { dimension: "tokens", limit: 1_000, windowMs: hours(168), ends: "refill" },
    ] as const;
    const key = "sk-ant-oat01-upstream";
    const { post } = await worldOf(
      "anthropic",
      {},
      { customers: [customerOf({ key }, { limits: windows })] },
    );
    const wish = ask("[write 87 tokens]");
    const bearer = { "x-api-key": key };
    await (await post(MESSAGES, wish, bearer)).text();
    const refused = await post(MESSAGES, ask(promptOf(20)), bearer);
    expect(refused.status).toBe(429);
    expect(headersOf(refused)).toMatchObject({
      "anthropic-ratelimit-unified-status": "allowed",
      "anthropic-ratelimit-unified-5h-utilization": "0.92",
      "anthropic-ratelimit-unified-7d-utilization": "0.09",
      "anthropic-ratelimit-unified-representative-claim": "five_hour",
      "anthropic-ratelimit-unified-fallback-percentage": "0.5",
      "anthropic-ratelimit-unified-5h-reset": expect.stringMatching(/^\d{10}$/),
    });
    expect(Object.keys(headersOf(refused)).some((name) => name.includes("requests"))).toBe(false);
  });
});

describe("messages", () => {
  test("whole and streamed say the same; the stream's output counts grow to the last", async () => {
    const { whole, streamed } = await worldOf("anthropic");
    const wish = ask("[write 600 tokens]");
    const answer = await whole(MESSAGES, wish);
    expect(answer).toMatchObject({ type: "message", role: "assistant", stop_reason: "end_turn" });
    const events = await streamed(`${MESSAGES}?beta=true`, { ...wish, stream: true });
    const kinds = events.map(({ type }) => type).filter((type) => type !== "content_block_delta");
    expect(kinds.filter((type) => type !== "ping")).toEqual([
      "message_start",
      "content_block_start",
      "content_block_stop",
      "message_delta",
      "message_stop",
    ]);
    expect(kinds.filter((type) => type === "ping").length).toBeGreaterThan(1);
    expect(events[0].message.usage).toMatchObject({ input_tokens: 5, output_tokens: 1 });
    expect(events.at(-2)).toMatchObject({
      delta: { stop_reason: "end_turn" },
      usage: { output_tokens: 600 },
    });
    expect(answer.usage).toMatchObject({ input_tokens: 5, output_tokens: 600 });
    const text = events.map(({ delta }) => delta?.text ?? "").join("");
    expect(text).toHaveLength(2_400);
    expect(answer.content[0].text).toHaveLength(2_400);
  });

  test("each event is named as its data is", async () => {
    const { post } = await worldOf("anthropic");
    const text = await (await post(MESSAGES, ask("[write 9 tokens]", { stream: true }))).text();
    for (const event of text.trimEnd().split("\n\n")) {
      const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(event)!;
      expect(JSON.parse(data!).type).toBe(name);
    }
  });

  test("a tool is called whole and in pieces, and what is cut ends for its length", async () => {
    const { whole, streamed } = await worldOf("anthropic");
    const tools = [{ name: "look", input_schema: { type: "object" } }];
    const answer = await whole(MESSAGES, ask("?", { tools }));
    expect(answer).toMatchObject({
      stop_reason: "tool_use",
      content: [{ type: "tool_use", name: "look", input: { input: expect.any(String) } }],
    });
    const events = await streamed(MESSAGES, ask("?", { tools, stream: true }));
    const pieces = events.map(({ delta }) => delta?.partial_json ?? "").join("");
    expect(JSON.parse(pieces)).toEqual({ input: expect.any(String) });
    const told = ask([{ type: "tool_result", tool_use_id: answer.content[0].id, content: "!" }], { tools });
    expect(await whole(MESSAGES, told)).toMatchObject({ content: [{ type: "text" }] });
    expect(await whole(MESSAGES, ask("[write 9 tokens]", { max_tokens: 3 }))).toMatchObject({
      stop_reason: "max_tokens",
      usage: { output_tokens: 3 },
    });
  });

  test("a model may be overloaded in the middle of its stream", async () => {
    const faults = faultsInOrder([{ kind: "failure", afterFrames: 4 }]);
    const { post, journal } = await worldOf("anthropic", {}, { faults });
    const answer = await post(MESSAGES, ask("[write 90 tokens]", { stream: true }));
    expect(answer.status).toBe(200);
    const text = await answer.text();
    expect(text).toContain("event: message_start\n");
    expect(text).toMatch(/event: error\ndata: {"type":"error","error":{"type":"overloaded_error".*}\n\n$/);
    expect(journal.visits[0]!.written).toBeLessThan(90);
  });

  test("counting and models are free; a key may come as a bearer's; nothing is at the root", async () => {
    const { whole, url, journal } = await worldOf("anthropic", { rpm: 1 });
    const { max_tokens: _, ...wish } = ask(promptOf(77));
    expect(await whole(`${MESSAGES}/count_tokens`, wish)).toEqual({ input_tokens: 77 });
    const bearer = { authorization: "Bearer sk-upstream-0001" };
    const models = await fetch(`${url}/v1/models?limit=1000`, { headers: bearer });
    expect(await models.json()).toMatchObject({ data: [{ id: "claude-upstream" }, { type: "model" }] });
    expect((await fetch(`${url}/`, { method: "HEAD" })).status).toBe(404);
    expect(await whole(MESSAGES, wish)).toMatchObject({ error: { type: "invalid_request_error" } });
    expect(journal.counted).toEqual([]);
  });
});
