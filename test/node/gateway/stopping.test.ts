// What a gateway tells those it cannot serve now, and how it ends.
import { expect, test } from "vitest";
import { errorOf, perMinute, stage, until } from "./stage.js";

test("every answer tells an agent its own part of the limits; the upstream's figures are kept under other names", async () => {
  const { ask, expectIdle } = await stage({ figures: { rpm: 60 }, pool: { limits: perMinute({ rpm: 60 }) } });
  await (await ask("ann")).text();
  await (await ask("bob")).text();
  const { headers } = await ask("bob");
  expect(headers.get("x-ratelimit-limit-requests")).toBe("30");
  expect(headers.get("x-ratelimit-remaining-requests")).toBe("28");
  expect(headers.get("x-mabeam-upstream-x-ratelimit-limit-requests")).toBe("60");
  expect(headers.get("x-mabeam-upstream-x-ratelimit-remaining-requests")).toBe("57");
  expect(headers.get("ratelimit-policy")).toBe('"rpm";q=30;w=60');
  expect(headers.get("ratelimit")).toMatch(/^"rpm";r=28;t=\d+$/);
  expect(headers.get("x-mabeam-share")).toBe("50%");
  await expectIdle();
});

test("who comes when too many wait is told its place, the limit that stands in the way, and what changes it", async () => {
  const { ask, gateway, clock, expectIdle } = await stage({
    figures: { rpm: 2 },
    pool: { limits: perMinute({ rpm: 2 }), maxWaitingPerFlow: 2 },
  });
  const leaving = new AbortController();
  const waiting = Array.from({ length: 4 }, () => ask("ann", { signal: leaving.signal }));
  const ended = Promise.allSettled(waiting);
  await until(() => gateway.counts.waiting === 2 && gateway.counts.running === 0);
  const refused = await ask("ann");
  expect([refused.status, refused.headers.get("x-should-retry")]).toEqual([429, "true"]);
  const retryMs = Number(refused.headers.get("retry-after-ms"));
  expect(retryMs).toBeGreaterThanOrEqual(5_000);
  expect(refused.headers.get("retry-after")).toBe(String(Math.ceil(retryMs / 1_000)));
  expect(refused.headers.get("x-ratelimit-remaining-requests")).toBe("0");
  const error = await errorOf(refused);
  expect(error).toMatchObject({
    code: "QUEUE_FULL",
    type: "requests",
    mabeam: {
      limit_name: "rpm",
      used: "2",
      limit: "2",
      resets_at: new Date(clock.wallMs() + 60_000).toISOString(),
      fix: "mabeam gateway agents set unknown --weight <n>",
    },
  });
  expect(error.message).toContain("2 requests wait already of this agent; one more would be number 3");
  // The same agent is told the same; another one comes back at another time.
  expect(Number((await ask("ann")).headers.get("retry-after-ms"))).toBe(retryMs);
  leaving.abort();
  await ended;
  await expectIdle();
});

test("who has waited for as long as its client does is told so", async () => {
  const { ask, gateway, clock, passed, expectIdle } = await stage({
    figures: { rpm: 1 },
    pool: { limits: perMinute({ rpm: 1 }) },
  });
  await (await ask("ann")).text();
  const late = ask("ann", { headers: { "x-stainless-timeout": "25" } });
  await until(() => gateway.counts.waiting === 1);
  clock.pass(20_000);
  const answer = await late;
  expect([answer.status, await errorOf(answer)]).toMatchObject([
    429,
    { code: "WAITED_TOO_LONG", message: expect.stringContaining("has waited 20 s") },
  ]);
  expect(passed().at(-1)).toMatchObject({ end: "refused", waitedMs: 20_000, used: null });
  await expectIdle();
});

test("a stop sends away who waits and who comes, lets what runs end, and ends then", async () => {
  const { ask, gateway, clock, upstream, passed } = await stage({
    pool: { congestion: { first: 1, most: 1, pauseMs: 500 } },
    upstream: { pace: { firstByteMs: 100, tokensPerSecond: 10 } },
  });
  const running = ask("ann", { body: { stream: true } });
  await until(() => upstream.journal.visits.length === 1);
  const waiting = ask("bob");
  await until(() => gateway.counts.waiting === 1);
  const stopped = gateway.stop();
  const away = await waiting;
  expect([away.status, away.headers.get("x-should-retry"), (await errorOf(away)).code]).toEqual([
    503,
    "true",
    "STOPPING",
  ]);
  const late = await ask("kim");
  expect([late.status, (await errorOf(late)).code]).toEqual([503, "STOPPING"]);
  clock.goOn(50);
  expect((await (await running).text()).endsWith("data: [DONE]\n\n")).toBe(true);
  await stopped;
  expect(
    passed()
      .map(({ end }) => end)
      .sort(),
  ).toEqual(["answered", "refused"]);
  await expect(ask("eve")).rejects.toThrow();
});

test("what still runs after ten seconds is broken off, and counted as what had come of it", async () => {
  const { ask, gateway, clock, upstream, passed } = await stage({
    upstream: { pace: { firstByteMs: 0, tokensPerSecond: 1 } },
  });
  const answer = await ask("ann", { body: { stream: true, max_tokens: 100 }, text: "[write 100 tokens]" });
  const broken = expect(answer.text()).rejects.toThrow();
  await until(() => upstream.journal.visits.length === 1);
  const stopped = gateway.stop();
  clock.goOn(200);
  await stopped;
  await broken;
  await until(() => passed().length === 1);
  const [{ end, used }] = passed() as [ReturnType<typeof passed>[number]];
  expect(end).not.toBe("answered");
  expect(used!.outputTokens).toBeGreaterThan(0);
  expect(used!.outputTokens).toBeLessThan(100);
});
