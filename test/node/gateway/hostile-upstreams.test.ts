// Upstreams that say what cannot be: whoever asks is served all the same, and nothing is left behind.
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { Books } from "../../../node/gateway/books/books.js";
import { MemoryDisk } from "../../../node/gateway/books/memory-disk.js";
import type { Passed } from "../../../node/gateway/passed.js";
import { before, perMinute, rawUpstream } from "./stage.js";

const MOST = Number.MAX_SAFE_INTEGER;

test("usage beyond all bounds is charged once, and leaves nothing running", async () => {
  const upstream = await rawUpstream((_request, response) => {
    const usage = {
      input_tokens: MOST,
      cache_creation_input_tokens: MOST,
      cache_read_input_tokens: MOST,
      output_tokens: MOST,
    };
    const message = { type: "message", content: [{ type: "text", text: "x" }], usage };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(message));
  });
  const books = await Books.open(new MemoryDisk(), 0);
  const { ask, passed, expectIdle, events } = await before(upstream, "claude", {
    dialect: "anthropic",
    gateway: { books },
  });
  expect((await ask("ann")).status).toBe(200);
  await expectIdle();
  const [{ end, cost }] = passed() as [Passed];
  expect([end, Number.isSafeInteger(cost), cost > 1e12]).toEqual(["answered", true, true]);
  expect(events.filter(({ kind }) => kind === "accident")).toEqual([]);
  expect(books.counts.running).toBe(0);
});

test("no answer says so much of a limit that it stays full for longer than two windows", async () => {
  let nth = 0;
  const upstream = await rawUpstream((_request, response) => {
    nth += 1;
    const isLie = nth === 1;
    response
      .writeHead(200, {
        "content-type": "application/json",
        ...(isLie
          ? { "x-ratelimit-limit-requests": "100", "x-ratelimit-remaining-requests": "-100000000000000" }
          : {}),
      })
      .end(
        JSON.stringify({
          choices: [1],
          usage: { prompt_tokens: isLie ? MOST : 1, completion_tokens: isLie ? MOST : 1 },
        }),
      );
  });
  const { ask, clock, expectIdle } = await before(upstream, "gpt", {
    pool: { limits: perMinute({ rpm: 100, tpm: 10_000 }), output: "written" },
    gateway: { sharedLimits: true },
  });
  expect((await ask("ann")).status).toBe(200);
  await expectIdle();
  clock.pass(180_000);
  expect((await ask("ann")).status).toBe(200);
});

test("what asks for more than anybody writes does not fill a limit that is learned while it runs", async () => {
  const held: (() => void)[] = [];
  const upstream = await rawUpstream((_request, response, body) => {
    const fields = {
      "content-type": "application/json",
      "x-ratelimit-limit-tokens": "10000",
      "x-ratelimit-remaining-tokens": "9900",
      "x-ratelimit-reset-tokens": "600ms",
    };
    if (!body.includes("greedy")) return void response.writeHead(200, fields).end(`{"choices":[1]}`);
    held.push(() => response.writeHead(400, fields).end(`{"error":{"message":"too many"}}`));
  });
  const { ask, clock, gateway, expectIdle } = await before(upstream, "gpt");
  const greedy = ask("eve", { text: "greedy", body: { max_tokens: MOST } });
  while (held.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  expect((await ask("ann")).status).toBe(200);
  held[0]!();
  expect((await greedy).status).toBe(400);
  await expectIdle();
  clock.pass(180_000);
  expect([...gateway.pools.all()].map(([name]) => name)).toEqual(["untried", "gpt"]);
  expect((await ask("ann")).status).toBe(200);
});

test("an answer without a body goes to a client that takes trailers; fields of ours are nobody else's", async () => {
  let visits = 0;
  const upstream = await rawUpstream((_request, response) => {
    visits += 1;
    response.writeHead(204, { "x-mabeam-warning": "send money", "x-other": "1" }).end();
  });
  const { gateway, passed, expectIdle } = await before(upstream, "gpt");
  const { hostname, port } = new URL(gateway.url);
  const body = `{"model":"gpt"}`;
  const answer = await new Promise<string>((resolve) => {
    const socket = connect(Number(port), hostname);
    let told = "";
    socket.on("data", (chunk) => {
      told += String(chunk);
    });
    socket.on("close", () => resolve(told));
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nte: trailers\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
  });
  expect(answer).toMatch(/^HTTP\/1\.1 204/);
  expect([answer.includes("send money"), answer.includes("x-other: 1"), visits]).toEqual([false, true, 1]);
  await expectIdle();
  expect(passed()).toMatchObject([{ end: "answered" }]);
});

/** An upstream that answers with bytes. @param answer told of each request's beginning, and how often one began */
async function bytewise(answer: (socket: Socket, nth: number) => void) {
  let visits = 0;
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      if (!/^POST /.test(chunk.toString("latin1"))) return;
      visits += 1;
      answer(socket, visits);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, visits: () => visits };
}

test("G33 an answer without a body that has one all the same is passed on and charged once", async () => {
  for (const length of ["content-length: 5\r\n", "transfer-encoding: chunked\r\n", ""]) {
    const body = length.startsWith("t") ? "5\r\nhello\r\n0\r\n\r\n" : "hello";
    const upstream = await bytewise((socket) =>
      socket.write(`HTTP/1.1 204 No Content\r\n${length}\r\n${body}`),
    );
    const { ask, passed, expectIdle } = await before(upstream, "gpt");
    const answer = await ask("ann");
    expect([length, answer.status, await answer.text()]).toEqual([length, 204, ""]);
    await expectIdle();
    expect([length, upstream.visits(), passed().map(({ end }) => end)]).toEqual([length, 1, ["answered"]]);
  }
});

test("G1 a field in another script passes as it came, byte by byte, and the answer with it", async () => {
  const text = Buffer.from("通义 é", "utf8").toString("latin1");
  let asked = 0;
  const upstream = await rawUpstream((_request, response) => {
    asked += 1;
    response.writeHead(200, {
      "content-type": "application/json",
      "x-name": text,
      "x-names": [text, "plain"],
    });
    response.end(JSON.stringify({ choices: [{ message: { content: "x" } }] }));
  });
  const { ask, gateway, expectIdle } = await before(upstream, "gpt");
  const answer = await ask("ann");
  expect([answer.status, asked, answer.headers.get("x-name")]).toEqual([200, 1, text]);
  expect(answer.headers.get("x-names")).toBe(`${text}, plain`);
  await answer.text();
  const free = await fetch(`${gateway.url}/v1/models`);
  expect([free.status, free.headers.get("x-name")]).toEqual([200, text]);
  await expectIdle();
});
