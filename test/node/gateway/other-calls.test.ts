// Calls beside those that ask a model: what they take of the limits, and what is passed on as it came.
import { expect, test } from "vitest";
import { before, errorOf, perMinute, rawUpstream, until } from "./stage.js";

/** Answers everything, and says what it was asked. */
const echo = () =>
  rawUpstream((request, response) => {
    response.writeHead(200, {
      "content-type": "application/json",
      "x-seen": `${request.method} ${request.url}`,
    });
    response.end(request.method === "HEAD" ? undefined : '{"data":[]}');
  });

test("G37 what changes something upstream takes one request of the limits; what reads takes nothing", async () => {
  const { gateway, clock, passed, expectIdle } = await before(await echo(), "gpt", {
    pool: { limits: perMinute({ rpm: 2 }) },
    gateway: { sharedLimits: true },
  });
  const call = (method: string, path: string, body?: string) =>
    fetch(gateway.url + path, {
      method,
      headers: { authorization: "Bearer any", "anthropic-version": "2023-06-01" },
      ...(body === undefined ? {} : { body }),
    });
  const free = [
    ["GET", "/v1/models?limit=1000"],
    ["HEAD", "/"],
    ["GET", "/v1/files"],
    ["DELETE", "/v1/files/file-1"],
    ["POST", "/v1/messages/count_tokens", "{}"],
    ["POST", "/v1beta/models/gemini:countTokens", "{}"],
    ["GET", "/v1/responses/resp_1"],
  ] as const;
  for (const [method, path, body] of free) {
    const answer = await call(method, path, body);
    expect([answer.status, answer.headers.get("x-seen")]).toEqual([200, `${method} ${path}`]);
  }
  expect(passed()).toHaveLength(0);
  for (const [path, body] of [
    ["/v1/images/generations", '{"model":"image-1","prompt":"a hill"}'],
    ["/v1/audio/transcriptions", "--form\r\nnot read\r\n--form--"],
  ] as const)
    expect((await call("POST", path, body)).status).toBe(200);
  const third = call("POST", "/v1/batches", "{}");
  await until(() => gateway.counts.waiting === 1);
  // What reads does not wait behind it.
  expect((await call("GET", "/v1/models")).status).toBe(200);
  clock.pass(30_000);
  expect((await third).status).toBe(200);
  expect(passed().map(({ model, used }) => [model, used])).toEqual(
    ["image-1", null, null].map((model) => [model, { inputTokens: 0, outputTokens: 0 }]),
  );
  await expectIdle();
});

test("with strict paths, what no dialect knows is refused in the caller's dialect", async () => {
  const { gateway } = await before(await echo(), "gpt", { gateway: { strictPaths: true } });
  const answer = await fetch(`${gateway.url}/v1/batches`, { method: "POST", body: "{}" });
  expect([answer.status, answer.headers.get("x-should-retry"), (await errorOf(answer)).code]).toEqual([
    404,
    "false",
    "PATH_UNKNOWN",
  ]);
  expect((await fetch(`${gateway.url}/v1/models`)).status).toBe(200);
});

test("a batch that the upstream may have made already is not made again", async () => {
  let asked = 0;
  const upstream = await rawUpstream((request) => {
    asked += 1;
    request.socket.resetAndDestroy();
  });
  const { gateway, expectIdle } = await before(upstream, "gpt");
  const answer = await fetch(`${gateway.url}/v1/batches`, { method: "POST", body: "{}" });
  expect([answer.status, (await errorOf(answer)).code, asked]).toEqual([502, "UPSTREAM_DOWN", 1]);
  await expectIdle();
});

