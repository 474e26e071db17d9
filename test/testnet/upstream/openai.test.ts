// OpenAI's family as the upstream plays it: figures in headers, refusals, usage, streams, and Azure's refusal within a success.
import { describe, expect, test } from "vitest";
import { USUAL_KEY } from "../../../testnet/upstream/rules.js";
import { customerOf, eventsOf, headersOf, promptOf, worldOf } from "./world.js";

const CHAT = "/chat/completions";
const ask = (tokens: number, more: object = {}) => ({
  model: "gpt-upstream",
  messages: [{ role: "user", content: promptOf(tokens) }],
  ...more,
});

describe("limits", () => {
  test("headers tell what is left of requests and tokens, in Go's durations", async () => {
    const { post } = await worldOf("openai", { rpd: 10_000, tpm: 200_000 });
    const headers = headersOf(await post(CHAT, ask(12, { max_tokens: 10 })));
    expect(headers).toMatchObject({
      "openai-processing-ms": "81",
      "openai-version": "2020-10-01",
      "x-request-id": expect.stringMatching(/^req_/),
      "x-ratelimit-limit-requests": "10000",
      "x-ratelimit-remaining-requests": "9999",
      "x-ratelimit-reset-requests": "8.64s",
      "x-ratelimit-limit-tokens": "200000",
      "x-ratelimit-remaining-tokens": "199978",
      "x-ratelimit-reset-tokens": "6ms",
    });
  });

  test("what is asked includes max_tokens, and a refusal names limit, used, requested and wait", async () => {
    const { post, journal } = await worldOf("openai", { tpm: 500_000 });
    await post(CHAT, ask(231, { max_tokens: 442_000 }));
    const refused = await post(CHAT, ask(686, { max_tokens: 249_000 }));
    expect(refused.status).toBe(429);
    expect(await refused.json()).toEqual({
      error: {
        message: expect.stringMatching(
          /gpt-upstream in organization org-upstream on tokens per min .*Limit 500000, Used 442231, Requested 249686\. Please try again in 23\.03s/,
        ),
        type: "tokens",
        param: null,
        code: "rate_limit_exceeded",
      },
    });
    expect(headersOf(refused)).toMatchObject({ "retry-after": "24", "retry-after-ms": "23030" });
    expect(journal.refused).toHaveLength(1);
    expect(journal.counted.map(({ asked }) => asked?.tokens)).toEqual([442_231]);
  });

  test("requests are a limit of their own", async () => {
    const { post, clock } = await worldOf("openai", { rpm: 3, tpm: 1_000_000 });
    for (let i = 0; i < 3; i++) expect((await post(CHAT, ask(1))).status).toBe(200);
    const refused = await post(CHAT, ask(1));
    expect(await refused.json()).toMatchObject({ error: { type: "requests" } });
    clock.pass(Number(refused.headers.get("retry-after-ms")));
    expect((await post(CHAT, ask(1))).status).toBe(200);
  });

  test("what can never fit is told so, and no wait", async () => {
    const { post } = await worldOf("openai", { tpm: 100 });
    const refused = await post(CHAT, ask(101));
    expect(await refused.json()).toMatchObject({
      error: { message: expect.stringMatching(/too large.*Limit 100, Requested 101/) },
    });
    expect(refused.headers.has("retry-after")).toBe(false);
  });

  test("output that was not asked for counts as it is written", async () => {
    const { post } = await worldOf("openai", { tpm: 100_000 });
    await (await post(CHAT, ask(93, { messages: [{ content: "[write 50 tokens]" }] }))).text();
    const after = await post(CHAT, ask(1));
    const wish = Math.ceil("[write 50 tokens]".length / 4);
    expect(after.headers.get("x-ratelimit-remaining-tokens")).toBe(`${100_000 - wish - 50 - 1}`);
  });

  test("each model has limits of its own", async () => {
    const { post } = await worldOf("openai", { rpm: 1 });
    expect((await post(CHAT, ask(1))).status).toBe(200);
    expect((await post(CHAT, ask(1, { model: "gpt-upstream-mini" }))).status).toBe(200);
    expect((await post(CHAT, ask(1))).status).toBe(429);
  });

  test("a customer who has paid for no more hears so, of no wait and no limit", async () => {
    const { post } = await worldOf("openai", {}, { customers: [customerOf({ paidTokens: 50 })] });
    await (await post(CHAT, ask(50))).text();
    const refused = await post(CHAT, ask(1));
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({
      error: { type: "insufficient_quota", code: "insufficient_quota" },
    });
    expect(refused.headers.has("retry-after")).toBe(false);
  });
});

