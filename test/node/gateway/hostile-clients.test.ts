// Clients that mean harm: to have the key, to leave the upstream's own paths, to have for nothing, or to stop others.

import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import { Books } from "../../../node/gateway/books/books.js";
import { MemoryDisk } from "../../../node/gateway/books/memory-disk.js";
import { NO_SPENDING_LIMITS } from "../../../node/gateway/named/named-agent.js";
import { NamedAgents } from "../../../node/gateway/named/named-agents.js";
import { before, errorOf, perMinute, rawUpstream, stage, until } from "./stage.js";

/** Sends bytes to a gateway as they are. @returns all that comes back until it closes */
function raw(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let told = "";
    socket.on("data", (chunk) => {
      told += String(chunk);
    });
    socket.on("error", reject).on("close", () => resolve(told));
    socket.write(text, "latin1");
  });
}

const asking = (line: string, fields = "", body = "{}"): string =>
  `${line} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: ${body.length}\r\n${fields}\r\n${body}`;

const answering = (what: object = { choices: [{ message: { content: "x" } }] }) => {
  const asked: { method: string; url: string; headers: NodeJS.Dict<string | string[]> }[] = [];
  const upstream = rawUpstream(({ method = "", url = "", headers }, response) => {
    asked.push({ method, url, headers });
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(what));
  });
  return { asked, upstream };
};

test("G4 a request line that names another host, leads out of the upstream's own path, or asks for an echo is not sent", async () => {
  const { asked, upstream } = answering();
  const url = new URL("/tenant/ours", (await upstream).url);
  const { gateway } = await before(await upstream, "gpt", { gateway: { upstream: url } });
  for (const line of [
    "POST http://evil.example/v1/chat/completions",
    "POST https://evil.example/v1/chat/completions",
    "OPTIONS *",
    "GET /../../theirs/v1/files",
    "GET /v1/%2e%2e/%2E./../theirs",
    "GET /v1/..%2f..%2ftheirs",
    "GET /v1/..%5c..%5ctheirs",
    "GET /v1/..;/theirs",
    "GET /v1/..%3b/theirs",
    "GET /v1/%252e%252e/theirs",
    "GET /v1/..%25252ftheirs",
    "GET /v1/./models",
    "TRACE /v1/models",
  ]) {
    const answer = await raw(gateway.url, asking(line, "", line.startsWith("TRACE") ? "" : "{}"));
    expect([line, answer.split("\r\n")[0]]).toEqual([line, "HTTP/1.1 404 Not Found"]);
  }
  expect(asked).toEqual([]);
  expect(await raw(gateway.url, asking("GET //evil.example/v1/x"))).toContain("200 OK");
  expect(asked.map((one) => one.url)).toEqual(["/tenant/ours//evil.example/v1/x"]);
});

test("G43 two hosts, or a fragment in the target, are refused in the caller's dialect", async () => {
  const { asked, upstream } = answering();
  const { gateway, passed } = await before(await upstream, "gpt");
  const line = "POST /v1/messages";
  for (const request of [
    asking(line, "host: localhost\r\n"),
    asking(line, "Host: evil.example\r\n"),
    asking(`${line}#/../v1/files`),
    asking(`${line}?beta=true#x`),
  ]) {
    const answer = await raw(gateway.url, request);
    expect([request, answer.split("\r\n")[0]]).toEqual([request, "HTTP/1.1 400 Bad Request"]);
    expect(answer).toContain(`{"type":"error","error":{"type":"invalid_request_error"`);
    expect(answer).toContain("REQUEST_UNCLEAR");
  }
  expect([asked, passed()]).toEqual([[], []]);
});

test("G4 a query parameter's name that is written with escapes carries no credential up either; a method is not overridden", async () => {
  const { asked, upstream } = answering();
  const { gateway } = await before(await upstream, "gpt");
  await raw(
    gateway.url,
    asking(
      "GET /v1beta/models/gemini:generateContent?%6bey=theirs&k%65%79=theirs&access_token=theirs&alt=sse",
      "x-http-method-override: POST\r\nx-http-method: POST\r\nx-method-override: POST\r\n",
    ),
  );
  expect(asked).toHaveLength(1);
  expect(asked[0]!.url).toBe("/v1beta/models/gemini:generateContent?alt=sse");
  expect(Object.keys(asked[0]!.headers).filter((name) => name.includes("method"))).toEqual([]);
});

