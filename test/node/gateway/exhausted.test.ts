// A failure is treated by what mends it: a moment, money, the end of a day or of a subscription's window, or nobody here.
import { expect, test } from "vitest";
import { faultsInOrder } from "../../../testnet/upstream/faults.js";
import { before, errorOf, rawUpstream, stage, until } from "./stage.js";

/** What is told of the key, and not of a request or its model. */
const kinds = (events: readonly { readonly kind: string }[]) =>
  events.map(({ kind }) => kind).filter((kind) => kind !== "passed" && kind !== "unlisted");

test("out of credit: the owner is told once, who waits and who comes is refused at once, and a look a minute later resumes", async () => {
  let isPaid = true;
  const upstream = await rawUpstream((_request, response) => {
    response.writeHead(isPaid ? 200 : 429, { "content-type": "application/json" });
    const error = {
      message: "You have no credit left.",
      type: "insufficient_quota",
      code: "insufficient_quota",
    };
    response.end(JSON.stringify(isPaid ? { choices: [{ message: { content: "hello" } }] } : { error }));
  });
  const { ask, gateway, events, clock, passed, expectIdle } = await before(upstream, "gpt", {
    pool: { congestion: { first: 1, most: 1, pauseMs: 500 } },
  });
  await (await ask("ann")).text();
  isPaid = false;
  const answers = await Promise.all(["ann", "bob", "kim"].map((agent) => ask(agent)));
  const [own, ...ours] = answers.sort((a, b) => b.status - a.status);
  // The upstream's own words for whom it refused, ours for those who waited behind.
  expect([own!.status, own!.headers.get("x-should-retry")]).toEqual([429, "false"]);
  expect((await errorOf(own!)).code).toBe("insufficient_quota");
  for (const one of ours) {
    expect([one.status, one.headers.get("x-should-retry")]).toEqual([402, "false"]);
    expect(await errorOf(one)).toMatchObject({ code: "KEY_EXHAUSTED", type: "insufficient_quota" });
  }
  expect((await ask("eve")).status).toBe(402);
  expect(kinds(events)).toEqual(["exhausted"]);
  expect(events.find(({ kind }) => kind === "exhausted")).toMatchObject({ pool: "gpt", why: "credit" });
  clock.pass(60_000);
  // One looks; it is refused, and the owner knows already.
  expect((await ask("eve")).status).toBe(429);
  expect((await ask("eve")).status).toBe(402);
  isPaid = true;
  expect((await ask("eve")).status).toBe(402);
  clock.pass(60_000);
  expect((await ask("eve")).status).toBe(200);
  expect((await ask("ann")).status).toBe(200);
  expect(kinds(events)).toEqual(["exhausted", "resumed"]);
  await expectIdle();
  // One request each of the two refusals is counted upstream, those of ours nowhere.
  expect(
    passed()
      .filter(({ end }) => end === "refused")
      .every(({ used }) => used === null),
  ).toBe(true);
  expect(gateway.plan).toBeNull();
});

test("a limit of a day: parked until the upstream's midnight, not for as long as it says", async () => {
  const { ask, events, clock, expectIdle } = await stage({ dialect: "google", figures: { rpd: 2 } });
  await (await ask("ann")).text();
  await (await ask("ann")).text();
  const first = await ask("ann");
  expect([first.status, first.headers.get("x-should-retry")]).toEqual([429, "false"]);
  const second = await ask("bob");
  const { error } = (await second.json()) as { error: { status: string; message: string } };
  expect([second.status, error.status]).toEqual([429, "RESOURCE_EXHAUSTED"]);
  // Noon in London is four in the morning in California.
  expect(error.message).toContain("until 2026-03-07T08:00:00.000Z");
  expect(kinds(events)).toEqual(["exhausted"]);
  clock.pass(20 * 3_600_000 - 1);
  // One looks in vain, as it does each hour, and another a second later.
  expect((await ask("bob")).status).toBe(429);
  clock.pass(1_000);
  expect((await ask("bob")).status).toBe(200);
  expect(kinds(events)).toEqual(["exhausted", "resumed"]);
  await expectIdle();
});

