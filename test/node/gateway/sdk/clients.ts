// The official clients, asked alike: unmodified, but for where they send their requests.
import InstalledAnthropic from "@anthropic-ai/sdk";
import { type FunctionDeclaration, GoogleGenAI as InstalledGoogle } from "@google/genai";
import InstalledOpenAI from "openai";

/** Those that a user of this project's Node installs. */
const INSTALLED = { Anthropic: InstalledAnthropic, GoogleGenAI: InstalledGoogle, OpenAI: InstalledOpenAI };
/** A module of other ones, which `npm run test:clients` names. */
const { CLIENTS: others } = process.env;
export const areNewest = others !== undefined;
const { Anthropic, GoogleGenAI, OpenAI } =
  others === undefined ? INSTALLED : ((await import(others)) as typeof INSTALLED);

/** What a user sets beside the address; absent: as the client has it. */
export interface Settings {
  readonly url: string;
  readonly key: string;
  readonly maxRetries?: number;
  /** OpenAI's client tells it only where it is set for a request, not for all of them */
  readonly timeoutMs?: number;
}

export interface Wanted {
  readonly isStream: boolean;
  /** `tool`: the model calls one, and is told what it said; `turns`: the conversation has some turns already */
  readonly shape: "plain" | "tool" | "turns";
  readonly text: string;
  readonly maxTokens: number;
  /** a stream is asked to tell usage, where it does not by itself */
  readonly asksUsage?: boolean;
  /** told of each piece of a stream */
  readonly onPiece?: () => void;
  readonly signal?: AbortSignal;
}

/** What a user has in hand after one or several requests. */
export interface Got {
  readonly text: string;
  /** the answer says that this is all of it */
  readonly isWhole: boolean;
  /** what the tool was called with; null: it was not */
  readonly call: unknown;
  /** output tokens of the last answer; null: no usage was told */
  readonly output: number | null;
  /** all that the client handed over, as it did */
  readonly raw: readonly unknown[];
}

export interface Client {
  readonly name: "openai chat" | "openai responses" | "anthropic" | "google";
  readonly dialect: "openai" | "anthropic" | "google";
  ask(settings: Settings, wanted: Wanted): Promise<Got>;
}

const TOOL = "look_up";
const WEATHER = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const SAYS = "Looks up the weather of a city.";
const FOUND = "sunny [write 9 tokens]";
const SYSTEM = "You answer briefly.";
const EARLIER = [
  { role: "user", content: "Is it warm?" },
  { role: "assistant", content: "It is." },
] as const;

const isAsync = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === "object" && value !== null && Symbol.asyncIterator in value;

/** Everything of an answer, streamed or whole. */
async function taken<T>(answer: T | AsyncIterable<T>, onPiece: () => void = () => undefined): Promise<T[]> {
  if (!isAsync(answer)) return [answer as T];
  const pieces: T[] = [];
  for await (const piece of answer as AsyncIterable<T>) {
    pieces.push(piece);
    onPiece();
  }
  return pieces;
}

// biome-ignore lint/suspicious/noExplicitAny: a field that is not there fails the test that compares it
type Loose = any;

/** One request, and where a tool was called a second one. */
async function twice({ shape }: Wanted, ask: (call: Loose) => Promise<Got>): Promise<Got> {
  const first = await ask(null);
  if (shape !== "tool" || first.call === null) return first;
  const second = await ask(first);
  return { ...second, call: first.call, raw: [...first.raw, ...second.raw] };
}

const optional = <K extends string, V>(key: K, value: V | undefined) =>
  (value === undefined ? {} : { [key]: value }) as { [one in K]?: V };

