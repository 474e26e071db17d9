// Whatever an upstream or a client does wrong: an answer in the caller's dialect, nothing left behind, nothing counted twice.

import type { AddressInfo } from "node:net";
import { connect, createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { faultsInOrder } from "../../../testnet/upstream/faults.js";
import { before, errorOf, perMinute, rawUpstream, stage, until } from "./stage.js";

test("an upstream that does not speak HTTP is said to be down, in each dialect", async () => {
  const server = createServer((socket) => socket.end("220 mail.example.com ESMTP\r\n"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const dialect of ["openai", "anthropic", "google"] as const) {
    const { ask, passed, expectIdle } = await before({ url }, "some", { dialect });
    const answer = await ask("ann");
    expect([answer.status, JSON.stringify(await answer.json())]).toMatchObject([
      502,
      expect.stringContaining("UPSTREAM_DOWN"),
    ]);
    // What came there may have been done: its input counts.
    expect(passed()).toMatchObject([{ end: "failed", used: { outputTokens: 0 } }]);
    await expectIdle();
  }
});

test("an upstream that never answers is waited for as long as the client waits, and no longer", async () => {
  const upstream = await rawUpstream(() => undefined);
  const { ask, gateway, passed, expectIdle } = await before(upstream, "gpt");
  const leaving = new AbortController();
  const asked = ask("ann", { signal: leaving.signal });
  await until(() => gateway.counts.running === 1);
  leaving.abort();
  await expect(asked).rejects.toThrow();
  await expectIdle();
  expect(passed()).toMatchObject([{ end: "left", used: { outputTokens: 0 } }]);
});

test("a success that is no JSON is passed on as it is, and counted as what was sent", async () => {
  const garbage = "\u0000\u0001 neither JSON nor events";
  const upstream = await rawUpstream((_request, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end(garbage);
  });
  const { ask, passed, expectIdle } = await before(upstream, "gpt");
  expect(await (await ask("ann")).text()).toBe(garbage);
  await expectIdle();
  expect(passed()).toMatchObject([{ end: "answered", used: { outputTokens: 0 } }]);
  expect(passed()[0]!.used!.inputTokens).toBeGreaterThan(0);
});

test("a connection that is reset before any answer is tried again; one in mid-stream breaks the client's stream", async () => {
  const { ask, upstream, passed, expectIdle } = await stage({
    upstream: {
      faults: faultsInOrder([{ kind: "cut", afterBytes: 0 }, null, { kind: "cut", afterBytes: 700 }]),
    },
  });
  expect((await ask("ann")).status).toBe(200);
  const answer = await ask("bob", { body: { stream: true } });
  expect(answer.status).toBe(200);
  // Not an end as if it were whole: nothing of it may be tried again.
  await expect(answer.text()).rejects.toThrow();
  await expectIdle();
  expect(upstream.journal.visits).toHaveLength(3);
  expect(passed().map(({ end }) => end)).toEqual(["answered", "failed"]);
});

test("an upstream that is down for good: three attempts, one refusal", async () => {
  const { ask, upstream, passed, expectIdle } = await stage({
    upstream: { faults: faultsInOrder(Array.from({ length: 3 }, () => ({ kind: "cut", afterBytes: 0 }))) },
  });
  const answer = await ask("ann");
  expect([answer.status, (await errorOf(answer)).code]).toEqual([502, "UPSTREAM_DOWN"]);
  expect(upstream.journal.visits).toHaveLength(3);
  expect(passed()).toMatchObject([{ end: "failed", used: { outputTokens: 0 } }]);
  await expectIdle();
});

test("an error inside a stream that has begun is passed on, and ends it", async () => {
  const { ask, clock, passed, expectIdle } = await stage({
    dialect: "anthropic",
    upstream: { faults: faultsInOrder([{ kind: "failure", afterFrames: 4 }]) },
  });
  clock.goOn(100);
  const text = await (await ask("ann", { body: { stream: true } })).text();
  expect(text).toContain("event: error");
  expect(text).not.toContain("message_stop");
  await expectIdle();
  expect(passed()).toMatchObject([{ end: "failed" }]);
});

test("a client that aborts in mid-stream ends the upstream's work too, and is charged what had come", async () => {
  const { ask, upstream, clock, passed, expectIdle } = await stage({
    upstream: { pace: { firstByteMs: 0, tokensPerSecond: 1 } },
  });
  clock.goOn(100);
  const leaving = new AbortController();
  const answer = await ask("ann", {
    body: { stream: true, max_tokens: 100 },
    text: "[write 100 tokens]",
    signal: leaving.signal,
  });
  const reader = answer.body!.getReader();
  await reader.read();
  await reader.read();
  leaving.abort();
  await until(() => upstream.journal.visits[0]!.end !== "open");
  expect(upstream.journal.visits[0]!.end).toBe("left");
  await expectIdle();
  const [one] = passed();
  expect(one).toMatchObject({ end: "left" });
  expect(one!.used!.outputTokens).toBeLessThan(20);
});

test("G46 100 MB are refused before they are sent, whether their length is told or not", async () => {
  const upstream = await rawUpstream((_request, response) => void response.end());
  const { gateway, expectIdle } = await before(upstream, "gpt");
  const { hostname, port } = new URL(gateway.url);
  for (const length of [`content-length: ${100 << 20}`, "transfer-encoding: chunked"]) {
    const socket = connect(Number(port), hostname);
    let said = "";
    socket.on("data", (data) => {
      said += String(data);
    });
    socket.on("error", () => undefined);
    socket.write(`POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\n${length}\r\n\r\n`);
    const chunk = Buffer.alloc(1 << 20, 0x20);
    for (let sent = 0; sent < 100 && !said.includes("\r\n\r\n"); sent++) {
      if (length.startsWith("t")) socket.write(`${chunk.length.toString(16)}\r\n`);
      socket.write(chunk);
      if (length.startsWith("t")) socket.write("\r\n");
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await until(() => said.includes("BODY_TOO_LARGE"));
    expect(said).toMatch(/^HTTP\/1\.1 413 /);
    socket.destroy();
  }
  await expectIdle();
});

test("G46 a body that comes too slowly is refused", async () => {
  const upstream = await rawUpstream((_request, response) => void response.end());
  const { gateway, clock, expectIdle } = await before(upstream, "gpt");
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  let said = "";
  socket.on("data", (data) => {
    said += String(data);
  });
  const head =
    "POST /v1/messages HTTP/1.1\r\nhost: localhost\r\nx-api-key: any\r\ncontent-length: 100\r\n\r\n{";
  await new Promise<void>((resolve) => socket.write(head, () => resolve()));
  clock.goOn(5_000);
  await until(() => said.includes("BODY_TOO_SLOW"));
  expect(said).toMatch(/^HTTP\/1\.1 408 /);
  expect(said).toContain('"type":"timeout_error"');
  await expectIdle();
});

test("without a key, and with another's session id, a request is answered: both say whom it counts for, not who may ask", async () => {
  const { gateway, passed, expectIdle } = await stage({ pool: { limits: perMinute({ rpm: 10 }) } });
  const body = JSON.stringify({
    model: "gpt-upstream",
    max_tokens: 5,
    messages: [{ role: "user", content: "hi" }],
  });
  const post = (headers: Record<string, string>) =>
    fetch(`${gateway.url}/v1/chat/completions`, { method: "POST", headers, body });
  await (await post({ "session-id": "victim" })).text();
  await (await post({ "session-id": "victim", "user-agent": "thief" })).text();
  await (await post({})).text();
  const who = passed().map(({ caller }) => caller.who);
  expect(who.slice(0, 2)).toEqual(["session:victim", "session:victim"]);
  expect(who[2]).toMatch(/^client:/);
  await expectIdle();
});

test("whatever goes wrong, nothing stays reserved: a minute later a request that takes all of the limit is sent at once", async () => {
  const faults = [
    { kind: "cut", afterBytes: 0 },
    { kind: "bare" },
    { kind: "inside" },
    { kind: "overloaded" },
    { kind: "cut", afterBytes: 300 },
    { kind: "garbage" },
    { kind: "redirect" },
    { kind: "broken" },
    null,
  ] as const;
  const { ask, clock, passed, expectIdle } = await stage({
    upstream: { faults: faultsInOrder(faults) },
    pool: { limits: perMinute({ tpm: 1_000 }) },
  });
  clock.goOn(100);
  const gone = ask("eve", { signal: AbortSignal.abort() }).catch(() => undefined);
  for (let n = 0; n < faults.length; n++) {
    const answer = await ask("ann", { body: { stream: n % 2 === 0 } }).catch(() => null);
    await answer?.text().catch(() => "");
  }
  await gone;
  await expectIdle();
  clock.pass(60_000);
  const inputTokens = 100;
  expect((await ask("ann", { body: { max_tokens: 1_000 - inputTokens } })).status).toBe(200);
  await expectIdle();
  expect(passed().at(-1)).toMatchObject({ end: "answered", waitedMs: 0 });
});