describe("chat completions", () => {
  const wish = { messages: [{ role: "user", content: "[write 30 tokens]" }] };

  test("whole and streamed say the same, and the stream its usage where it is asked for", async () => {
    const { post, whole } = await worldOf("openai");
    const answer = await whole(CHAT, ask(0, wish));
    const options = { stream: true, stream_options: { include_usage: true } };
    const response = await post(CHAT, ask(0, { ...wish, ...options }));
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    const events = eventsOf(await response.text());
    expect(events.pop()).toBe("[DONE]");
    const last = events.pop();
    expect(last.choices).toEqual([]);
    expect(last.usage).toEqual(answer.usage);
    expect(last.usage).toMatchObject({ prompt_tokens: 5, completion_tokens: 30, total_tokens: 35 });
    for (const { usage } of events) expect(usage).toBeNull();
    expect(events[0].choices[0].delta).toMatchObject({ role: "assistant", content: "" });
    expect(events.at(-1).choices[0]).toMatchObject({ delta: {}, finish_reason: "stop" });
    const text = events.map(({ choices }) => choices[0].delta.content ?? "").join("");
    expect(text).toHaveLength(30 * 4);
    expect(answer.choices[0].message.content).toHaveLength(30 * 4);
  });

  test("a stream without a wish for usage has none, and no chunk without choices", async () => {
    const { streamed } = await worldOf("openai");
    const events = await streamed(CHAT, ask(0, { ...wish, stream: true }));
    for (const event of events.slice(0, -1)) {
      expect(event.choices).toHaveLength(1);
      expect("usage" in event).toBe(false);
    }
  });

  test("a long prompt's beginning is cached, and thoughts are a part of what is written", async () => {
    const { post, whole } = await worldOf("openai");
    const long = { messages: [{ role: "user", content: `${promptOf(2_000)}[write 40 tokens]` }] };
    await (await post(CHAT, ask(0, long))).text();
    const again = await whole(CHAT, ask(0, { ...long, reasoning_effort: "low" }));
    expect(again.usage).toMatchObject({
      prompt_tokens: 2_005,
      completion_tokens: 40,
      prompt_tokens_details: { cached_tokens: 1_920 },
      completion_tokens_details: { reasoning_tokens: 10 },
    });
  });

  test("what is longer than may be written ends for its length", async () => {
    const { whole } = await worldOf("openai");
    const cut = await whole(CHAT, ask(0, { ...wish, max_completion_tokens: 4 }));
    expect(cut).toMatchObject({ usage: { completion_tokens: 4 }, choices: [{ finish_reason: "length" }] });
  });

  test("a tool is called whole and in pieces, and its answer ends in words", async () => {
    const { whole, streamed } = await worldOf("openai");
    const tools = [{ type: "function", function: { name: "look", parameters: {} } }];
    const answer = await whole(CHAT, ask(5, { tools }));
    expect(answer.choices[0]).toMatchObject({
      finish_reason: "tool_calls",
      message: { content: null, tool_calls: [{ type: "function", function: { name: "look" } }] },
    });
    const [call] = answer.choices[0].message.tool_calls;
    expect(JSON.parse(call.function.arguments)).toEqual({ input: expect.any(String) });
    const events = await streamed(CHAT, ask(5, { tools, stream: true }));
    const pieces = events
      .slice(0, -1)
      .map(({ choices }) => choices[0].delta.tool_calls?.[0].function.arguments);
    expect(JSON.parse(pieces.join(""))).toEqual({ input: expect.any(String) });
    const told = [
      { role: "user", content: "?" },
      { role: "tool", tool_call_id: call.id, content: "!" },
    ];
    const end = await whole(CHAT, ask(0, { tools, messages: told }));
    expect(end.choices[0].finish_reason).toBe("stop");
  });

  test("strangers, unknown paths and bodies without sense are refused in the dialect", async () => {
    const { post, url, journal } = await worldOf("openai");
    const key = await post(CHAT, ask(1), { authorization: "Bearer sk-other" });
    expect(key.status).toBe(401);
    expect(await key.json()).toMatchObject({ error: { code: "invalid_api_key" } });
    expect((await post("/elsewhere", ask(1))).status).toBe(404);
    expect((await post(CHAT, "{")).status).toBe(400);
    expect((await post(CHAT, { model: "gpt-upstream" })).status).toBe(400);
    expect((await fetch(`${url}/models`)).status).toBe(401);
    expect(journal.visits.map((visit) => visit.key)).toEqual(["sk-other", ...Array(3).fill(USUAL_KEY), null]);
  });
});

