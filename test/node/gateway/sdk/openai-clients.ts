// OpenAI's clients: of its chat completions and its responses, and the one for deployments at Azure.
import {
  type Client,
  EARLIER,
  FOUND,
  type Loose,
  optional,
  SAYS,
  type Settings,
  SYSTEM,
  TOOL,
  taken,
  twice,
  type Wanted,
  WEATHER,
} from "./client.js";
import { AzureOpenAI, OpenAI } from "./modules.js";

type Made = InstanceType<typeof OpenAI>;

const openai = ({ url, key, maxRetries }: Settings): Made =>
  new OpenAI({ apiKey: key, baseURL: `${url}/v1`, ...optional("maxRetries", maxRetries) });
/** Its model is a deployment, which it names in the path. */
const azure = ({ url, key, maxRetries }: Settings): Made =>
  new AzureOpenAI({
    apiKey: key,
    endpoint: url,
    apiVersion: "2024-10-21",
    ...optional("maxRetries", maxRetries),
  });

const optionsOf = ({ timeoutMs }: Settings, { signal }: Wanted) => ({
  ...optional("timeout", timeoutMs),
  ...optional("signal", signal),
});

const chatOf = (named: Pick<Client, "name" | "dialect">, make: (settings: Settings) => Made): Client => ({
  ...named,
  ask(settings, wanted) {
    const client = make(settings);
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
      const answer = await client.chat.completions.create(body, optionsOf(settings, wanted));
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
});

export const chat = chatOf({ name: "openai chat", dialect: "openai" }, openai);
export const azureChat = chatOf({ name: "azure chat", dialect: "azure" }, azure);

export const responses: Client = {
  name: "openai responses",
  dialect: "openai",
  ask(settings, wanted) {
    const client = openai(settings);
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
      const answer = await client.responses.create(body, optionsOf(settings, wanted));
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
