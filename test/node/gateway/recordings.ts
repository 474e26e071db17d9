// Answers with the figures of recorded ones (the gateway's contract, 3 and 5), in our own words.
import type { DialectName, Failure, Fields, Usage } from "../../../node/gateway/dialect.js";

export interface Recording {
  readonly what: string;
  readonly dialect: DialectName;
  readonly fields?: Fields;
  readonly body: string;
  readonly usage: Usage | null;
  /** left out: where there is any usage */
  readonly isUsageFinal?: boolean;
  readonly failure: Failure | null;
  readonly hasContent: boolean;
  readonly contentChars: number;
}

const used = (
  freshInput: number,
  cacheRead: number,
  cacheWrite: number,
  output: number,
  cacheWriteHour = 0,
): Usage => ({
  freshInput,
  cacheRead,
  cacheWrite,
  cacheWriteHour,
  output,
});

const events = (documents: readonly unknown[], end = "\n"): string =>
  documents.map((one) => `data: ${typeof one === "string" ? one : JSON.stringify(one)}${end}${end}`).join("");
const named = (
  documents: readonly { readonly type: string; readonly [key: string]: unknown }[],
  end = "\n",
): string =>
  documents.map((one) => `event: ${one.type}${end}data: ${JSON.stringify(one)}${end}${end}`).join("");

const chunk = (delta: unknown, more: object = {}) => ({
  id: "chatcmpl-1",
  object: "chat.completion.chunk",
  model: "gpt-5-mini",
  choices: [{ index: 0, delta, finish_reason: null }],
  usage: null,
  ...more,
});
const CHAT_USAGE = {
  prompt_tokens: 1_200,
  completion_tokens: 300,
  total_tokens: 1_500,
  prompt_tokens_details: { cached_tokens: 1_024 },
  completion_tokens_details: { reasoning_tokens: 192 },
};
/** Azure's first chunk has no choices either. */
const AZURE_FIRST = {
  choices: [],
  created: 0,
  id: "",
  model: "",
  prompt_filter_results: [{ prompt_index: 0 }],
};
const CHAT_CONTENT = [
  AZURE_FIRST,
  chunk({ role: "assistant", content: "" }),
  chunk({ content: "Grüße, 😀\n" }),
  chunk({ tool_calls: [{ index: 0, function: { name: "f", arguments: '{"a":1}' } }] }),
];
export const CHAT_USAGE_CHUNK = { ...chunk({}), choices: [], usage: CHAT_USAGE };

const response = (type: string, more: object = {}) => ({
  type,
  response: { id: "resp_1", object: "response", status: "in_progress", error: null, usage: null, ...more },
});
/** Longer than the 16 kB that hid refusals from a reader of beginnings. */
const LONG_CREATED = response("response.created", { instructions: `"usage": ${"be brief. ".repeat(2_000)}` });
const RESPONSE_USAGE = {
  input_tokens: 84_500,
  input_tokens_details: { cached_tokens: 79_430 },
  output_tokens: 520,
  output_tokens_details: { reasoning_tokens: 400 },
  total_tokens: 85_020,
};
const AZURE_FIELDS: Fields = { "retry-after": "4", "x-ratelimit-remaining-tokens": "-27689" };

