// Something answers where the daemon should, and goes wrong at any point of the exchange: three lines, a code, an end.
import type { Socket } from "node:net";
import { type AddressInfo, createServer } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, expect, onTestFinished, test } from "vitest";
import { ApiClient } from "../../../node/sdk/client.js";
import { OTHER } from "../../worlds/lone-peer.js";
import { closeAll, world } from "./cli-fixture.js";

afterEach(closeAll);

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

const THREE_LINES = /^mabeam: .+\.\nCause: .+\nFix: .+$/;
const HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";

/** A server that does `act` with each connection on which something was asked. @returns its port */
async function server(act: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const listening = createServer((socket) => {
    sockets.add(socket.on("error", () => undefined));
    socket.once("data", () => act(socket));
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => listening.once("listening", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    listening.close();
  });
  return (listening.address() as AddressInfo).port;
}

async function against(act: (socket: Socket) => void, line: string) {
  const { run } = await world();
  return run(`${line} --api 127.0.0.1:${await server(act)}`);
}

const FULL = "x".repeat(64 * 1024);

/** An answer of which more comes as fast as it is read. */
function endless(socket: Socket, status = "200 OK"): void {
  socket.write(`HTTP/1.1 ${status}\r\nTransfer-Encoding: chunked\r\n\r\n`);
  const more = () => {
    while (!socket.destroyed && socket.write(`${FULL.length.toString(16)}\r\n${FULL}\r\n`));
  };
  socket.on("drain", more);
  more();
}

const ends: [string, (socket: Socket) => void, number][] = [
  ["it hangs up without a word", (socket) => socket.destroy(), 3],
  ["it hangs up amid the head", (socket) => socket.end("HTTP/1.1 20"), 3],
  ["it speaks another protocol", (socket) => socket.end("SSH-2.0-OpenSSH_9.6\r\n"), 3],
  ["it hangs up amid the body", (socket) => socket.end(`${HEAD}Content-Length: 99\r\n\r\n{"kind":`), 3],
  ["its chunks are none", (socket) => socket.end(`${HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\n`), 3],
  [
    "its compression is none",
    (socket) => socket.end(`${HEAD}Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}`),
    3,
  ],
  [
    "it sends elsewhere",
    (socket) => socket.end("HTTP/1.1 307 X\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"),
    3,
  ],
  [
    "it fails with a page for people",
    (socket) => socket.end("HTTP/1.1 502 X\r\nContent-Length: 13\r\n\r\n<html></html>"),
    1,
  ],
  ["it has no time to read", (socket) => socket.end("HTTP/1.1 408 X\r\nConnection: close\r\n\r\n"), 10],
  ["it has no place", (socket) => socket.end("HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n"), 10],
  ["it answers with nothing", (socket) => socket.end(`${HEAD}Content-Length: 0\r\n\r\n`), 1],
  ["it fails with a page that never ends", (socket) => endless(socket, "502 X"), 1],
];

test.each(ends)("%s", async (_how, act, exit) => {
  for (const line of ["status", `wallet transfer ${OTHER} 1`]) {
    const ran = await against(act, line);
    expect([line, ran.exit, ran.out]).toEqual([line, exit, []]);
    expect(ran.err).toMatch(THREE_LINES);
  }
});

const silences: [string, string][] = [
  ["from the beginning", ""],
  ["amid the head", "HTTP/1.1 200 OK\r\nContent-"],
  ["amid the body", `${HEAD}Content-Length: 99\r\n\r\n{"kind":`],
];

test.each(silences)("it falls silent %s", async (_when, said) => {
  for (const line of ["status", `wallet transfer ${OTHER} 1`]) {
    const ran = await against((socket) => void socket.write(said), `${line} --timeout 300ms`);
    expect([line, ran.exit, ran.out]).toEqual([line, 8, []]);
    expect(ran.err).toMatch(THREE_LINES);
  }
});

test("a stream that goes on ends when its reader wants no more, also after memory was cleaned up", async () => {
  const event = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\nid: 1\n\n\r\n`;
  const port = await server((socket) => void socket.write(event));
  const address = { url: `http://127.0.0.1:${port}`, token: "A".repeat(43), remedy: "" };
  const ending = new AbortController();
  const events = await new ApiClient(address, null, 2 ** 30).events("*", null, ending.signal);
  const reading = events[Symbol.asyncIterator]();
  expect((await reading.next()).value).toEqual({ id: "1", event: null });
  const next = reading.next().then(
    () => "ended",
    () => "ended",
  );
  for (let i = 0; i < 10; i++) {
    collectGarbage();
    await new Promise((resolve) => setImmediate(resolve));
  }
  ending.abort();
  expect(await next).toBe("ended");
});

test("an answer, or an event, that never ends is read as far as any of mabeam's may go", async () => {
  const port = await server((socket) => endless(socket));
  const address = { url: `http://127.0.0.1:${port}`, token: "A".repeat(43), remedy: "" };
  const client = new ApiClient(address, null, 2 ** 30, true, 1024 * 1024);
  const strange = {
    reason: "strange",
    code: "ANSWER_STRANGE",
    why: "the answer is longer than any of mabeam's",
  };
  await expect(client.ask("node", {}, "could not see")).rejects.toMatchObject(strange);
  const events = await client.events("*", null, new AbortController().signal);
  await expect(events[Symbol.asyncIterator]().next()).rejects.toMatchObject(strange);
});
