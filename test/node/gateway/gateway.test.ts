// The gateway before an upstream that limits: agents wait for their turn, and no one is refused.
import { expect, test } from "vitest";
import { USUAL_KEY } from "../../../testnet/upstream/rules.js";
import { before, errorOf, perMinute, rawUpstream, stage, until } from "./stage.js";
import { testClock } from "./test-clock.js";

const LIMIT = 20;

test("G4 G17 G18 fifteen agents at twice the limit: every request is answered in its turn, under the key alone", async () => {
  const { upstream, ask, gateway, clock, expectIdle } = await stage({
    figures: { rpm: LIMIT },
    pool: { limits: perMinute({ rpm: LIMIT }) },
  });
  const agents = Array.from({ length: 15 }, (_, i) => `agent-${i}`);
  const asks = agents.flatMap((agent) =>
    [true, false, true].map((stream) =>
      ask(agent, { body: { stream }, headers: { authorization: `Bearer key-of-${agent}` } }),
    ),
  );
  await until(() => gateway.counts.waiting === asks.length - LIMIT && gateway.counts.running === 0);
  clock.goOn(1_000);
  const answers = await Promise.all(asks);
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  await Promise.all(answers.map((one) => one.text()));
  expect(upstream.journal.visits.map(({ over, key }) => [over.length, key])).toEqual(
    answers.map(() => [0, USUAL_KEY]),
  );
  expect(JSON.stringify(upstream.journal.visits.map(({ headers }) => headers))).not.toContain("key-of-");
  // What was there at first is whoever's comes first; of the rest those have the first part who had none.
  const who = upstream.journal.visits.map(({ headers }) => headers["session-id"]);
  expect(new Set(who.slice(0, LIMIT + 10)).size).toBe(15);
  const counts = [...gateway.agents.values()].map(({ counts: { asked, answered } }) => [asked, answered]);
  expect(counts).toEqual(agents.map(() => [3, 3]));
  await expectIdle();
});

test("G3 G5 G13 G32 a stream comes as the upstream writes it, but for the usage that nobody asked for; what was used is told", async () => {
  const { upstream, ask, passed, expectIdle } = await stage();
  const answer = await ask("ann", { body: { stream: true } });
  const text = await answer.text();
  expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
  expect(text).not.toContain('"usage":{');
  expect(answer.headers.get("x-mabeam-agent")).toBe("session:ann");
  const [visit] = upstream.journal.visits;
  await expectIdle();
  expect(passed()).toMatchObject([{ end: "answered", used: { outputTokens: visit!.usage!.output } }]);
});

test("G3 G23 who leaves while it waits frees its place at once, and is nowhere charged", async () => {
  const { upstream, ask, gateway, passed, clock, expectIdle } = await stage({
    upstream: { pace: { firstByteMs: 300, tokensPerSecond: null } },
    pool: { congestion: { first: 1, most: 1, pauseMs: 500 } },
  });
  const first = ask("ann");
  await until(() => gateway.counts.running === 1);
  const leaving = new AbortController();
  const second = ask("bob", { signal: leaving.signal });
  await until(() => gateway.counts.waiting === 1);
  leaving.abort();
  await expect(second).rejects.toThrow();
  await until(() => gateway.counts.waiting === 0);
  clock.goOn(100);
  await (await first).text();
  expect((await ask("kim")).status).toBe(200);
  await expectIdle();
  expect(upstream.journal.visits).toHaveLength(2);
  const ends = passed().map(({ caller, end, used }) => [caller.who, end, used === null]);
  expect(ends).toEqual([
    ["session:bob", "left", true],
    ["session:ann", "answered", false],
    ["session:kim", "answered", false],
  ]);
});

test("G14 G15 what can never fit is the caller's fault; an upstream that is down is said to be", async () => {
  const { upstream, ask, expectIdle } = await stage({ pool: { limits: perMinute({ tpm: 1_000 }) } });
  const tooLarge = await ask("ann", { body: { max_tokens: 5_000 } });
  expect([tooLarge.status, (await errorOf(tooLarge)).code]).toEqual([400, "NEVER_FITS"]);
  await upstream.close();
  const down = await ask("ann");
  expect([down.status, (await errorOf(down)).code]).toEqual([502, "UPSTREAM_DOWN"]);
  await expectIdle();
});

test("G5 what the gateway took is told apart from the wait before it and from the upstream's own time", async () => {
  const clock = testClock();
  let visits = 0;
  const upstream = await rawUpstream((_request, response) => {
    clock.pass(25_000);
    visits += 1;
    if (visits === 1) response.writeHead(529).end("{}");
    else response.writeHead(200, { "content-type": "application/json" }).end("{}");
  });
  const { ask, expectIdle } = await before(upstream, "gpt", {}, clock);
  const asked = ask("ann");
  await until(() => visits === 1);
  clock.goOn(100);
  const answer = await asked;
  expect([answer.status, visits]).toEqual([200, 2]);
  expect(Number(answer.headers.get("x-mabeam-overhead-ms"))).toBeLessThan(1_000);
  await answer.text();
  await expectIdle();
});
