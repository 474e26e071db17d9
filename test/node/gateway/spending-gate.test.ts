// Limits of spending before the upstream: who is over them is refused in its dialect, and nothing reaches the upstream.
import { expect, test } from "vitest";
import { Books } from "../../../node/gateway/books/books.js";
import { MemoryDisk } from "../../../node/gateway/books/memory-disk.js";
import { NO_SPENDING_LIMITS, type SpendingLimits } from "../../../node/gateway/named/named-agent.js";
import { NamedAgents } from "../../../node/gateway/named/named-agents.js";
import { type Stage, type StageRules, stage, until } from "./stage.js";

/** A list of prices in which a token costs a micro-credit. */
const PRICES = [
  {
    model: "gpt-upstream",
    isListed: true,
    rates: { input: 1e6, cacheRead: 1e6, cacheWrite: 1e6, cacheWriteHour: 1e6, output: 1e6 },
    tiers: [],
  },
];

async function limited(limits: Partial<SpendingLimits>, rules: StageRules = {}) {
  const named = NamedAgents.open(null);
  const added = await named.add(
    "ada",
    { weight: 1, band: "normal", parent: null, limits: { ...NO_SPENDING_LIMITS, ...limits } },
    0n,
  );
  const key = added.ok ? added.value.key : "";
  const set: Stage = await stage({ ...rules, gateway: { named, prices: PRICES, ...rules.gateway } });
  const ask = (body: object = {}) => set.ask("s", { headers: { authorization: `Bearer ${key}` }, body });
  return { ...set, named, key, ask };
}

test("G40 over a limit nothing is sent: 402 in the caller's words, which nobody tries again; a raised one holds at once", async () => {
  const { ask, named, upstream, gateway, events, clock } = await limited({ perDay: 60n });
  const first = await ask();
  expect([first.status, first.headers.get("x-mabeam-warning")]).toEqual([200, null]);
  await first.text();
  const [day, ...others] = gateway.spending.boundsOf(named.get("ada")!, clock.wallMs());
  expect([day!.window, day!.most, day!.setAside, day!.used > 12, others]).toEqual(["day", 60, 0, true, []]);
  const second = await ask({ max_tokens: 45 });
  expect([second.status, second.headers.get("x-should-retry")]).toEqual([402, "false"]);
  expect(await second.json()).toMatchObject({
    error: {
      type: "insufficient_quota",
      code: "BUDGET_EXCEEDED",
      message: expect.stringMatching(
        /^the agent ada may spend 0\.00006 credits a day, and this request may cost 0\.0000/,
      ),
      mabeam: {
        level: "ada",
        window: "day",
        limit: "60",
        resets_at: expect.stringMatching(/T00:00:00\.000Z$/),
        fix: "mabeam gateway agents set ada --per-day <credits>",
      },
    },
  });
  expect(upstream.journal.visits).toHaveLength(1);
  await named.set("ada", { limits: { perDay: 90n } });
  const third = await ask({ max_tokens: 60 });
  expect([third.status, third.headers.get("x-mabeam-warning")]).toEqual([
    200,
    expect.stringMatching(/^agent ada has spent 0\.0000\d+ of 0\.00009 credits a day$/),
  ]);
  await third.text();
  expect(events.filter(({ kind }) => kind === "near")).toHaveLength(1);
});

test.each([
  ["anthropic", "billing_error"],
  ["google", "RESOURCE_EXHAUSTED"],
] as const)("G40 %s clients are told in their own words", async (dialect, word) => {
  const { ask, upstream } = await limited({ total: 1n }, { dialect });
  const answer = await ask();
  expect([answer.status, answer.headers.get("x-should-retry")]).toEqual([402, "false"]);
  expect(await answer.text()).toContain(word);
  expect(upstream.journal.visits).toEqual([]);
});

test("G37 counting tokens is free, over a limit too", async () => {
  const { gateway, key } = await limited({ total: 1n }, { dialect: "anthropic" });
  const answer = await fetch(`${gateway.url}/v1/messages/count_tokens`, {
    method: "POST",
    headers: { "x-api-key": key, "content-type": "application/json", "anthropic-version": "2023-06-01" },
    body: JSON.stringify({ model: "claude-upstream", messages: [{ role: "user", content: "hello" }] }),
  });
  expect(answer.status).not.toBe(402);
});

