// Google's generated content: bodies, answers, streams of events and streams that are one array.
import type { Shape } from "../dialect.js";
import { type Answer, type Frame, shown, type Wish } from "../exchange.js";
import { countIn, type Json, listIn, objectIn, textIn } from "../json.js";
import { promptOf } from "../prompt.js";

/** The model and the method in a path such as `/v1beta/models/gemini-2.5-flash:generateContent`. */
export const PATH = /^\/v1(?:beta|alpha)?\/models\/([^/:]+):(\w+)$/;

const shapeOf = (isStreamed: boolean): Shape => ({
  read(body, url) {
    if (!Array.isArray(body.contents) || body.contents.length === 0) return "contents is not specified";
    const config = objectIn(body.generationConfig);
    return {
      model: PATH.exec(url.pathname)?.[1] ?? "",
      prompt: promptOf([body.tools, body.systemInstruction, body.contents]),
      caching: "all",
      maxTokens: countIn(config.maxOutputTokens),
      isStreamed,
      wantsUsage: true,
      thinks: objectIn(config.thinkingConfig).thinkingBudget !== 0,
      tool: toolIn(body),
      echo: { isArray: url.searchParams.get("alt") !== "sse" },
    };
  },

  whole: (answer) => ({
    candidates: [{ ...candidateOf(answer, shown(answer)), finishReason: finishOf(answer) }],
    ...tailOf(answer, answer.usage.output),
  }),

  *frames(answer, wish): Generator<Frame> {
    // A call comes whole; text as it is written.
    const pieces =
      answer.tool === null ? answer.pieces : [{ text: shown(answer), tokens: answer.usage.output }];
    let written = answer.usage.thoughts;
    for (const [at, { text, tokens }] of pieces.entries()) {
      const isLast = at === pieces.length - 1;
      written = Math.min(answer.usage.output, written + tokens);
      const candidate = {
        ...candidateOf(answer, text),
        ...(isLast ? { finishReason: finishOf(answer) } : {}),
      };
      const chunk = { candidates: [candidate], ...tailOf(answer, written) };
      yield { bytes: framed(chunk, wish, at === 0, isLast), written };
    }
  },

  contentType: (wish) =>
    wish.isStreamed && wish.echo.isArray !== true ? "text/event-stream" : "application/json; charset=UTF-8",

  failure: ({ isStreamed }, sent) => {
    const error = { error: { code: 503, message: "The model is overloaded.", status: "UNAVAILABLE" } };
    return isStreamed
      ? `data: ${JSON.stringify(error)}\r\n\r\n`
      : `${sent > 0 ? "," : "["}${JSON.stringify(error)}]`;
  },
});

export const generate = shapeOf(false);
export const streamGenerate = shapeOf(true);

/** Events end in CRLF; without them a stream is one array, a member at a time. */
function framed(chunk: Json, wish: Wish, isFirst: boolean, isLast: boolean): string {
  const text = JSON.stringify(chunk);
  if (wish.echo.isArray !== true) return `data: ${text}\r\n\r\n`;
  return `${isFirst ? "[" : ",\r\n"}${text}${isLast ? "]" : ""}`;
}

function toolIn(body: Json): string | null {
  const mode = objectIn(objectIn(body.toolConfig).functionCallingConfig).mode;
  const last = listIn(objectIn(listIn(body.contents).at(-1)).parts);
  if (mode === "NONE" || last.some((part) => objectIn(part).functionResponse !== undefined)) return null;
  const declared = listIn(objectIn(listIn(body.tools)[0]).functionDeclarations);
  return textIn(objectIn(declared[0]).name);
}

function candidateOf(answer: Answer, text: string): Json {
  const part = answer.tool === null ? { text } : { functionCall: { name: answer.tool, args: argsOf(text) } };
  return { content: { parts: [part], role: "model" }, index: 0 };
}

function argsOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

const finishOf = ({ stop }: Answer): string => (stop === "length" ? "MAX_TOKENS" : "STOP");

/** Output is candidates and thoughts, which are told apart. */
function tailOf({ usage, model, id }: Answer, written: number): Json {
  return {
    usageMetadata: {
      promptTokenCount: usage.prompt,
      ...(usage.cached > 0 ? { cachedContentTokenCount: usage.cached } : {}),
      candidatesTokenCount: written - usage.thoughts,
      ...(usage.thoughts > 0 ? { thoughtsTokenCount: usage.thoughts } : {}),
      totalTokenCount: usage.prompt + written,
      promptTokensDetails: [{ modality: "TEXT", tokenCount: usage.prompt }],
    },
    modelVersion: model,
    responseId: id,
  };
}