test("fields that are named like what every object has cost nobody a place", async () => {
  const { upstream } = answering();
  const { gateway, expectIdle } = await before(await upstream, "gpt");
  for (const name of ["constructor", "__proto__", "toString", "hasOwnProperty", "valueOf"]) {
    const body = JSON.stringify({ model: name, messages: [] });
    const answer = await raw(gateway.url, asking("POST /v1/chat/completions", `${name}: x\r\n`, body));
    expect([name, answer.split("\r\n")[0]]).toEqual([name, "HTTP/1.1 200 OK"]);
  }
  await expectIdle();
});

test("G32 an error that only repeats a client's words does not switch usage off for all", async () => {
  const bodies: string[] = [];
  const upstream = await rawUpstream((_request, response, body) => {
    bodies.push(body);
    const isBad = body.includes("bad");
    response
      .writeHead(isBad ? 400 : 200, { "content-type": "application/json" })
      .end(isBad ? `{"error":{"message":"no such role: 'stream_options'"}}` : `{"choices":[1]}`);
  });
  const { ask } = await before(upstream, "gpt");
  expect((await ask("eve", { text: "bad", body: { stream: true } })).status).toBe(400);
  bodies.length = 0;
  expect((await ask("ann", { body: { stream: true } })).status).toBe(200);
  expect(bodies.map((body) => body.includes("include_usage"))).toEqual([true]);
});

test("G27 an error that only repeats a client's words parks nobody", async () => {
  const upstream = await rawUpstream((_request, response, body) => {
    const isBad = body.includes("bad");
    const message = "anthropic-beta: Unexpected value(s) `credit balance` for the header";
    response
      .writeHead(isBad ? 400 : 200, { "content-type": "application/json" })
      .end(
        isBad
          ? JSON.stringify({ type: "error", error: { type: "invalid_request_error", message } })
          : `{"type":"message","content":[{"type":"text","text":"x"}],"usage":{"input_tokens":1,"output_tokens":1}}`,
      );
  });
  const { ask } = await before(upstream, "claude", { dialect: "anthropic", gateway: { sharedLimits: true } });
  expect((await ask("eve", { text: "bad" })).status).toBe(400);
  expect((await ask("ann")).status).toBe(200);
});

/** A list of prices in which a token costs a micro-credit. */
const PRICES = [
  {
    model: "gpt-upstream",
    isListed: true,
    rates: { input: 1e6, cacheRead: 1e6, cacheWrite: 1e6, cacheWriteHour: 1e6, output: 1e6 },
    tiers: [],
  },
];

async function limited() {
  const named = NamedAgents.open(null);
  const figures = { weight: 1, band: "normal", parent: null } as const;
  const added = await named.add("eve", { ...figures, limits: { ...NO_SPENDING_LIMITS, perDay: 60n } }, 0n);
  return { named, headers: { authorization: `Bearer ${added.ok ? added.value.key : ""}` } };
}

test("G40 who has spent all calls nothing else for nothing either", async () => {
  const { asked, upstream } = answering({ usage: { prompt_tokens: 50, completion_tokens: 20 }, data: [1] });
  const { named, headers } = await limited();
  const { gateway } = await before(await upstream, "gpt-upstream", { gateway: { named, prices: PRICES } });
  const paint = () =>
    fetch(`${gateway.url}/v1/images/generations`, {
      method: "POST",
      headers,
      body: `{"model":"gpt-upstream"}`,
    });
  expect((await paint()).status).toBe(200);
  await until(() => gateway.counts.running === 0);
  expect((await paint()).status).toBe(402);
  expect(asked).toHaveLength(1);
});

