// What answers tell of a key's limits holds: lower figures than were configured, limits that nobody named, other users of the key.
import { expect, test } from "vitest";
import type { GatewayEvent } from "../../../node/gateway/gateway.js";
import { LearnedLimits } from "../../../node/gateway/learned-limits.js";
import { promptOf } from "../../testnet/upstream/world.js";
import { perMinute, stage, until } from "./stage.js";

const limitsTold = (events: readonly GatewayEvent[]) =>
  events.flatMap((one) =>
    one.kind === "limits" ? [one.limits.map(({ dimension, limit }) => [dimension, limit])] : [],
  );
const drift = (events: readonly GatewayEvent[]) =>
  events.flatMap((one) => (one.kind === "drift" ? [[one.state, one.limit.dimension, one.amount]] : []));

test("a limit that is lower upstream than was configured holds from the first answer on: no 429", async () => {
  const { ask, gateway, events, upstream, clock, expectIdle } = await stage({
    figures: { rpm: 5, tpm: 100_000 },
    pool: { limits: perMinute({ rpm: 100 }) },
  });
  await (await ask("ann")).text();
  const asks = Array.from({ length: 10 }, (_, i) => ask(`agent-${i}`));
  await until(() => gateway.counts.waiting === 6 && gateway.counts.running === 0);
  clock.goOn(1_000);
  const answers = await Promise.all(asks);
  expect(answers.map(({ status }) => status)).toEqual(asks.map(() => 200));
  expect(upstream.journal.visits.filter(({ over }) => over.length > 0)).toEqual([]);
  expect(limitsTold(events)).toEqual([
    [
      ["requests", 5],
      ["tokens", 100_000],
    ],
  ]);
  expect(drift(events)).toEqual([]);
  await expectIdle();
});

test("a higher one than was configured does not: the lower of both", async () => {
  const { ask, gateway, events } = await stage({
    figures: { rpm: 100 },
    pool: { limits: perMinute({ rpm: 5 }) },
  });
  await (await ask("ann")).text();
  expect(limitsTold(events)).toEqual([]);
  expect(gateway.pools.lineFor("gpt-upstream").limits).toEqual(perMinute({ rpm: 5 }));
});

test.for(["openai", "anthropic"] as const)(
  "%s: without any configured limit all are learned, each model's own",
  async (dialect) => {
    const figures = dialect === "openai" ? { rpm: 6, tpm: 10_000 } : { rpm: 6, itpm: 9_000, otpm: 8_000 };
    const { ask, gateway, upstream, clock, events, expectIdle } = await stage({ dialect, figures });
    // What is asked for together before anything is known goes out as far as requests may run at once.
    const asks = Array.from({ length: 4 }, (_, i) => ask(`agent-${i}`));
    for (const answer of await Promise.all(asks)) await answer.text();
    await expectIdle();
    const more = Array.from({ length: 8 }, (_, i) => ask(`agent-${i}`));
    await until(() => gateway.counts.waiting === 6 && gateway.counts.running === 0);
    clock.goOn(1_000);
    expect((await Promise.all(more)).map(({ status }) => status)).toEqual(more.map(() => 200));
    expect(upstream.journal.visits.filter(({ over }) => over.length > 0)).toEqual([]);
    expect(new Map(limitsTold(events)[0] as [string, number][])).toEqual(
      new Map<string, number>(
        dialect === "openai"
          ? [
              ["requests", 6],
              ["tokens", 10_000],
            ]
          : [
              ["requests", 6],
              ["inputTokens", 9_000],
              ["outputTokens", 8_000],
            ],
      ),
    );
    expect(drift(events)).toEqual([]);
    await expectIdle();
  },
);

test("another program on the key is told of once, when it begins and when it is over; what is left is shared out", async () => {
  const { ask, askBehind, gateway, upstream, clock, events, expectIdle } = await stage({
    figures: { rpm: 10 },
    pool: { limits: perMinute({ rpm: 10 }) },
  });
  await (await ask("ann")).text();
  for (let i = 0; i < 5; i++) await (await askBehind()).text();
  await (await ask("ann")).text();
  expect(drift(events)).toEqual([["begun", "requests", 5 - 1]]);
  expect(gateway.pools.lineFor("gpt-upstream").foreign).toMatchObject([{ amount: 4 }]);
  const asks = Array.from({ length: 6 }, (_, i) => ask(`agent-${i}`));
  await until(() => gateway.counts.running === 0 && gateway.counts.waiting >= 2);
  clock.goOn(500);
  expect((await Promise.all(asks)).map(({ status }) => status)).toEqual(asks.map(() => 200));
  // The fields round: what is between one request and the next may be used or not.
  expect(upstream.journal.visits.filter(({ over }) => over.length > 0).length).toBeLessThanOrEqual(1);
  // That nothing was asked says nothing: the next answer does.
  clock.pass(10 * 60_000);
  expect(drift(events)).toHaveLength(1);
  expect(gateway.pools.lineFor("gpt-upstream").foreign).toMatchObject([{ quietMs: expect.any(Number) }]);
  await (await ask("ann")).text();
  await until(() => drift(events).length > 1);
  expect(drift(events).map(([state]) => state)).toEqual(["begun", "over"]);
  expect(gateway.pools.lineFor("gpt-upstream").foreign).toEqual([]);
  await expectIdle();
});

