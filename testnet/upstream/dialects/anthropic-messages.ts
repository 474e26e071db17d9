// Anthropic's messages: bodies, answers and streams.
import type { Shape } from "../dialect.js";
import { type Answer, type Frame, shown } from "../exchange.js";
import { countIn, type Json, listIn, objectIn, textIn } from "../json.js";
import { promptOf } from "../prompt.js";
import { EVENT_STREAM, sseNamed } from "../sse.js";

/** Frames between which a stream says that it still lives. */
const PING_EVERY = 40;

export const messages: Shape = {
  read(body) {
    const model = textIn(body.model);
    if (model === null) return "model: Field required";
    if (!Array.isArray(body.messages) || body.messages.length === 0) {
      return "messages: at least one message is required";
    }
    const maxTokens = countIn(body.max_tokens);
    if (maxTokens === null) return "max_tokens: Field required";
    return {
      model,
      prompt: promptOf([body.tools, body.system, body.messages]),
      caching: "marked",
      maxTokens,
      isStreamed: body.stream === true,
      wantsUsage: true,
      thinks: false,
      tool: toolIn(body),
      echo: {},
    };
  },

  whole: (answer) => ({
    ...head(answer),
    content: [{ ...blockOf(answer), ...(answer.tool === null ? { text: shown(answer) } : inputOf(answer)) }],
    stop_reason: stopOf(answer),
    stop_sequence: null,
    usage: { ...usageOf(answer), output_tokens: answer.usage.output },
  }),

  *frames(answer): Generator<Frame> {
    const message = { ...head(answer), content: [], stop_reason: null, stop_sequence: null };
    const usage = { ...usageOf(answer), output_tokens: 1 };
    let written = 1;
    yield { bytes: sseNamed({ type: "message_start", message: { ...message, usage } }), written };
    const block = { ...blockOf(answer), ...(answer.tool === null ? {} : { input: {} }) };
    yield { bytes: sseNamed({ type: "content_block_start", index: 0, content_block: block }), written };
    const ping = sseNamed({ type: "ping" });
    yield { bytes: ping, written };
    let shownTokens = 0;
    for (const [at, { text, tokens }] of answer.pieces.entries()) {
      shownTokens += tokens;
      written = Math.max(1, shownTokens);
      const delta =
        answer.tool === null
          ? { type: "text_delta", text }
          : { type: "input_json_delta", partial_json: text };
      yield { bytes: sseNamed({ type: "content_block_delta", index: 0, delta }), written };
      if (at % PING_EVERY === PING_EVERY - 1) yield { bytes: ping, written };
    }
    yield { bytes: sseNamed({ type: "content_block_stop", index: 0 }), written };
    const delta = { stop_reason: stopOf(answer), stop_sequence: null };
    const last = { type: "message_delta", delta, usage: { output_tokens: answer.usage.output } };
    yield { bytes: sseNamed(last), written };
    yield { bytes: sseNamed({ type: "message_stop" }), written };
  },

  contentType: ({ isStreamed }) => (isStreamed ? EVENT_STREAM : "application/json"),

  failure: ({ id }) =>
    sseNamed({
      type: "error",
      error: { type: "overloaded_error", message: "Overloaded" },
      request_id: requestId(id),
    }),
};

export const requestId = (id: string): string => `req_011${id}`;

/** The tool that a body has called: the one it names, or its first, unless the last message brings a tool's answer. */
function toolIn(body: Json): string | null {
  const choice = objectIn(body.tool_choice);
  const last = listIn(objectIn(listIn(body.messages).at(-1)).content);
  if (choice.type === "none" || last.some((part) => objectIn(part).type === "tool_result")) return null;
  return textIn(choice.name) ?? textIn(objectIn(listIn(body.tools)[0]).name);
}

const head = ({ id, model }: Answer): Json => ({
  id: `msg_01${id}`,
  type: "message",
  role: "assistant",
  model,
});

const blockOf = ({ id, tool }: Answer): Json =>
  tool === null ? { type: "text", text: "" } : { type: "tool_use", id: `toolu_01${id}`, name: tool };

function inputOf(answer: Answer): Json {
  try {
    return { input: JSON.parse(shown(answer)) };
  } catch {
    return { input: {} };
  }
}

const stopOf = ({ stop }: Answer): string =>
  ({ end: "end_turn", length: "max_tokens", tool: "tool_use" })[stop];

/** Beside one another: what was read from the cache is not in `input_tokens`, and neither is what was put into it. */
function usageOf({ usage }: Answer): Json {
  return {
    input_tokens: usage.prompt - usage.cached - usage.kept,
    cache_creation_input_tokens: usage.kept,
    cache_read_input_tokens: usage.cached,
    cache_creation: { ephemeral_5m_input_tokens: usage.kept, ephemeral_1h_input_tokens: 0 },
    service_tier: "standard",
  };
}