const messageStart = {
  type: "message_start",
  message: {
    id: "msg_1",
    role: "assistant",
    content: [],
    usage: {
      input_tokens: 25,
      cache_creation_input_tokens: 1_000,
      cache_read_input_tokens: 30_000,
      cache_creation: { ephemeral_5m_input_tokens: 600, ephemeral_1h_input_tokens: 400 },
      output_tokens: 1,
    },
  },
};
const MESSAGE_CONTENT = [
  { type: "ping" },
  { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
  { type: "content_block_delta", index: 0, delta: { type: "thinking_delta", thinking: "hm" } },
  { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Hello" } },
  { type: "ping" },
  { type: "content_block_delta", index: 1, delta: { type: "input_json_delta", partial_json: '{"q":' } },
  { type: "content_block_stop", index: 0 },
];
const messageDelta = (output: number) => ({
  type: "message_delta",
  delta: { stop_reason: "end_turn" },
  usage: { output_tokens: output },
});
const OVERLOADED = { type: "error", error: { type: "overloaded_error", message: "too busy" } };

const candidate = (text: string, usageMetadata?: object) => ({
  candidates: [{ content: { role: "model", parts: [{ text }] } }],
  ...(usageMetadata === undefined ? {} : { usageMetadata }),
});
/** 27 + 6 + 194 = 227 */
const GEMINI = {
  promptTokenCount: 27,
  candidatesTokenCount: 6,
  thoughtsTokenCount: 194,
  totalTokenCount: 227,
};
const GEMINI_ERROR = {
  error: { code: 429, message: "used up: retry in 1.68122827s", status: "RESOURCE_EXHAUSTED" },
};

export const RECORDINGS: readonly Recording[] = [
  {
    what: "chat completions, streamed, with usage",
    dialect: "openai",
    body: events([...CHAT_CONTENT, CHAT_USAGE_CHUNK, "[DONE]"]),
    usage: used(176, 1_024, 0, 300),
    failure: null,
    hasContent: true,
    contentChars: 16,
  },
  {
    what: "chat completions, streamed with CRLF, without usage",
    dialect: "openai",
    body: events([...CHAT_CONTENT, "[DONE]"], "\r\n"),
    usage: null,
    failure: null,
    hasContent: true,
    contentChars: 16,
  },
  {
    what: "chat completions, cut off before the usage",
    dialect: "openai",
    body: `${events(CHAT_CONTENT)}data: {"choices":[{"del`,
    usage: null,
    failure: null,
    hasContent: true,
    contentChars: 16,
  },
  {
    what: "usage in the chunk that ends the content, as some upstreams send it",
    dialect: "openai",
    body: events([chunk({ content: "hi" }, { usage: { prompt_tokens: 5, completion_tokens: 1 } }), "[DONE]"]),
    usage: used(5, 0, 0, 1),
    failure: null,
    hasContent: true,
    contentChars: 2,
  },
  {
    what: "a whole chat completion",
    dialect: "openai",
    body: JSON.stringify({ choices: [{ message: { content: "hello" } }], usage: CHAT_USAGE }, null, 2),
    usage: used(176, 1_024, 0, 300),
    failure: null,
    hasContent: true,
    contentChars: 5,
  },
  {
    what: "embeddings",
    dialect: "openai",
    body: JSON.stringify({
      data: [{ embedding: [0.1, -2e-3] }],
      usage: { prompt_tokens: 8, total_tokens: 8 },
    }),
    usage: used(8, 0, 0, 0),
    failure: null,
    hasContent: true,
    contentChars: 0,
  },
  {
    what: "a chat stream that ends in an error",
    dialect: "openai",
    body: events([chunk({ content: "hi" }), { error: { code: 429, message: "enough for now" } }]),
    usage: null,
    failure: { kind: "limit", retryMs: null, dimension: null },
    hasContent: true,
    contentChars: 2,
  },
  {
    what: "a response, streamed",
    dialect: "openai",
    body: named([
      LONG_CREATED,
      response("response.in_progress"),
      { type: "response.output_text.delta", delta: "Hello" },
      { type: "response.output_text.done", text: "Hello" },
      response("response.completed", {
        status: "completed",
        usage: RESPONSE_USAGE,
        output: [{ content: "Hello" }],
      }),
    ]),
    usage: used(5_070, 79_430, 0, 520),
    failure: null,
    hasContent: true,
    contentChars: 5,
  },
  {
    what: "a response that ends incomplete",
    dialect: "openai",
    body: named([
      response("response.created"),
      response("response.incomplete", { status: "incomplete", usage: RESPONSE_USAGE }),
    ]),
    usage: used(5_070, 79_430, 0, 520),
    failure: null,
    hasContent: true,
    contentChars: 0,
  },
  {
    what: "Azure's refusal behind a status of 200, after a long beginning",
    dialect: "openai",
    fields: AZURE_FIELDS,
    body: named([
      LONG_CREATED,
      { type: "error", code: "rate_limit_exceeded", message: "too much", param: null },
      response("response.failed", {
        status: "failed",
        error: { code: "rate_limit_exceeded", message: "too much" },
      }),
    ]),
    usage: null,
    failure: { kind: "limit", retryMs: 4_000, dimension: null },
    hasContent: false,
    contentChars: 0,
  },
  {
    what: "a response whose failure is only in its last event",
    dialect: "openai",
    body: named([
      response("response.created"),
      response("response.failed", { error: { code: "insufficient_quota", message: "nothing left" } }),
    ]),
    usage: null,
    failure: { kind: "exhausted", why: "credit", untilMs: null },
    hasContent: false,
    contentChars: 0,
  },
  {
    what: "a whole response",
    dialect: "openai",
    body: JSON.stringify({
      object: "response",
      error: null,
      output: [{ content: [{ type: "output_text", text: "hey" }] }],
      usage: RESPONSE_USAGE,
    }),
    usage: used(5_070, 79_430, 0, 520),
    failure: null,
    hasContent: true,
    contentChars: 3,
  },
  {
    what: "a message, streamed: counts are cumulative, pings anywhere",
    dialect: "anthropic",
    body: named([
      messageStart,
      ...MESSAGE_CONTENT,
      messageDelta(15),
      messageDelta(42),
      { type: "message_stop" },
    ]),
    usage: used(25, 30_000, 1_000, 42, 400),
    failure: null,
    hasContent: true,
    contentChars: 12,
  },
  {
    what: "a message whose last delta counts all anew",
    dialect: "anthropic",
    body: named([
      messageStart,
      ...MESSAGE_CONTENT,
      {
        ...messageDelta(42),
        usage: {
          input_tokens: 30,
          cache_creation_input_tokens: 0,
          cache_read_input_tokens: 31_000,
          output_tokens: 42,
        },
      },
    ]),
    usage: used(30, 31_000, 0, 42, 0),
    failure: null,
    hasContent: true,
    contentChars: 12,
  },
  {
    what: "a message that breaks off before its first delta",
    dialect: "anthropic",
    body: named([messageStart, { type: "ping" }], "\r\n"),
    usage: used(25, 30_000, 1_000, 1, 400),
    isUsageFinal: false,
    failure: null,
    hasContent: false,
    contentChars: 0,
  },
  {
    what: "an overloaded upstream, after 200 and before content",
    dialect: "anthropic",
    body: named([messageStart, OVERLOADED]),
    usage: used(25, 30_000, 1_000, 1, 400),
    isUsageFinal: false,
    failure: { kind: "overloaded", retryMs: null },
    hasContent: false,
    contentChars: 0,
  },
  {
    what: "an overloaded upstream in the middle of content",
    dialect: "anthropic",
    body: named([messageStart, ...MESSAGE_CONTENT, OVERLOADED]),
    usage: used(25, 30_000, 1_000, 1, 400),
    isUsageFinal: false,
    failure: { kind: "overloaded", retryMs: null },
    hasContent: true,
    contentChars: 12,
  },
  {
    what: "a whole message",
    dialect: "anthropic",
    body: JSON.stringify({
      type: "message",
      content: [{ type: "text", text: "Hello" }],
      usage: { input_tokens: 9, output_tokens: 3 },
    }),
    usage: used(9, 0, 0, 3),
    failure: null,
    hasContent: true,
    contentChars: 5,
  },
  {
    what: "content, streamed as events: thoughts are output",
    dialect: "google",
    body: events(
      [candidate("Hel", { promptTokenCount: 27, thoughtsTokenCount: 100 }), candidate("lo", GEMINI)],
      "\r\n",
    ),
    usage: used(27, 0, 0, 200),
    failure: null,
    hasContent: true,
    contentChars: 5,
  },
  {
    what: "content that breaks off before its candidates are counted",
    dialect: "google",
    body: events([candidate("Hel", { promptTokenCount: 27, thoughtsTokenCount: 100 })], "\r\n"),
    usage: used(27, 0, 0, 100),
    isUsageFinal: false,
    failure: null,
    hasContent: true,
    contentChars: 3,
  },
  {
    what: "content, streamed as an array",
    dialect: "google",
    body: JSON.stringify(
      [
        candidate("Hel"),
        candidate("lo", { ...GEMINI, cachedContentTokenCount: 20, toolUsePromptTokenCount: 3 }),
      ],
      null,
      1,
    ),
    usage: used(10, 20, 0, 200),
    failure: null,
    hasContent: true,
    contentChars: 5,
  },
  {
    what: "whole content",
    dialect: "google",
    body: JSON.stringify(candidate("Hello", GEMINI)),
    usage: used(27, 0, 0, 200),
    failure: null,
    hasContent: true,
    contentChars: 5,
  },
  {
    what: "an interaction, streamed: its usage comes last",
    dialect: "google",
    body: events([
      { event_type: "interaction.created", interaction: { id: "i", status: "in_progress" } },
      { event_type: "step.delta", index: 0, delta: { type: "text", text: "Hello" } },
      {
        event_type: "interaction.completed",
        interaction: {
          status: "completed",
          usage: {
            total_input_tokens: 30,
            total_cached_tokens: 20,
            total_tool_use_tokens: 2,
            total_output_tokens: 6,
            total_thought_tokens: 194,
          },
        },
      },
    ]),
    usage: used(12, 20, 0, 200),
    failure: null,
    hasContent: true,
    contentChars: 5,
  },
  {
    what: "a whole interaction",
    dialect: "google",
    body: JSON.stringify({
      status: "completed",
      steps: [{ type: "model_output", content: [{ type: "text", text: "Hello" }] }],
      usage: { total_input_tokens: 3, total_output_tokens: 2 },
    }),
    usage: used(3, 0, 0, 2),
    failure: null,
    hasContent: true,
    contentChars: 5,
  },
  {
    what: "an interaction that is refused in its stream",
    dialect: "google",
    body: events([
      { event_type: "interaction.created", interaction: { id: "i" } },
      { event_type: "error", error: { code: "resource_exhausted", message: "enough" } },
    ]),
    usage: null,
    failure: { kind: "limit", retryMs: null, dimension: null },
    hasContent: false,
    contentChars: 0,
  },
  {
    what: "an error as the element of a streamed array",
    dialect: "google",
    body: JSON.stringify([GEMINI_ERROR], null, 2),
    usage: null,
    failure: { kind: "limit", retryMs: 1_682, dimension: null },
    hasContent: false,
    contentChars: 0,
  },
  {
    what: "an error in an array in an event",
    dialect: "google",
    body: events([candidate("Hel"), JSON.stringify([GEMINI_ERROR])]),
    usage: null,
    failure: { kind: "limit", retryMs: 1_682, dimension: null },
    hasContent: true,
    contentChars: 3,
  },
];