test("what somebody else uses of tokens is counted once, however little is asked for between, and is over when it is", async () => {
  const TPM = 60_000;
  const { ask, askBehind, clock, events, gateway } = await stage({
    figures: { rpm: 1_000, tpm: TPM },
    pool: { limits: perMinute({ rpm: 1_000, tpm: TPM }) },
  });
  const foreignTokens = () =>
    drift(events).findLast(([, dimension]) => dimension === "tokens")?.[2] ??
    gateway.pools.lineFor("gpt-upstream").foreign.find(({ limit }) => limit.dimension === "tokens")?.amount ??
    0;
  await (await ask("ann")).text();
  // A prompt of 6,000 tokens each five seconds, for two minutes: of what was taken for used ahead all flows off between two answers.
  let used = 0;
  for (let n = 0; n < 24; n++) {
    const { usage } = (await (await askBehind(promptOf(6_000))).json()) as {
      usage: { total_tokens: number };
    };
    used += usage.total_tokens;
    clock.pass(5_000);
    await (await ask("ann")).text();
  }
  const told = gateway.pools
    .lineFor("gpt-upstream")
    .foreign.find(({ limit }) => limit.dimension === "tokens")!.amount;
  expect(told).toBeGreaterThan(0);
  expect(told).toBeLessThanOrEqual(used);
  for (let n = 0; n < 15; n++) {
    clock.pass(5_000);
    await (await ask("ann")).text();
  }
  expect(
    drift(events)
      .filter(([, dimension]) => dimension === "tokens")
      .map(([state]) => state),
  ).toEqual(["begun", "over"]);
  expect(foreignTokens()).toBe(told);
});

test("one that nobody sees, beside agents who want all there is: few are refused, all are answered, and it is told once", async () => {
  const { ask, upstream, clock, events, passed, expectIdle } = await stage({
    figures: { rpm: 120 },
    limiter: { hidden: { requestsPerMinute: 40, inputTokens: 10, outputTokens: 10 } },
    pool: { limits: perMinute({ rpm: 120 }), headroomBp: 200 },
  });
  clock.goOn(200);
  const agents = Array.from({ length: 6 }, async (_, i) => {
    for (let n = 0; n < 25; n++) await (await ask(`agent-${i}`)).text();
  });
  await Promise.all(agents);
  expect(passed().filter(({ end }) => end !== "answered")).toEqual([]);
  const refused = upstream.journal.visits.filter(({ over }) => over.length > 0).length;
  expect(refused).toBeLessThanOrEqual(6);
  expect(drift(events).map(([state]) => state)).toEqual(["begun"]);
  await expectIdle();
});

test("google: what a refusal says of a limit holds from then on, as full as it was; nobody else is suspected of that", async () => {
  const { ask, gateway, upstream, clock, events, expectIdle } = await stage({
    dialect: "google",
    figures: { rpm: 6 },
  });
  await (await ask("ann")).text();
  const asks = Array.from({ length: 12 }, (_, i) => ask(`agent-${i}`));
  await until(() => limitsTold(events).length === 1);
  expect(limitsTold(events)).toEqual([[["requests", 6]]]);
  clock.goOn(500);
  expect((await Promise.all(asks)).map(({ status }) => status)).toEqual(asks.map(() => 200));
  await expectIdle();
  const refused = () => upstream.journal.visits.filter(({ over }) => over.length > 0).length;
  const before = refused();
  // Those that were sent together before anything was known; nobody since.
  expect(before).toBeLessThanOrEqual(asks.length - 5);
  const more = Array.from({ length: 12 }, (_, i) => ask(`agent-${i}`));
  expect((await Promise.all(more)).map(({ status }) => status)).toEqual(more.map(() => 200));
  await expectIdle();
  expect([refused(), drift(events), limitsTold(events).length]).toEqual([before, [], 1]);
  expect(gateway.pools.lineFor("gemini-upstream").limits).toEqual(perMinute({ rpm: 6 }));
});

test("google: a limit that a refusal tells was full: what was answered before it was known counts", async () => {
  const { ask, gateway, upstream, clock, expectIdle } = await stage({
    dialect: "google",
    figures: { rpm: 6 },
    pool: { congestion: { first: 1, most: 1, pauseMs: 500 } },
  });
  for (let n = 0; n < 6; n++) await (await ask("ann")).text();
  const asks = Array.from({ length: 4 }, () => ask("ann"));
  await until(() => gateway.counts.waiting === 4);
  clock.goOn(500);
  for (const answer of await Promise.all(asks)) expect(answer.status).toBe(200);
  expect(upstream.journal.visits.filter(({ over }) => over.length > 0)).toHaveLength(1);
  await expectIdle();
});

test("what a refusal has told holds for an hour after the last that told it, and no longer; what an owner configured stays", () => {
  const configured = perMinute({ rpm: 100 });
  const learned = new LearnedLimits(configured);
  const HOUR_MS = 3_600_000;
  expect(learned.refusedBy(perMinute({ rpm: 10 }), 0)).toEqual(perMinute({ rpm: 10 }));
  expect(learned.refusedBy(perMinute({ rpm: 10 }), 1_000)).toBeNull();
  expect(learned.forget(HOUR_MS)).toBeNull();
  expect(learned.forget(HOUR_MS + 999)).toBeNull();
  expect(learned.forget(HOUR_MS + 1_000)).toEqual(configured);
  expect(learned.forget(9 * HOUR_MS)).toBeNull();
  expect(learned.refusedBy(perMinute({ rpm: 1_000 }), 0)).toBeNull();
  expect(learned.limits).toEqual(configured);
});

test("G22 a burst that an owner configured holds of the lower figure that answers tell, too", () => {
  const [rpm] = perMinute({ rpm: 100 });
  const learned = new LearnedLimits([{ ...rpm!, burstMs: 1_000 }]);
  const told = { dimension: "requests", remaining: 5, grain: 1, windowMs: 60_000 } as const;
  expect(learned.see([{ ...told, limit: 10 }])).toEqual([{ ...rpm, limit: 10, burstMs: 1_000 }]);
  expect(learned.see([{ ...told, limit: 200 }])).toEqual([{ ...rpm, limit: 100, burstMs: 1_000 }]);
});
