// G27 The gateway's own key: its owner hears once that the upstream refuses it, and once that it is taken again; clients get the upstream's words.
import { expect, test } from "vitest";
import { eventWords } from "../../../node/gateway/event-words.js";
import type { GatewayEvent } from "../../../node/gateway/gateway.js";
import { KeyWatch } from "../../../node/gateway/key-watch.js";
import { before, rawUpstream, until } from "./stage.js";
import { testClock } from "./test-clock.js";

const ofKey = (events: readonly GatewayEvent[]) =>
  events.filter(({ kind }) => kind === "keyRefused" || kind === "keyTaken");

const MINUTE_MS = 60_000;

/** An upstream whose answers a test chooses: a status, and a model's name that is always refused. */
async function world() {
  const state = { status: 200 };
  const body = JSON.stringify({ error: { message: "Incorrect API key.", code: "invalid_api_key" } });
  const upstream = await rawUpstream((request, response, text) => {
    const status = text.includes('"secret"') || request.url!.includes("/secret") ? 403 : state.status;
    response.writeHead(status, { "content-type": "application/json" });
    response.end(status === 200 ? JSON.stringify({ choices: [{ message: { content: "hello" } }] }) : body);
  });
  return { state, body, ...(await before(upstream, "gpt")) };
}

test("a wrong key: the upstream's answer passes unchanged, says whose key it speaks of, and the owner is told once", async () => {
  const { state, body, ask, gateway, events, clock, passed, expectIdle } = await world();
  state.status = 401;
  for (const agent of ["ann", "bob", "ann"]) {
    const answer = await ask(agent);
    expect([answer.status, await answer.text(), answer.headers.get("x-mabeam-warning")]).toEqual([
      401,
      body,
      "the upstream does not take the gateway's key; the client's own is not sent to it",
    ]);
  }
  expect(ofKey(events)).toEqual([{ kind: "keyRefused", isKnown: false, model: "gpt" }]);
  expect(gateway.keyRefused).toEqual({ isKnown: false, model: "gpt", atMs: clock.wallMs() });
  expect(passed()[0]).toMatchObject({ end: "failed", status: 401, code: null });
  clock.pass(5_000);
  state.status = 200;
  expect((await ask("ann")).headers.get("x-mabeam-warning")).toBeNull();
  await until(() => gateway.keyRefused === null);
  expect(ofKey(events).slice(1)).toEqual([{ kind: "keyTaken", forMs: 5_000 }]);
  expect(ofKey(events).map(eventWords)).toEqual([
    "the upstream does not take the key for gpt: clients get its answer; start the gateway again with one that is valid (--key-file)",
    "the upstream takes the key again, after 5 s",
  ]);
  await expectIdle();
});

test("one client that asks for what the key may not do has nobody told while others are answered", async () => {
  const { ask, events, gateway, clock, passed } = await world();
  await (await ask("ann")).text();
  await until(() => passed().length === 1);
  for (let n = 0; n < 5; n++) {
    const answer = await ask("eve", { model: "secret" });
    expect([answer.status, answer.headers.get("x-mabeam-warning")]).toEqual([
      403,
      "the upstream does not let the gateway's key do this; the client's own is not sent to it",
    ]);
    await answer.text();
  }
  expect([ofKey(events), gateway.keyRefused]).toEqual([[], null]);
  // A minute without an answer is another matter.
  clock.pass(MINUTE_MS);
  await (await ask("eve", { model: "secret" })).text();
  await until(() => ofKey(events).length === 1);
  expect(ofKey(events)).toEqual([{ kind: "keyRefused", isKnown: true, model: "secret" }]);
});

test("what a call that no dialect knows is answered says nothing of the key", async () => {
  const { gateway, state, events } = await world();
  state.status = 401;
  const answer = await fetch(`${gateway.url}/v1/images/generations`, { method: "POST", body: "{}" });
  expect(answer.status).toBe(401);
  expect((await fetch(`${gateway.url}/v1/models`)).status).toBe(401);
  await until(() => gateway.counts.running === 0);
  expect(ofKey(events)).toEqual([]);
});

test("an answer to what was sent before a refusal is no word of the key since then", () => {
  const told: string[] = [];
  const clock = testClock();
  const watch = new KeyWatch(clock, ({ kind }) => told.push(kind));
  const sentMs = clock.nowMs();
  clock.pass(1_000);
  watch.refused({ kind: "key", isKnown: false }, null);
  clock.pass(1_000);
  watch.taken(sentMs);
  expect([told, watch.refusal !== null]).toEqual([["keyRefused"], true]);
  watch.taken(clock.nowMs());
  expect([told, watch.refusal]).toEqual([["keyRefused", "keyTaken"], null]);
});

test("refused and taken in turn, as a client might bring about: told every ten minutes, and never the end of what was not told", () => {
  const told: (readonly [string, number])[] = [];
  const clock = testClock();
  const startMs = clock.nowMs();
  const watch = new KeyWatch(clock, ({ kind }) => told.push([kind, clock.nowMs() - startMs]));
  for (let second = 0; second < 1_300; second++) {
    watch.refused({ kind: "key", isKnown: false }, null);
    clock.pass(500);
    watch.taken(clock.nowMs());
    clock.pass(500);
  }
  expect(told).toEqual([
    ["keyRefused", 0],
    ["keyTaken", 500],
    ["keyRefused", 600_000],
    ["keyTaken", 600_500],
    ["keyRefused", 1_200_000],
    ["keyTaken", 1_200_500],
  ]);
});

test("a key that stays refused after such a turn is told once the ten minutes are over", () => {
  const told: string[] = [];
  const clock = testClock();
  const watch = new KeyWatch(clock, ({ kind }) => told.push(kind));
  const refuse = () => watch.refused({ kind: "key", isKnown: false }, null);
  refuse();
  watch.taken(clock.nowMs());
  refuse();
  clock.pass(10 * MINUTE_MS - 1);
  refuse();
  expect(told).toEqual(["keyRefused", "keyTaken"]);
  clock.pass(1);
  refuse();
  refuse();
  expect(told).toEqual(["keyRefused", "keyTaken", "keyRefused"]);
});
