// A call of the load as the body that a client of each dialect would send, and the path that it would send it to.
import type { DialectName } from "./dialects/dialects.js";
import type { Json } from "./json.js";
import type { Call, Said } from "./load.js";
import { wishFor } from "./prompt.js";

export interface Sent {
  readonly path: string;
  readonly body: Json;
}

/** What is said last asks for as much as the call is to bring. */
export function sentOf(dialect: DialectName, model: string, call: Call, isStreamed: boolean): Sent {
  switch (dialect) {
    case "openai":
    case "azure":
      return {
        path: "/chat/completions",
        body: {
          model,
          messages: saidIn(call).map(({ by, text }) => ({ role: ROLES[by], content: text })),
          max_completion_tokens: call.maxTokens,
          ...(isStreamed ? { stream: true, stream_options: { include_usage: true } } : {}),
        },
      };
    case "anthropic":
      return { path: "/v1/messages", body: anthropicBody(model, call, isStreamed) };
    case "google":
      return {
        path: `/v1beta/models/${model}:${isStreamed ? "streamGenerateContent?alt=sse" : "generateContent"}`,
        body: {
          systemInstruction: { parts: instructionsIn(call).map(({ text }) => ({ text })) },
          contents: spokenIn(call).map(({ by, text }) => ({
            role: by === "model" ? "model" : "user",
            parts: [{ text }],
          })),
          generationConfig: { maxOutputTokens: call.maxTokens },
        },
      };
  }
}

const ROLES = { system: "system", user: "user", model: "assistant" } as const;

const isInstruction = ({ by }: Said): boolean => by === "system";
const instructionsIn = ({ said }: Call): readonly Said[] => said.filter(isInstruction);
const spokenIn = (call: Call): readonly Said[] => saidIn(call).filter((one) => !isInstruction(one));

/** The wish is of this call alone: the next one says its last words without it, and its beginning is the same as before. */
const saidIn = ({ said, outputTokens }: Call): readonly Said[] =>
  said.map((one, at) =>
    at === said.length - 1 ? { ...one, text: `${one.text}${wishFor(outputTokens)}` } : one,
  );

/** All but the wish is marked to be cached. */
function anthropicBody(model: string, call: Call, isStreamed: boolean): Json {
  const last = call.said.length - 1;
  const messages = call.said
    .map(({ by, text }, at) => ({
      role: ROLES[by],
      content:
        at === last
          ? [
              { type: "text", text, cache_control: { type: "ephemeral" } },
              { type: "text", text: wishFor(call.outputTokens) },
            ]
          : [{ type: "text", text }],
    }))
    .filter(({ role }) => role !== "system");
  return {
    model,
    max_tokens: call.maxTokens,
    system: instructionsIn(call).map(({ text }) => ({ type: "text", text })),
    messages,
    ...(isStreamed ? { stream: true } : {}),
  };
}
