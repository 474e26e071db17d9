// The phase of an upstream that costs next to nothing: it takes a request and streams the same answer at the same pace to all.
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

const HEAD = {
  "content-type": "text/event-stream; charset=utf-8",
  "openai-processing-ms": "81",
  "openai-version": "2020-10-01",
  "x-request-id": "req_00000000000000000000",
  "x-ratelimit-limit-requests": "10000000",
  "x-ratelimit-remaining-requests": "9999999",
  "x-ratelimit-reset-requests": "6ms",
};
/** Events of a stream come in so many writes, so far apart. */
const WRITES = 8;
const EVENTS_A_WRITE = 4;
const APART_MS = 4;

export async function open() {
  const server = createServer((request, response) => {
    request.resume();
    request.once("end", () => void write(response));
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    jobs: { url: async (): Promise<string> => `http://127.0.0.1:${port}` },
    close: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function write(response: ServerResponse): Promise<void> {
  response.on("error", () => undefined);
  response.writeHead(200, HEAD);
  for (let turn = 0; turn < WRITES && !response.destroyed; turn++) {
    response.write(EVENTS);
    await pause(APART_MS);
  }
  response.end(LAST);
}

const chunk = (more: object): string =>
  `data: ${JSON.stringify({
    id: "chatcmpl-0000000000000000000000000000",
    object: "chat.completion.chunk",
    created: 1_700_000_000,
    model: "gpt-upstream",
    service_tier: "default",
    system_fingerprint: "fp_upstream",
    ...more,
  })}\n\n`;

const EVENTS = chunk({
  choices: [{ index: 0, delta: { content: "lorem ipsum dolor " }, logprobs: null, finish_reason: null }],
  usage: null,
}).repeat(EVENTS_A_WRITE);
const LAST = `${chunk({ choices: [{ index: 0, delta: {}, logprobs: null, finish_reason: "stop" }], usage: null })}${chunk(
  { choices: [], usage: { prompt_tokens: 2_000, completion_tokens: 96, total_tokens: 2_096 } },
)}data: [DONE]\n\n`;
