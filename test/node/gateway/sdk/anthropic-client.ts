// Anthropic's client.
import {
  type Client,
  EARLIER,
  FOUND,
  type Loose,
  optional,
  SAYS,
  SYSTEM,
  TOOL,
  taken,
  twice,
  WEATHER,
} from "./client.js";
import { Anthropic } from "./modules.js";

export const anthropic: Client = {
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