describe("responses", () => {
  const body = { model: "gpt-upstream", input: "[write 12 tokens]", instructions: promptOf(5_000) };

  test("a stream begins with all that was asked, numbered, and ends with the usage", async () => {
    const { post, whole } = await worldOf("openai");
    const text = await (await post("/responses", { ...body, stream: true })).text();
    const events = eventsOf(text);
    expect(events.map(({ type }) => type).filter((type) => !type.endsWith("delta"))).toEqual([
      "response.created",
      "response.in_progress",
      "response.output_item.added",
      "response.content_part.added",
      "response.output_text.done",
      "response.content_part.done",
      "response.output_item.done",
      "response.completed",
    ]);
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, at) => at));
    expect(text.indexOf("\n\n")).toBeGreaterThan(16_384);
    expect(events.at(-1).response).toMatchObject({
      status: "completed",
      usage: { input_tokens: 5_005, output_tokens: 12, total_tokens: 5_017 },
    });
    const answer = await whole("/responses", body);
    expect(answer.output[0].content[0].text).toHaveLength(12 * 4);
  });

  test("what is cut is incomplete", async () => {
    const { streamed } = await worldOf("openai");
    const events = await streamed("/responses", { ...body, stream: true, max_output_tokens: 3 });
    expect(events.at(-1)).toMatchObject({
      type: "response.incomplete",
      response: { incomplete_details: { reason: "max_output_tokens" }, usage: { output_tokens: 3 } },
    });
  });

  test("Azure refuses a stream within a success, with what is left below nothing", async () => {
    const { post, journal } = await worldOf("azure", { tpm: 6_000 });
    const first = await post("/responses", { ...body, input: "[write 2000 tokens]", stream: true });
    await first.text();
    const refused = await post("/responses", { ...body, stream: true });
    expect(refused.status).toBe(200);
    const headers = headersOf(refused);
    expect(Number(headers["x-ratelimit-remaining-tokens"])).toBeLessThan(0);
    expect(Number(headers["retry-after"])).toBeGreaterThan(0);
    const events = eventsOf(await refused.text());
    expect(events.map(({ type }) => type)).toEqual(["response.created", "error", "response.failed"]);
    expect(events[1]).toMatchObject({ code: "rate_limit_exceeded" });
    expect(journal.refused).toHaveLength(1);
    expect((await post("/responses", body)).status).toBe(429);
    expect((await post(CHAT, ask(6_000, { stream: true }))).status).toBe(429);
  });

  test("Azure may say that less than nothing is left, and refuse nothing", async () => {
    const { post } = await worldOf("azure", { tpm: 6_000 });
    const answered = await post("/responses", { ...body, stream: true });
    expect(Number(answered.headers.get("x-ratelimit-remaining-tokens"))).toBeLessThan(0);
    expect(eventsOf(await answered.text()).at(-1)).toMatchObject({ type: "response.completed" });
  });
});
