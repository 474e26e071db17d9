// What is known of each agent and each share: what it asked for, what runs, what it was granted, what it lent and borrowed.
import { expect, test } from "vitest";
import { gatewayView } from "../../../node/api/views/gateway.js";
import { linesOf } from "../../../node/cli/commands/gateway-top.js";
import { GATEWAY_START_MS, ShownGateway } from "../../worlds/shown-gateway.js";
import { perMinute, stage, until } from "./stage.js";

test("G48 whose idle share another takes has lent what that one borrowed", async () => {
  const { ask, gateway, clock, expectIdle } = await stage({ pool: { limits: perMinute({ rpm: 60 }) } });
  await (await ask("idle")).text();
  for (let n = 0; n < 9; n++) await (await ask("busy")).text();
  await expectIdle();
  clock.pass(60_000);
  // The window is over once somebody asks in the next one.
  await (await ask("idle")).text();
  await expectIdle();
  const line = gateway.pools.lineFor("gpt-upstream");
  const [idle, busy] = ["session:idle", "session:busy"].map((flow) => line.evidenceOf(flow));
  expect(busy!.granted).toBeGreaterThan(4 * idle!.granted);
  expect([idle!.borrowed, busy!.lent]).toEqual([0, 0]);
  expect(busy!.borrowed).toBeGreaterThan(0);
  expect(idle!.lent).toBe(busy!.borrowed);
});

test("G48 what runs is told from what waits, and a refusal by its code", async () => {
  const { ask, gateway, clock, passed, expectIdle } = await stage({
    pool: { congestion: { first: 1, most: 1, pauseMs: 500 } },
    upstream: { pace: { firstByteMs: 1_000, tokensPerSecond: 1_000 } },
  });
  const asks = [ask("ann"), ask("ann")];
  await until(() => gateway.counts.running === 1 && gateway.counts.waiting === 1);
  const [ann] = [...gateway.agents.values()];
  expect(ann!.counts).toMatchObject({ asked: 2, running: 1 });
  const late = ask("bob", { headers: { "x-stainless-timeout": "0.4" } });
  await until(() => gateway.counts.waiting === 2);
  clock.pass(300);
  expect((await late).status).toBe(429);
  clock.goOn(100);
  for (const answer of await Promise.all(asks)) await answer.text();
  await expectIdle();
  await until(() => passed().length === 3);
  expect(ann!.counts).toMatchObject({ answered: 2, running: 0 });
  expect(passed().map(({ end, code }) => [end, code])).toEqual([
    ["refused", "WAITED_TOO_LONG"],
    ["answered", null],
    ["answered", null],
  ]);
});

test("G48 `top --shares` shows them as parts of what all were granted, and `top` who else uses the key", () => {
  const gateway = new ShownGateway();
  gateway.asked("abc");
  gateway.asked("a");
  gateway.asked("a/sub", {}, "a");
  const [, line] = [...gateway.lines][0]!;
  const limit = { dimension: "requests", limit: 60, windowMs: 60_000 } as const;
  gateway.lines.set("all", { ...line, foreign: [{ limit, amount: 12, forMs: 40_000, quietMs: 60_000 }] });
  const view = gatewayView(gateway, 10, GATEWAY_START_MS);
  expect(view.agents.map(({ who, evidence }) => [who, evidence?.granted ?? null])).toEqual([
    ["a", 100],
    ["a/sub", null],
    ["abc", 300],
  ]);
  const lines = linesOf(view, GATEWAY_START_MS, true);
  expect(lines.slice(-3)).toEqual([
    expect.stringMatching(/^SHARE +WEIGHT +GRANTED +LENT +BORROWED/),
    expect.stringMatching(/^a +1 +25\.0 % +5\.0 % +1\.3 %/),
    expect.stringMatching(/^abc +1 +75\.0 % +5\.0 % +1\.3 %/),
  ]);
  expect(lines.join("\n")).toContain("somebody else has used 12 requests in 40.0 s");
});