test("an upstream that refuses to be asked for usage gets the client's own body, and is not asked again", async () => {
  const bodies: string[] = [];
  const upstream = await rawUpstream((_request, response, body) => {
    bodies.push(body);
    const isRefused = body.includes("stream_options");
    response.writeHead(isRefused ? 400 : 200, {
      "content-type": isRefused ? "application/json" : "text/event-stream",
    });
    const error = {
      message: "Unrecognized request argument supplied: stream_options",
      type: "invalid_request_error",
    };
    const event = { choices: [{ delta: { content: "twelve chars" } }] };
    response.end(
      isRefused ? JSON.stringify({ error }) : `data: ${JSON.stringify(event)}\n\ndata: [DONE]\n\n`,
    );
  });
  const { ask, passed, expectIdle } = await before(upstream, "gpt");
  const more = { body: { stream: true }, headers: { "x-stainless-retry-count": "9" } };
  const [first, second] = [await ask("ann", more), await ask("ann", more)];
  for (const one of [first, second]) {
    expect(one.status).toBe(200);
    expect(await one.text()).toContain("twelve chars");
  }
  expect(bodies.map((body) => body.includes("stream_options"))).toEqual([true, false, false]);
  expect(bodies[1]).toBe(bodies[2]);
  // Nobody tells what was used: what was sent, and a token for four characters.
  expect(passed().map(({ end, used }) => [end, used?.outputTokens])).toEqual([
    ["answered", 3],
    ["answered", 3],
  ]);
  await expectIdle();
});

test("what the client itself asks for is the upstream's to refuse", async () => {
  let asked = 0;
  const upstream = await rawUpstream((_request, response) => {
    asked += 1;
    response.writeHead(400, { "content-type": "application/json" });
    response.end('{"error":{"message":"stream_options: unknown","code":"its own words"}}');
  });
  const { ask } = await before(upstream, "gpt");
  const answer = await ask("ann", { body: { stream: true, stream_options: { include_usage: true } } });
  expect([answer.status, (await errorOf(answer)).code, asked]).toEqual([400, "its own words", 1]);
});

test("G4 a redirect is passed on, not followed: the key goes nowhere else", async () => {
  let followed = 0;
  const elsewhere = await rawUpstream((_request, response) => {
    followed += 1;
    response.end();
  });
  const upstream = await rawUpstream((_request, response) => {
    response.writeHead(307, { location: `${elsewhere.url}/v1/chat/completions` }).end();
  });
  const { ask, gateway } = await before(upstream, "gpt");
  const answers = [await ask("ann"), await fetch(`${gateway.url}/v1/models`, { redirect: "manual" })];
  expect(answers.map(({ status }) => status)).toEqual([307, 307]);
  expect(followed).toBe(0);
});

test("G3 a free call that nobody reads does not fill the gateway: the upstream stops until it is read", async () => {
  const CHUNK = Buffer.alloc(64 * 1024, 0x20);
  const CHUNKS = 512;
  let sent = 0;
  const upstream = await rawUpstream((_request, response) => {
    response.writeHead(200);
    const more = () => {
      while (sent < CHUNKS) {
        sent += 1;
        if (!response.write(CHUNK)) return;
      }
      response.end();
    };
    response.on("drain", more);
    more();
  });
  const { gateway } = await before(upstream, "gpt");
  const answer = await fetch(`${gateway.url}/v1/files/file-1/content`);
  // Sockets hold some megabytes; 32 are on their way.
  await settled(() => sent);
  expect(sent).toBeLessThan(CHUNKS);
  expect((await answer.arrayBuffer()).byteLength).toBe(CHUNK.length * CHUNKS);
});

test("G3 a stream that nobody reads does not fill the gateway either", async () => {
  const event = `data: ${JSON.stringify({ choices: [{ delta: { content: "x".repeat(64 * 1024) } }] })}\n\n`;
  const EVENTS = 512;
  let sent = 0;
  const upstream = await rawUpstream((_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const more = () => {
      while (sent < EVENTS) {
        sent += 1;
        if (!response.write(event)) return;
      }
      response.end("data: [DONE]\n\n");
    };
    response.on("drain", more);
    more();
  });
  const { ask, gateway, expectIdle } = await before(upstream, "gpt");
  const answer = await ask("ann", { body: { stream: true } });
  await settled(() => sent);
  expect(sent).toBeLessThan(EVENTS);
  // What it holds is held until it is over.
  expect(gateway.counts.running).toBe(1);
  expect((await answer.text()).length).toBeGreaterThan(EVENTS * 64 * 1024);
  await expectIdle();
});

/** Until a count has not changed for a while. */
async function settled(count: () => number): Promise<void> {
  for (let before = -1; before !== count(); ) {
    before = count();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
