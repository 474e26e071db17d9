// Requests that failed count where upstreams count them: what is refused there is counted here, and no storm of refusals follows.
import { expect, test } from "vitest";
import { faultsInOrder } from "../../../testnet/upstream/faults.js";
import { perMinute, stage, until } from "./stage.js";

const requestsTaken = (gateway: Awaited<ReturnType<typeof stage>>["gateway"]): number =>
  gateway.pools.lineFor("gpt-upstream").taken.find(({ limit }) => limit.dimension === "requests")!.taken;

test.each(["bare", "broken", "overloaded"] as const)(
  "G28 a request that the upstream has refused (%s) counts as one, and one that never reached it as none",
  async (kind) => {
    const { ask, gateway, upstream, clock, expectIdle } = await stage({
      pool: { limits: perMinute({ rpm: 60 }) },
      upstream: { faults: faultsInOrder([{ kind }]) },
    });
    // As a client that has repeated it twice already: it is sent once.
    const headers = { "x-stainless-retry-count": "2" };
    await (await ask("ann", { headers })).text();
    await expectIdle();
    expect([requestsTaken(gateway), upstream.journal.visits.length]).toEqual([1, 1]);
    await upstream.close();
    // The pause after a refusal.
    clock.pass(500);
    await (await ask("ann", { headers })).text();
    await expectIdle();
    expect(requestsTaken(gateway)).toBe(1);
  },
);

test("G28 an upstream that counts what it refuses is not asked so often that it goes on refusing", async () => {
  const rpm = 10;
  const { ask, askBehind, gateway, upstream, clock, expectIdle } = await stage({
    figures: { rpm },
    limiter: { countsFailed: true },
    pool: { limits: perMinute({ rpm }), congestion: { first: 8, most: 32, pauseMs: 5_000 } },
    gateway: { sharedLimits: true },
  });
  // Somebody else has used all of it, which nobody here knows.
  for (let n = 0; n < rpm; n++) await (await askBehind()).text();
  const asks = Array.from({ length: 12 }, (_, i) => ask(`agent-${i % 4}`));
  await until(() => gateway.counts.waiting > 0);
  clock.goOn(500);
  const answers = await Promise.all(asks);
  expect(answers.map(({ status }) => status)).toEqual(asks.map(() => 200));
  const refused = upstream.journal.visits.filter(({ over }) => over.length > 0);
  // Those that were under way when the first was refused, and no other.
  const [first] = refused;
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.map(({ atMs }) => atMs)).toEqual(refused.map(() => first!.atMs));
  await expectIdle();
});