const chat: Client = {
  name: "openai chat",
  dialect: "openai",
  ask({ url, key, maxRetries, timeoutMs }, wanted) {
    const client = new OpenAI({
      apiKey: key,
      baseURL: `${url}/v1`,
      ...optional("maxRetries", maxRetries),
    });
    const options = { ...optional("timeout", timeoutMs), ...optional("signal", wanted.signal) };
    return twice(wanted, async (called) => {
      const body: Loose = {
        model: "gpt-upstream",
        max_completion_tokens: wanted.maxTokens,
        messages: [
          ...(wanted.shape === "turns" ? [{ role: "system", content: SYSTEM }, ...EARLIER] : []),
          { role: "user", content: wanted.text },
          ...(called === null
            ? []
            : [called.message, { role: "tool", tool_call_id: called.id, content: FOUND }]),
        ],
        ...(wanted.shape === "tool"
          ? {
              tools: [{ type: "function", function: { name: TOOL, description: SAYS, parameters: WEATHER } }],
            }
          : {}),
        ...(wanted.isStream ? { stream: true } : {}),
        ...(wanted.isStream && wanted.asksUsage ? { stream_options: { include_usage: true } } : {}),
      };
      const answer = await client.chat.completions.create(body, options);
      const raw: Loose[] = await taken<Loose>(answer, wanted.onPiece);
      const parts = raw.flatMap((one) => one.choices.map((choice: Loose) => choice.delta ?? choice.message));
      const calls = parts.flatMap((part) => part.tool_calls ?? []);
      const written = calls.map((one) => one.function.arguments).join("");
      const id = calls[0]?.id;
      const message = {
        role: "assistant",
        content: null,
        tool_calls: [{ id, type: "function", function: { name: TOOL, arguments: written } }],
      };
      return {
        text: parts.map((part) => part.content ?? "").join(""),
        isWhole: raw.some((one) => one.choices.some((choice: Loose) => choice.finish_reason)),
        call: calls.length === 0 ? null : written,
        output: raw.map((one) => one.usage).findLast((usage) => usage)?.completion_tokens ?? null,
        raw,
        ...{ id, message },
      };
    });
  },
};

const responses: Client = {
  name: "openai responses",
  dialect: "openai",
  ask({ url, key, maxRetries, timeoutMs }, wanted) {
    const client = new OpenAI({
      apiKey: key,
      baseURL: `${url}/v1`,
      ...optional("maxRetries", maxRetries),
    });
    const options = { ...optional("timeout", timeoutMs), ...optional("signal", wanted.signal) };
    return twice(wanted, async (called) => {
      const body: Loose = {
        model: "gpt-upstream",
        max_output_tokens: wanted.maxTokens,
        input: [
          ...(wanted.shape === "turns" ? EARLIER : []),
          { role: "user", content: wanted.text },
          ...(called === null
            ? []
            : [called.item, { type: "function_call_output", call_id: called.item.call_id, output: FOUND }]),
        ],
        ...(wanted.shape === "turns" ? { instructions: SYSTEM } : {}),
        ...(wanted.shape === "tool"
          ? {
              tools: [
                { type: "function", name: TOOL, description: SAYS, parameters: WEATHER, strict: false },
              ],
            }
          : {}),
        ...(wanted.isStream ? { stream: true } : {}),
      };
      const answer = await client.responses.create(body, options);
      const raw: Loose[] = await taken<Loose>(answer, wanted.onPiece);
      const whole = wanted.isStream ? raw.findLast((one) => one.response)?.response : raw[0];
      const items: Loose[] = whole?.output ?? [];
      const item = items.find((one) => one.type === "function_call");
      const deltas = raw.filter((one) => one.type === "response.output_text.delta").map((one) => one.delta);
      return {
        text: wanted.isStream ? deltas.join("") : whole.output_text,
        isWhole: whole?.status === "completed",
        call: item?.arguments ?? null,
        output: whole?.usage?.output_tokens ?? null,
        raw,
        ...{ item },
      };
    });
  },
};