test("what runs is set aside: many at once do not pass a limit that one leaves room for, and all is free when they are over", async () => {
  const pace = { firstByteMs: 300, tokensPerSecond: null };
  const stage = await limited({ perDay: 100n }, { upstream: { pace } });
  const { ask, upstream, gateway, named, clock, passed } = stage;
  const asks = Array.from({ length: 12 }, () => ask({ max_tokens: 30 }));
  await until(
    () => passed().length + gateway.counts.running === asks.length && upstream.journal.visits.length > 0,
  );
  const ada = () => gateway.spending.boundsOf(named.get("ada")!, clock.wallMs())[0]!;
  expect([ada().setAside > 50, ada().used <= 100]).toEqual([true, true]);
  clock.goOn(1_000);
  const answers = await Promise.all(asks);
  const codes = answers.map(({ status }) => status).sort();
  await Promise.all(answers.map((one) => one.text()));
  await stage.expectIdle();
  const sent = upstream.journal.visits.length;
  expect([sent > 0, sent < 4, upstream.journal.visits.length]).toEqual([true, true, sent]);
  expect(codes).toEqual([...Array(sent).fill(200), ...Array(asks.length - sent).fill(429)]);
  expect([ada().setAside, ada().used > 0, ada().used <= 100]).toEqual([0, true, true]);
});

test("an agent that is removed, or its budget ended, while it waits is not sent", async () => {
  const pool = { congestion: { first: 1, most: 1, pauseMs: 500 } } as const;
  const pace = { firstByteMs: 300, tokensPerSecond: null };
  const { ask, named, gateway, upstream, clock } = await limited({}, { pool, upstream: { pace } });
  const first = ask();
  await until(() => gateway.counts.running === 1);
  const second = ask();
  await until(() => gateway.counts.waiting === 1);
  await named.remove("ada");
  clock.goOn(10_000);
  await (await first).text();
  const refused = await second;
  expect([refused.status, upstream.journal.visits.length]).toEqual([401, 1]);
  await refused.text();
  await until(() => gateway.counts.running + gateway.counts.waiting === 0);
});

test("G39 while the ledger cannot be read an agent with a budget is refused, and comes back; or passes, as the flag says", async () => {
  const budgets = { begun: null, trouble: "the peer has stopped", budgetOf: () => null };
  for (const fail of ["closed", "open"] as const) {
    const { ask, named } = await limited(
      { perDay: 1_000n },
      { gateway: { budgets, books: await Books.open(new MemoryDisk(), Date.now(), { fail }) } },
    );
    await named.settle("ada", { ledgerAgent: "ab".repeat(32), hasBudget: true });
    const answer = await ask();
    expect([answer.status, answer.headers.get("x-should-retry")]).toEqual(
      fail === "closed" ? [503, "true"] : [200, null],
    );
    await answer.text();
  }
});

test("G40 many at once whose answers were always short: once little is left each is judged by all that it may write", async () => {
  const { ask, upstream, passed, gateway, named, clock, expectIdle } = await limited(
    { total: 10_000n },
    {
      dialect: "anthropic",
      gateway: { prices: PRICES.map((one) => ({ ...one, model: "claude-upstream" })) },
    },
  );
  // What it has learned of its answers is that they are short.
  for (let n = 0; n < 20; n++) await (await ask()).text();
  await until(() => passed().length === 20);
  const [bound] = gateway.spending.boundsOf(named.get("ada")!, clock.wallMs());
  await named.set("ada", { limits: { total: BigInt(Math.floor(bound!.used / 0.86)) } });
  const answers = await Promise.all(Array.from({ length: 8 }, () => ask({ max_tokens: 5_000 })));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 402));
  expect(upstream.journal.visits).toHaveLength(20);
  expect(await answers[0]!.text()).toContain("with all the output that it allows");
  // By its estimate there is room, and so for one that allows no more than that.
  const modest = await ask({ max_tokens: 12 });
  expect(modest.status).toBe(200);
  await modest.text();
  await expectIdle();
});
