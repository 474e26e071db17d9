// With and without the gateway a user has the same in hand, and a client the same bytes.
import { describe, expect, onTestFinished, test } from "vitest";
import { USUAL_KEY } from "../../../../testnet/upstream/rules.js";
import type { Client, Wanted } from "./client.js";
import { CLIENTS } from "./clients.js";
import { outcomeOf } from "./outcome.js";
import { type Staged, stage } from "./stage.js";

const TEXT = "hello [write 12 tokens]";

/** The same asked of an upstream directly, and of one like it through a gateway. */
async function both<T>(
  client: Pick<Client, "dialect">,
  staged: Staged,
  ask: (url: string) => Promise<T>,
): Promise<readonly [direct: T, through: T]> {
  const stages = [await stage(client.dialect, staged), await stage(client.dialect, staged)] as const;
  for (const one of stages) onTestFinished(one.close);
  return [await ask(stages[0].direct), await ask(stages[1].url)];
}

/** As a user prints it, without the header fields that Google's client hands over beside the answer. */
const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (name, one: unknown) => (name === "sdkHttpResponse" ? undefined : one)));

describe("G1 G2 a user has the same in hand", () => {
  const shapes = ["plain", "tool", "turns"] as const;
  const cells = CLIENTS.flatMap((client) =>
    shapes.flatMap((shape) =>
      [false, true].map((isStream) => [client.name, shape, isStream, client] as const),
    ),
  );

  test.each(cells)("of %s, %s, streamed: %s", async (_, shape, isStream, client) => {
    // Where a stream's usage is not asked for the upstream is asked for it: that is G32, below.
    const wanted: Wanted = { isStream, shape, text: TEXT, maxTokens: 40, asksUsage: true };
    const [direct, through] = await both(client, {}, (url) => client.ask({ url, key: USUAL_KEY }, wanted));
    expect(through.text).not.toBe("");
    expect(plain(through)).toEqual(plain(direct));
  });

  const failures: readonly (readonly [string, Staged])[] = [
    ["an upstream that fails", { faults: [{ kind: "broken" }] }],
    ["one that has no money left", { paidTokens: 0 }],
    ["one that refuses the body", { upstream: { maxBodyBytes: 10 } }],
    ["bytes that mean nothing", { faults: [{ kind: "garbage" }] }],
  ];
  test.each(
    failures.flatMap(([what, staged]) =>
      CLIENTS.map((client) => [client.name, what, staged, client] as const),
    ),
  )("of %s from %s", async (_, __, staged, client) => {
    for (const isStream of [false, true]) {
      const [direct, through] = await both(client, staged, (url) =>
        outcomeOf(
          client,
          client.ask(
            { url, key: USUAL_KEY, maxRetries: 0 },
            { isStream, shape: "plain", text: TEXT, maxTokens: 40, asksUsage: true },
          ),
        ),
      );
      expect(plain(through)).toEqual(plain(direct));
    }
  });
});

describe("G1 G2 G3 a client has the same bytes", () => {
  const messages = [{ role: "user", content: TEXT }];
  const contents = [{ role: "user", parts: [{ text: TEXT }] }];
  const requests = [
    ["openai", "/v1/chat/completions", { model: "gpt-upstream", messages }],
    [
      "openai",
      "/v1/chat/completions",
      { model: "gpt-upstream", messages, stream: true, stream_options: { include_usage: true } },
    ],
    ["openai", "/v1/responses", { model: "gpt-upstream", input: TEXT }],
    ["openai", "/v1/responses", { model: "gpt-upstream", input: TEXT, stream: true }],
    ["openai", "/v1/responses", { model: "gpt-upstream" }],
    ["openai", "/v1/no/such/thing?a=%20b", { any: "thing" }],
    ["anthropic", "/v1/messages?beta=true", { model: "claude-upstream", max_tokens: 20, messages }],
    ["anthropic", "/v1/messages", { model: "claude-upstream", max_tokens: 20, messages, stream: true }],
    ["anthropic", "/v1/messages", { model: "claude-upstream", messages }],
    ["google", "/v1beta/models/gemini-upstream:generateContent", { contents }],
    ["google", "/v1beta/models/gemini-upstream:streamGenerateContent?alt=sse", { contents }],
    ["google", "/v1beta/models/gemini-upstream:streamGenerateContent", { contents }],
    ["google", "/v1beta/models/gemini-upstream:streamGenerateContent", {}],
  ] as const;
  const CREDENTIALS = { openai: "authorization", anthropic: "x-api-key", google: "x-goog-api-key" } as const;
  const OF_A_CONNECTION = ["connection", "keep-alive", "date", "transfer-encoding"];
  /** What a gateway adds, and tells of shares where an upstream tells of limits (G5, G30, G31). */
  const OURS = /^(x-mabeam-|x-ratelimit-|anthropic-ratelimit-|ratelimit(-policy)?$)/;

  test.each(requests)("of %s %s %j", async (dialect, path, body) => {
    const credential = { [CREDENTIALS[dialect]]: dialect === "openai" ? `Bearer ${USUAL_KEY}` : USUAL_KEY };
    const [direct, through] = await both({ dialect }, {}, async (url) => {
      const answer = await fetch(url + path, {
        method: "POST",
        headers: { "content-type": "application/json", ...credential },
        body: JSON.stringify(body, null, 1),
      });
      const fields = [...answer.headers]
        .filter(([name]) => !OF_A_CONNECTION.includes(name) && !OURS.test(name))
        .sort();
      return {
        status: answer.status,
        fields,
        bytes: Buffer.from(await answer.arrayBuffer()).toString("latin1"),
      };
    });
    expect(direct.bytes).not.toBe("");
    expect(through).toEqual(direct);
  });
});

describe("G13 G32 usage", () => {
  const chat = CLIENTS.find(({ name }) => name === "openai chat")!;

  test.each([true, false])(
    "of a stream is told where it is asked for (%s), and counted always",
    async (asksUsage) => {
      const { url, passed, close, counts } = await stage("openai");
      onTestFinished(close);
      const wanted: Wanted = { isStream: true, shape: "plain", text: TEXT, maxTokens: 40, asksUsage };
      const got = await chat.ask({ url, key: "any" }, wanted);
      const chunks = got.raw as readonly { readonly choices: readonly unknown[]; readonly usage?: unknown }[];
      expect(got.output).toBe(asksUsage ? 12 : null);
      expect(chunks.filter(({ usage }) => usage).length).toBe(asksUsage ? 1 : 0);
      expect(chunks.filter(({ choices }) => choices.length === 0).length).toBe(asksUsage ? 1 : 0);
      await expect.poll(() => passed.map(({ used }) => used?.outputTokens)).toEqual([12]);
      expect(counts.running).toBe(0);
    },
  );
});
