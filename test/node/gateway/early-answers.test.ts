// Upstreams that answer before they have read all that they were sent: their answer counts, and nothing hangs.
import { type AddressInfo, createServer, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { before } from "./stage.js";

/** More than the buffers of two sockets hold. */
const LONG = "word ".repeat(2_400_000);

/** @param answer told of each connection's first bytes, after which nothing is read */
async function deaf(answer: (socket: Socket) => void) {
  const counts = { connections: 0 };
  const server = createServer((socket) => {
    counts.connections += 1;
    socket.on("error", () => undefined);
    socket.once("data", () => {
      socket.pause();
      answer(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, counts };
}

const text = (status: string, body: string, more = "") =>
  `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\n${more}content-length: ${body.length}\r\n\r\n${body}`;
const TOO_LARGE = `{"error":{"message":"too large","type":"invalid_request_error"}}`;
const DONE = `{"choices":[{"message":{"content":"x"}}],"usage":{"prompt_tokens":7,"completion_tokens":1}}`;

test.each([
  ["a 413 that goes on", 413, (socket: Socket) => socket.write(text("413 Too Large", TOO_LARGE))],
  [
    "a 413 that closes",
    413,
    (socket: Socket) => socket.end(text("413 Too Large", TOO_LARGE, "connection: close\r\n")),
  ],
  [
    "a 413 that resets",
    413,
    (socket: Socket) =>
      socket.write(text("413 Too Large", TOO_LARGE), () => setTimeout(() => socket.resetAndDestroy(), 50)),
  ],
  ["a 200 that goes on", 200, (socket: Socket) => socket.write(text("200 OK", DONE))],
  ["a 200 that closes", 200, (socket: Socket) => socket.end(text("200 OK", DONE))],
] as const)("%s before the body was sent reaches the client, once", async (_name, status, answer) => {
  const upstream = await deaf(answer);
  const { ask, passed, expectIdle } = await before(upstream, "gpt");
  for (let nth = 1; nth <= 2; nth++) {
    const told = await ask("ann", { text: LONG });
    expect([told.status, await told.text()]).toEqual([status, status === 200 ? DONE : TOO_LARGE]);
    await expectIdle();
    expect([passed().length, upstream.counts.connections]).toEqual([nth, nth]);
  }
  expect(passed().map(({ used }) => used?.inputTokens ?? 0)).toEqual(status === 200 ? [7, 7] : [0, 0]);
});