const anthropic: Client = {
  name: "anthropic",
  dialect: "anthropic",
  ask({ url, key, maxRetries, timeoutMs }, wanted) {
    const client = new Anthropic({
      apiKey: key,
      baseURL: url,
      ...optional("maxRetries", maxRetries),
      ...optional("timeout", timeoutMs),
    });
    return twice(wanted, async (called) => {
      const body: Loose = {
        model: "claude-upstream",
        max_tokens: wanted.maxTokens,
        messages: [
          ...(wanted.shape === "turns" ? EARLIER : []),
          { role: "user", content: wanted.text },
          ...(called === null
            ? []
            : [
                { role: "assistant", content: [called.block] },
                {
                  role: "user",
                  content: [{ type: "tool_result", tool_use_id: called.block.id, content: FOUND }],
                },
              ]),
        ],
        ...(wanted.shape === "turns" ? { system: SYSTEM } : {}),
        ...(wanted.shape === "tool"
          ? { tools: [{ name: TOOL, description: SAYS, input_schema: WEATHER }] }
          : {}),
      };
      const options = optional("signal", wanted.signal);
      const raw: Loose[] = [];
      let message: Loose;
      if (wanted.isStream) {
        const stream = client.messages.stream(body, options);
        raw.push(...(await taken<Loose>(stream, wanted.onPiece)));
        message = await stream.finalMessage();
      } else {
        message = await client.messages.create(body, options);
      }
      raw.push(message);
      const block = message.content.find((one: Loose) => one.type === "tool_use");
      return {
        text: message.content.map((one: Loose) => one.text ?? "").join(""),
        isWhole: message.stop_reason !== null,
        call: block?.input ?? null,
        output: message.usage.output_tokens,
        raw,
        ...{ block },
      };
    });
  },
};

const google: Client = {
  name: "google",
  dialect: "google",
  ask({ url, key, timeoutMs }, wanted) {
    const client = new GoogleGenAI({
      apiKey: key,
      httpOptions: { baseUrl: url, ...optional("timeout", timeoutMs) },
    });
    return twice(wanted, async (called) => {
      const turn = (role: string, text: string) => ({ role, parts: [{ text }] });
      const declaration: FunctionDeclaration = {
        name: TOOL,
        description: SAYS,
        parametersJsonSchema: WEATHER,
      };
      const body: Loose = {
        model: "gemini-upstream",
        contents: [
          ...(wanted.shape === "turns"
            ? EARLIER.map((one) => turn(one.role === "user" ? "user" : "model", one.content))
            : []),
          turn("user", wanted.text),
          ...(called === null
            ? []
            : [
                { role: "model", parts: [{ functionCall: called.functionCall }] },
                { role: "user", parts: [{ functionResponse: { name: TOOL, response: { found: FOUND } } }] },
              ]),
        ],
        config: {
          maxOutputTokens: wanted.maxTokens,
          thinkingConfig: { thinkingBudget: 0 },
          ...(wanted.shape === "turns" ? { systemInstruction: SYSTEM } : {}),
          ...(wanted.shape === "tool" ? { tools: [{ functionDeclarations: [declaration] }] } : {}),
          ...optional("abortSignal", wanted.signal),
        },
      };
      const answer = wanted.isStream
        ? await client.models.generateContentStream(body)
        : await client.models.generateContent(body);
      const raw: Loose[] = await taken<Loose>(answer, wanted.onPiece);
      const parts: Loose[] = raw.flatMap((one) => one.candidates?.[0]?.content?.parts ?? []);
      const functionCall = parts.find((part) => part.functionCall)?.functionCall;
      return {
        text: parts.map((part) => part.text ?? "").join(""),
        isWhole: raw.some((one) => one.candidates?.[0]?.finishReason !== undefined),
        call: functionCall?.args ?? null,
        output: raw.at(-1)?.usageMetadata?.candidatesTokenCount ?? null,
        raw,
        ...{ functionCall },
      };
    });
  },
};

export const CLIENTS: readonly Client[] = [chat, responses, anthropic, google];