test("G36 a request whose client leaves before the answer begins took what it was sent, and costs that", async () => {
  const upstream = await rawUpstream(() => undefined);
  const { named, headers } = await limited();
  const books = await Books.open(new MemoryDisk(), 0);
  const rules = {
    gateway: { named, prices: PRICES, books },
    pool: { limits: perMinute({ rpm: 10 }) },
  };
  const { ask, gateway, passed, expectIdle, clock } = await before(upstream, "gpt-upstream", rules);
  const leaving = new AbortController();
  const asked = ask("s", { headers, signal: leaving.signal });
  await until(() => gateway.counts.running === 1);
  leaving.abort();
  await expect(asked).rejects.toThrow();
  await expectIdle();
  expect(passed()).toMatchObject([{ end: "left" }]);
  const { used, cost } = passed()[0]!;
  expect([used!.inputTokens > 10, used!.outputTokens, cost > 10]).toEqual([true, 0, true]);
  expect(books.spent("agent:eve", "day", clock.wallMs())).toBe(cost);
  expect([...gateway.pools.all()].map(([, line]) => line.taken[0]!.taken)).toEqual([1]);
});

test("G11 of several fields that allow output the most counts, and a deployment is the model", async () => {
  const { gateway, upstream } = await stage({
    figures: { tpm: 5_000 },
    pool: { limits: perMinute({ tpm: 5_000 }) },
  });
  const body = JSON.stringify({
    model: "gpt-upstream",
    max_output_tokens: 1,
    max_tokens: 6_000,
    messages: [],
  });
  const answer = await raw(gateway.url, asking("POST /v1/chat/completions", "", body));
  expect(answer).toContain("NEVER_FITS");
  expect(upstream.journal.visits).toEqual([]);
});

test("G40 a call of a model is one in whatever case its path is written, as some upstreams take it", async () => {
  const usage = { prompt_tokens: 1_000, completion_tokens: 1_000 };
  for (const [dialect, path] of [
    ["openai", "/openai/deployments/gpt-4o/Chat/COMPLETIONS"],
    ["openai", "/OpenAI/Deployments/gpt-4o/chat/completions"],
    ["openai", "/v1/Responses"],
    ["anthropic", "/anthropic/V1/Messages"],
  ] as const) {
    const told = { input_tokens: 1_000, output_tokens: 1_000, ...usage };
    const { upstream } = answering({
      type: "message",
      choices: [{ message: {} }],
      content: [1],
      usage: told,
    });
    const { gateway, passed } = await before(await upstream, "gpt", { dialect });
    const body = `{"model":"gpt-4o","messages":[]}`;
    expect(await raw(gateway.url, asking(`POST ${path}`, "", body))).toContain("200 OK");
    await until(() => passed().length === 1);
    const [{ model, used, cost }] = passed() as [ReturnType<typeof passed>[number]];
    expect([path, model, used!.outputTokens, cost > 1_000]).toEqual([path, "gpt-4o", 1_000, true]);
  }
});

