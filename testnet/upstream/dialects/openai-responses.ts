// OpenAI's responses: bodies, answers, streams, and Azure's refusal inside of a success.
import type { Over } from "../amounts.js";
import type { Moment, Shape } from "../dialect.js";
import { goDuration } from "../durations.js";
import { type Answer, type Frame, shown } from "../exchange.js";
import { countIn, type Json, listIn, textIn } from "../json.js";
import { promptOf } from "../prompt.js";
import { EVENT_STREAM, sseNamed } from "../sse.js";
import { toolIn } from "./openai-chat.js";

export const responses: Shape = {
  read(body) {
    const model = textIn(body.model);
    if (model === null) return "you must provide a model parameter";
    if (body.input === undefined) return "input is required";
    return {
      model,
      prompt: promptOf([body.tools, body.instructions, body.input]),
      caching: "all",
      maxTokens: countIn(body.max_output_tokens),
      isStreamed: body.stream === true,
      wantsUsage: true,
      thinks: body.reasoning !== undefined && body.reasoning !== null,
      tool: toolIn(body, listIn(body.input).at(-1)),
      echo: { instructions: body.instructions ?? null, tools: listIn(body.tools) },
    };
  },

  whole: (answer) => responseOf(answer, {}, "completed"),

  *frames(answer, wish): Generator<Frame> {
    let number = 0;
    const event = (type: string, fields: Json): string =>
      sseNamed({ type, sequence_number: number++, ...fields });
    const where = { item_id: itemId(answer), output_index: 0 };
    const part = { ...where, content_index: 0 };
    const isText = answer.tool === null;
    let written = 0;
    for (const type of ["response.created", "response.in_progress"]) {
      yield { bytes: event(type, { response: responseOf(answer, wish.echo, "in_progress") }), written };
    }
    written = answer.usage.thoughts;
    const begun = itemOf(answer, "", "in_progress");
    yield { bytes: event("response.output_item.added", { output_index: 0, item: begun }), written };
    if (isText) yield { bytes: event("response.content_part.added", { ...part, part: textOf("") }), written };
    for (const { text, tokens } of answer.pieces) {
      written += tokens;
      const bytes = isText
        ? event("response.output_text.delta", { ...part, delta: text, logprobs: [] })
        : event("response.function_call_arguments.delta", { ...where, delta: text });
      yield { bytes, written };
    }
    const text = shown(answer);
    if (isText) {
      yield { bytes: event("response.output_text.done", { ...part, text, logprobs: [] }), written };
      yield { bytes: event("response.content_part.done", { ...part, part: textOf(text) }), written };
    } else {
      yield { bytes: event("response.function_call_arguments.done", { ...where, arguments: text }), written };
    }
    const item = itemOf(answer, text, "completed");
    yield { bytes: event("response.output_item.done", { output_index: 0, item }), written };
    const last = answer.stop === "length" ? "incomplete" : "completed";
    yield { bytes: event(`response.${last}`, { response: responseOf(answer, wish.echo, last) }), written };
  },

  contentType: ({ isStreamed }) => (isStreamed ? EVENT_STREAM : "application/json"),

  failure: (moment, sent) => failed(moment, sent, "server_error", "The server failed while it wrote this."),

  refusedInside(over, moment) {
    const { nowMs, id, model } = moment;
    const response = { ...bare(id, nowMs, model), status: "in_progress", output: [] };
    const created = sseNamed({ type: "response.created", sequence_number: 0, response });
    return created + failed(moment, 1, "rate_limit_exceeded", wordsOf(over));
  },
};

const wordsOf = ({ limit, used, requested, waitMs }: Over): string =>
  `Limit ${limit.limit}, Used ${used}, Requested ${requested}. ` +
  (waitMs === null ? "It will never fit." : `Please try again in ${goDuration(waitMs)}.`);

/** The two events by which a stream says that it will not be completed. */
function failed({ id, nowMs, model }: Moment, number: number, code: string, message: string): string {
  const error = sseNamed({ type: "error", sequence_number: number, code, message, param: null });
  const response = { ...bare(id, nowMs, model), status: "failed", output: [], error: { code, message } };
  return error + sseNamed({ type: "response.failed", sequence_number: number + 1, response });
}

const bare = (id: string, createdMs: number, model: string): Json => ({
  id: `resp_${id}`,
  object: "response",
  created_at: Math.floor(createdMs / 1_000),
  model,
  error: null,
  incomplete_details: null,
  usage: null,
});

function responseOf(answer: Answer, echo: Json, status: "in_progress" | "completed" | "incomplete"): Json {
  const isOver = status !== "in_progress";
  const isCut = answer.stop === "length";
  return {
    ...bare(answer.id, answer.createdMs, answer.model),
    status: isOver && isCut ? "incomplete" : status,
    incomplete_details: isOver && isCut ? { reason: "max_output_tokens" } : null,
    instructions: echo.instructions ?? null,
    tools: echo.tools ?? [],
    output: isOver ? [itemOf(answer, shown(answer), "completed")] : [],
    usage: isOver ? usageOf(answer) : null,
  };
}

const itemId = ({ id, tool }: Answer): string => (tool === null ? `msg_${id}` : `fc_${id}`);
const textOf = (text: string): Json => ({ type: "output_text", annotations: [], logprobs: [], text });

const itemOf = (answer: Answer, text: string, status: "in_progress" | "completed"): Json =>
  answer.tool === null
    ? {
        id: itemId(answer),
        type: "message",
        status,
        role: "assistant",
        content: status === "completed" ? [textOf(text)] : [],
      }
    : {
        id: itemId(answer),
        type: "function_call",
        status,
        call_id: `call_${answer.id}`,
        name: answer.tool,
        arguments: text,
      };

function usageOf({ usage }: Answer): Json {
  return {
    input_tokens: usage.prompt,
    input_tokens_details: { cached_tokens: usage.cached },
    output_tokens: usage.output,
    output_tokens_details: { reasoning_tokens: usage.thoughts },
    total_tokens: usage.prompt + usage.output,
  };
}