test("a subscription is observed and told, and parks the pool until its window is over", async () => {
  let used = 0.4;
  const resetS = Date.parse("2026-03-06T14:00:00Z") / 1_000;
  const upstream = await rawUpstream((_request, response) => {
    const isOver = used >= 1;
    response.writeHead(isOver ? 429 : 200, {
      "content-type": "application/json",
      "anthropic-ratelimit-unified-status": isOver ? "rejected" : "allowed",
      "anthropic-ratelimit-unified-representative-claim": "five_hour",
      "anthropic-ratelimit-unified-5h-utilization": String(used),
      "anthropic-ratelimit-unified-5h-reset": String(resetS),
    });
    const error = { type: "rate_limit_error", message: "used up" };
    const answer = { type: "message", content: [{ type: "text", text: "hello" }] };
    response.end(JSON.stringify(isOver ? { type: "error", error } : answer));
  });
  const { ask, gateway, events, clock, expectIdle } = await before(upstream, "claude-opus-4-1", {
    dialect: "anthropic",
  });
  for (const part of [0.4, 0.45, 0.9, 1]) {
    used = part;
    await (await ask("ann")).text();
  }
  expect(kinds(events)).toEqual(["plan", "plan", "plan", "exhausted"]);
  expect(gateway.plan).toEqual({
    isRejected: true,
    claim: "five_hour",
    untilMs: resetS * 1_000,
    usedBp: 10_000,
  });
  const parked = await ask("bob");
  expect([parked.status, parked.headers.get("x-should-retry")]).toEqual([429, "false"]);
  expect(await errorOf(parked)).toMatchObject({ type: "rate_limit_error" });
  clock.pass(2 * 3_600_000);
  used = 0;
  expect((await ask("bob")).status).toBe(200);
  await expectIdle();
});

test("what another model is refused for parks neither those that are untried nor those that were answered", async () => {
  const upstream = await rawUpstream((_request, response, body) => {
    const isFree = body.includes('"free"');
    response.writeHead(isFree ? 200 : 429, { "content-type": "application/json" });
    const error = { message: "no credit", code: "insufficient_quota", type: "insufficient_quota" };
    response.end(JSON.stringify(isFree ? { choices: [{ message: { content: "hello" } }] } : { error }));
  });
  const { ask, events } = await before(upstream, "free");
  expect((await ask("ann", { model: "paid" })).status).toBe(429);
  expect((await ask("ann", { model: "paid" })).status).toBe(429);
  expect((await ask("ann", { model: "free" })).status).toBe(200);
  expect(kinds(events)).toEqual(["exhausted"]);
});

test.for([
  ["overloaded", "anthropic", "overloaded"],
  ["a 429 that says nothing", "anthropic", "bare"],
  ["an error inside a success", "anthropic", "inside"],
] as const)(
  "%s passes by itself: the client does not see it, and nobody is told",
  async ([, dialect, fault]) => {
    const { ask, upstream, events, passed, clock, expectIdle } = await stage({
      dialect,
      upstream: { faults: faultsInOrder([{ kind: fault }, { kind: fault }]) },
    });
    clock.goOn(100);
    const answer = await ask("ann");
    expect([answer.status, await answer.text()]).toMatchObject([
      200,
      expect.stringContaining('"type":"message"'),
    ]);
    expect(upstream.journal.visits).toHaveLength(3);
    expect(kinds(events)).toEqual([]);
    expect(passed()).toMatchObject([{ end: "answered" }]);
    await expectIdle();
  },
);

test("an upstream that stays overloaded says so itself, in the end; nobody's tokens are counted", async () => {
  const overloaded = { kind: "overloaded" } as const;
  const { ask, passed, clock, expectIdle } = await stage({
    dialect: "anthropic",
    upstream: { faults: faultsInOrder([overloaded, overloaded, overloaded]) },
  });
  clock.goOn(100);
  const answer = await ask("ann");
  expect([answer.status, await errorOf(answer)]).toMatchObject([529, { type: "overloaded_error" }]);
  await expectIdle();
  expect(passed()).toMatchObject([{ end: "failed", used: { inputTokens: 0, outputTokens: 0 } }]);
});

test("a refusal within a stream that said 200, as Azure's are, is waited for", async () => {
  const { ask, askBehind, upstream, clock, passed, gateway, expectIdle } = await stage({
    dialect: "azure",
    figures: { rpm: 2 },
  });
  for (const one of [await askBehind(), await askBehind()]) await one.text();
  const own = ask("kim", { body: { stream: true } });
  await until(() => gateway.counts.waiting === 1);
  clock.goOn(1_000);
  const text = await (await own).text();
  expect(text).toContain("response.completed");
  expect(text).not.toContain("rate_limit_exceeded");
  const visits = upstream.journal.visits.map(({ status, over }) => [status, over.length]);
  expect(visits.slice(2)).toEqual([
    [200, 1],
    [200, 0],
  ]);
  expect(passed().map(({ end }) => end)).toEqual(["answered"]);
  await expectIdle();
});