test("bodies of many clients together have a bound, and whoever sends little is served all the same", async () => {
  const held: (() => void)[] = [];
  const upstream = await rawUpstream((_request, response, body) => {
    const end = () => response.writeHead(200, { "content-type": "application/json" }).end(`{"choices":[1]}`);
    if (body.includes("stay")) held.push(end);
    else end();
  });
  const { ask, gateway, expectIdle } = await before(upstream, "gpt", { gateway: { mostHeldBytes: 200_000 } });
  const long = "x".repeat(200_000);
  const first = ask("eve", { text: `stay ${long}` });
  await until(() => held.length === 1);
  const refused = await ask("eve", { text: long });
  expect([refused.status, (await errorOf(refused)).code]).toEqual([503, "BODIES_FULL"]);
  expect((await ask("ann")).status).toBe(200);
  // One that breaks off in the middle holds nothing either.
  const { hostname, port } = new URL(gateway.url);
  const broken = connect(Number(port), hostname);
  broken.write(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-length: 110000\r\n\r\n${"x".repeat(100_000)}`,
  );
  await wait(100);
  broken.destroy();
  held[0]!();
  expect((await first).status).toBe(200);
  await expectIdle();
  // That somebody has gone is heard a little later.
  const whole = { text: "x".repeat(240_000) };
  await expect.poll(async () => (await ask("eve", whole)).status, { timeout: 60_000 }).toBe(200);
});

test("G3 a client that takes nothing of its answer keeps its place for two minutes, and no longer", async () => {
  let sent = 0;
  const event = `data: {"choices":[{"delta":{"content":"${"x".repeat(60_000)}"}}]}\n\n`;
  const upstream = await rawUpstream((_request, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const more = () => {
      for (let goesOn = true; goesOn && !response.destroyed; sent += 1) goesOn = response.write(event);
      response.once("drain", more);
    };
    more();
  });
  const { gateway, clock, expectIdle, passed } = await before(upstream, "gpt");
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => undefined).pause();
  socket.write(asking("POST /v1/chat/completions", "", `{"model":"gpt","stream":true}`));
  // Nothing moves any more when nothing has in thirty turns of the event loop, however long this machine takes for one.
  for (let [still, seen] = [0, 0]; still < 30; await wait(10)) {
    still = sent > 0 && sent === seen ? still + 1 : 0;
    seen = sent;
  }
  clock.pass(119_000);
  await wait(20);
  expect(gateway.counts.running).toBe(1);
  clock.pass(2_000);
  await expectIdle();
  expect(passed()).toMatchObject([{ end: "left" }]);
  socket.destroy();
});

test("G36 what is written behind a client's back, to be fetched for nothing, costs what it was allowed to be", async () => {
  const queued = { id: "resp_1", status: "queued", model: "gpt-upstream", usage: null, output: [] };
  const { upstream } = answering(queued);
  const { gateway, passed, expectIdle } = await before(await upstream, "gpt-upstream", {
    gateway: { prices: PRICES },
  });
  for (const [more, least] of [
    [{ background: true, max_output_tokens: 5_000 }, 5_000],
    [{ background: "true" }, 1_024],
    [{ background: false, max_output_tokens: 5_000 }, 0],
  ] as const) {
    const body = JSON.stringify({ model: "gpt-upstream", input: "hello", ...more });
    expect(await raw(gateway.url, asking("POST /v1/responses", "", body))).toContain("200 OK");
    await expectIdle();
    expect([more, passed().at(-1)!.used!.outputTokens]).toEqual([more, least]);
  }
});

test("G35 Google answers in no form in which nobody could read what it used", async () => {
  const { asked, upstream } = answering({ candidates: [1] });
  const { gateway } = await before(await upstream, "gemini");
  const call = "/v1beta/models/gemini:generateContent";
  for (const [query, up] of [
    ["?alt=proto&callback=x", ""],
    ["?%61lt=media&%24alt=proto&$callback=x", ""],
    ["?alt=sse&prettyPrint=false", "?alt=sse&prettyPrint=false"],
    ["?alt=json", "?alt=json"],
  ] as const) {
    await raw(gateway.url, asking(`POST ${call}${query}`, "", "{}"));
    expect([query, asked.at(-1)!.url]).toEqual([query, call + up]);
  }
  await raw(gateway.url, asking("GET /v1beta/files/f:download?alt=media", "", ""));
  expect(asked.at(-1)!.url).toBe("/v1beta/files/f:download?alt=media");
});

test("G32 a stream that is asked for in a loose word is asked for its usage too", async () => {
  const bodies: string[] = [];
  const upstream = await rawUpstream((_request, response, body) => {
    bodies.push(body);
    response.writeHead(200, { "content-type": "application/json" }).end(`{"choices":[1]}`);
  });
  const { ask } = await before(upstream, "gpt");
  for (const stream of [true, 1, "true", false, null, 0, "false"]) await ask("ann", { body: { stream } });
  const asks = bodies.map((body) => body.includes("include_usage"));
  expect(asks).toEqual([true, true, true, false, false, false, false]);
});
