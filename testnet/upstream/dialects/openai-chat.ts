// OpenAI's chat completions: bodies, answers and streams.
import type { Shape } from "../dialect.js";
import { type Answer, type Frame, shown } from "../exchange.js";
import { countIn, type Json, listIn, objectIn, textIn } from "../json.js";
import { promptOf } from "../prompt.js";
import { EVENT_STREAM, sse } from "../sse.js";

export const chat: Shape = {
  read(body) {
    const model = textIn(body.model);
    if (model === null) return "you must provide a model parameter";
    if (!Array.isArray(body.messages) || body.messages.length === 0) return "messages must hold a message";
    return {
      model,
      prompt: promptOf([body.tools, body.messages]),
      caching: "all",
      maxTokens: countIn(body.max_completion_tokens) ?? countIn(body.max_tokens),
      isStreamed: body.stream === true,
      wantsUsage: objectIn(body.stream_options).include_usage === true,
      thinks: textIn(body.reasoning_effort) !== null && body.reasoning_effort !== "none",
      tool: toolIn(body, body.messages.at(-1)),
      echo: {},
    };
  },

  whole: (answer) => ({
    ...head(answer, "chat.completion"),
    choices: [{ index: 0, message: messageOf(answer), logprobs: null, finish_reason: finishOf(answer) }],
    usage: usageOf(answer),
  }),

  *frames(answer, wish): Generator<Frame> {
    const chunk = (fields: Json): string =>
      sse({
        ...head(answer, "chat.completion.chunk"),
        ...(wish.wantsUsage ? { usage: null } : {}),
        ...fields,
      });
    const delta = (value: Json, finish: string | null = null): string =>
      chunk({ choices: [{ index: 0, delta: value, logprobs: null, finish_reason: finish }] });
    let written = answer.usage.thoughts;
    yield { bytes: delta({ role: "assistant", ...opening(answer) }), written };
    for (const { text, tokens } of answer.pieces) {
      written += tokens;
      yield { bytes: delta(pieceOf(answer, text)), written };
    }
    yield { bytes: delta({}, finishOf(answer)), written };
    if (wish.wantsUsage) yield { bytes: chunk({ choices: [], usage: usageOf(answer) }), written };
    yield { bytes: "data: [DONE]\n\n", written };
  },

  contentType: ({ isStreamed }) => (isStreamed ? EVENT_STREAM : "application/json"),

  failure: () =>
    sse({
      error: {
        message: "The server failed while it wrote this.",
        type: "server_error",
        param: null,
        code: null,
      },
    }),
};

/** The tool that a body has called: the one it names, or its first, unless the last message is a tool's answer. */
export function toolIn(body: Json, last: unknown): string | null {
  const names = listIn(body.tools).map((tool) => {
    const { name, function: inner } = objectIn(tool);
    return textIn(name) ?? textIn(objectIn(inner).name);
  });
  const choice = body.tool_choice;
  const { role, type } = objectIn(last);
  if (choice === "none" || role === "tool" || type === "function_call_output") return null;
  const { name, function: inner } = objectIn(choice);
  return textIn(name) ?? textIn(objectIn(inner).name) ?? names[0] ?? null;
}

const head = ({ id, createdMs, model }: Answer, object: string): Json => ({
  id: `chatcmpl-${id}`,
  object,
  created: Math.floor(createdMs / 1_000),
  model,
  service_tier: "default",
  system_fingerprint: "fp_upstream",
});

const messageOf = (answer: Answer): Json =>
  answer.tool === null
    ? { role: "assistant", content: shown(answer), refusal: null, annotations: [] }
    : { role: "assistant", content: null, tool_calls: [callOf(answer, shown(answer))], refusal: null };

const callOf = ({ id, tool }: Answer, text: string): Json => ({
  id: `call_${id}`,
  type: "function",
  function: { name: tool, arguments: text },
});

const opening = (answer: Answer): Json =>
  answer.tool === null
    ? { content: "", refusal: null }
    : { content: null, tool_calls: [{ index: 0, ...callOf(answer, "") }], refusal: null };

const pieceOf = ({ tool }: Answer, text: string): Json =>
  tool === null ? { content: text } : { tool_calls: [{ index: 0, function: { arguments: text } }] };

const finishOf = ({ stop }: Answer): string => ({ end: "stop", length: "length", tool: "tool_calls" })[stop];

function usageOf({ usage }: Answer): Json {
  return {
    prompt_tokens: usage.prompt,
    completion_tokens: usage.output,
    total_tokens: usage.prompt + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cached, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: usage.thoughts,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}
