// Each class of models has limits of its own; names that clients make up have none.
import { expect, test } from "vitest";
import { callerOf } from "../../../node/gateway/caller.js";
import { classOf } from "../../../node/gateway/model-class.js";
import { Once } from "../../../node/gateway/once.js";
import { Pools } from "../../../node/gateway/pools.js";
import { WaitStory } from "../../../node/gateway/wait-story.js";
import { before, perMinute, RULES, rawUpstream, stage, until } from "./stage.js";
import { testClock } from "./test-clock.js";

test("issues of a model, and Anthropic's models of a family, are one class; others are not", () => {
  const classes: Readonly<Record<string, readonly string[]>> = {
    "gpt-4o": ["gpt-4o", "GPT-4o", "gpt-4o-2024-08-06", "gpt-4o-latest", "ft:gpt-4o-2024-08-06:org::1"],
    "gpt-4o-mini": ["gpt-4o-mini-2024-07-18"],
    "gpt-3.5-turbo": ["gpt-3.5-turbo-0125", "gpt-3.5-turbo-1106"],
    "gpt-5.2": ["gpt-5.2-2025-12-11"],
    "claude-opus-4": [
      "claude-opus-4-1-20250805",
      "claude-opus-4-7",
      "claude-opus-4@20250514",
      "claude-opus-4-0",
    ],
    "claude-sonnet-4": ["claude-sonnet-4-5-20250929"],
    "claude-3-5-haiku": ["claude-3-5-haiku-latest", "claude-3-5-haiku-20241022"],
    "gemini-2.5-flash": ["models/gemini-2.5-flash", "gemini-2.5-flash-001"],
    "gemini-2.5-flash-preview": ["gemini-2.5-flash-preview-05-20", "gemini-2.5-flash-preview-09-2025"],
    "gemini-2.5-flash-lite": ["gemini-2.5-flash-lite"],
    latest: ["latest"],
    "llama3:8b": ["llama3:8b"],
    llama3: ["llama3:latest"],
    "": [""],
  };
  for (const [name, models] of Object.entries(classes))
    expect(models.map(classOf)).toEqual(models.map(() => name));
});

test("a model that was answered once has limits of its own: two do not hold each other up", async () => {
  const { ask, gateway, expectIdle } = await stage({
    pool: { limits: perMinute({ rpm: 3 }) },
  });
  await (await ask("ann", { model: "gpt-upstream" })).text();
  await (await ask("ann", { model: "gpt-upstream-mini" })).text();
  expect([...gateway.pools.all()].map(([name]) => name)).toEqual([
    "untried",
    "gpt-upstream",
    "gpt-upstream-mini",
  ]);
  const leaving = new AbortController();
  const all = [1, 2, 3, 4, 5].map(() => ask("ann", { model: "gpt-upstream", signal: leaving.signal }));
  const ended = Promise.allSettled(all);
  await until(() => gateway.counts.waiting > 0 && gateway.counts.running === 0);
  expect((await ask("bob", { model: "gpt-upstream-mini" })).status).toBe(200);
  leaving.abort();
  await ended;
  await expectIdle();
});

test("names of models that clients make up get no fresh limits, and no pool", async () => {
  const upstream = await rawUpstream((_request, response) => {
    response.writeHead(404, { "content-type": "application/json" });
    response.end(JSON.stringify({ error: { message: "no such model", code: "model_not_found" } }));
  });
  const { ask, gateway, passed, clock, expectIdle } = await before(upstream, "gpt", {
    pool: { limits: perMinute({ rpm: 10 }) },
  });
  const asks = Array.from({ length: 20 }, (_, i) => ask(`agent-${i}`, { model: `gpt-of-mine-${i}x` }));
  await until(() => gateway.counts.waiting === 10 && gateway.counts.running === 0);
  clock.pass(60_000);
  const answers = await Promise.all(asks);
  expect(answers.map(({ status }) => status)).toEqual(asks.map(() => 404));
  expect([...gateway.pools.all()].map(([name]) => name)).toEqual(["untried"]);
  // A minute's ten flow off one by one.
  const waits = passed().map(({ waitedMs }) => waitedMs);
  expect(waits.sort((a, b) => a - b).slice(10)).toEqual(
    Array.from({ length: 10 }, (_, i) => (i + 1) * 6_000),
  );
  await expectIdle();
});

test("who waits for a model that is answered for the first time goes on in its pool", async () => {
  const { ask, gateway, passed, clock, expectIdle } = await stage({
    pool: { congestion: { first: 1, most: 1, pauseMs: 500 } },
    upstream: { pace: { firstByteMs: 100, tokensPerSecond: null } },
  });
  const asks = ["ann", "bob", "kim"].map((agent) => ask(agent));
  await until(() => gateway.counts.waiting === 2);
  clock.goOn(100);
  const answers = await Promise.all(asks);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  await Promise.all(answers.map((one) => one.text()));
  await expectIdle();
  expect(passed().map(({ end }) => end)).toEqual(["answered", "answered", "answered"]);
  expect([...gateway.pools.all()].map(([name]) => name)).toEqual(["untried", "gpt-upstream"]);
});

test("with shared limits all models have one pool", async () => {
  const { ask, gateway } = await stage({ gateway: { sharedLimits: true } });
  await (await ask("ann", { model: "gpt-upstream" })).text();
  await (await ask("ann", { model: "gpt-upstream-mini" })).text();
  expect([...gateway.pools.all()].map(([name]) => name)).toEqual(["all"]);
});

test("a model that is called as a pool is makes no second one of its name", () => {
  const pools = new Pools({ pool: RULES, isShared: false }, testClock(), () => undefined);
  for (const model of ["untried", "Untried-latest", "other", null, "gpt"]) pools.answered(model, "asked");
  expect([...pools.all()].map(([name]) => name)).toEqual(["untried", "other", "gpt"]);
});

test("a pool that a last answer makes while the gateway is stopped lets nobody in", async () => {
  const pools = new Pools({ pool: RULES, isShared: false }, testClock(), () => undefined);
  pools.stop();
  pools.answered("gpt", "asked");
  const caller = callerOf({
    ...{ agentByKey: null, agentBySignature: null, fields: {}, inBody: null, credential: null },
  });
  const asked = { id: "r", caller, share: "ann", model: "gpt", instead: null, sinceMs: 0, waitedMs: 0 };
  const ask = {
    ...({ id: "r-1", flow: "ann", band: "normal", weight: 1, untilMs: 1_000, model: "gpt" } as const),
    ...{ estimate: { inputTokens: 1, outputTokens: 1 }, story: new WaitStory(), by: { asked } },
  };
  expect([...pools.all()].map(([name]) => name)).toEqual(["untried", "gpt"]);
  expect(await pools.lineFor("gpt").wait(ask, new Once())).toEqual({ kind: "stopped", waitedMs: 0 });
});
