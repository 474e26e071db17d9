// What an answer tells of itself with its first event counts from then on, not from its end on.
import type { ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { before, perMinute, rawUpstream, until } from "./stage.js";

const event = (type: string, more: object): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;

test("G13 room for a prompt that turns out to be in the cache is free while its answer is still being written", async () => {
  const open: ServerResponse[] = [];
  const upstream = await rawUpstream((_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const usage = {
      ...{ input_tokens: 100, output_tokens: 1 },
      ...{ cache_creation_input_tokens: 0, cache_read_input_tokens: 8_000 },
    };
    response.write(event("message_start", { message: { model: "claude", usage } }));
    open.push(response);
  });
  const { ask, gateway, expectIdle } = await before(upstream, "claude", {
    dialect: "anthropic",
    pool: { limits: perMinute({ itpm: 10_000 }), output: "written" },
    gateway: { sharedLimits: true },
  });
  const text = "word ".repeat(6_400);
  const asks = ["ann", "bob"].map((agent) => ask(agent, { text, body: { stream: true } }));
  // Either is taken for 8,000 tokens, and no time passes: both run only because the first said that it uses 100.
  await until(() => open.length === 2);
  expect(gateway.counts).toEqual({ waiting: 0, running: 2 });
  const usage = { output_tokens: 5 };
  for (const response of open) response.end(event("message_delta", { usage }) + event("message_stop", {}));
  expect((await Promise.all(asks)).map(({ status }) => status)).toEqual([200, 200]);
  await expectIdle();
  expect(gateway.pools.lineFor("claude").taken).toMatchObject([{ taken: 200 }]);
});
