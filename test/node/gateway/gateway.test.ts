// The gateway before an upstream that limits: agents wait for their turn, and no one is refused.
import { setTimeout as wait } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { type GatewayEvent, startGateway } from "../../../node/gateway/gateway.js";
import { NamedAgents } from "../../../node/gateway/named/named-agents.js";
import type { Passed } from "../../../node/gateway/passed.js";
import type { PoolRules } from "../../../src/quota/index.js";
import { runningClock } from "../../../testnet/upstream/clock.js";
import type { UpstreamRules } from "../../../testnet/upstream/rules.js";
import { plainRules, USUAL_KEY } from "../../../testnet/upstream/rules.js";
import { startUpstream } from "../../../testnet/upstream/upstream.js";

/** Short, so that a test sees it refill. */
const WINDOW_MS = 2_000;
const LIMIT = 20;

const RULES: PoolRules = {
  limits: [{ dimension: "requests", limit: LIMIT, windowMs: WINDOW_MS }],
  output: "asked",
  headroomBp: 300,
  floorBp: 500,
  memory: { halfLifeMs: WINDOW_MS, credit: 0 },
  congestion: { first: 32, most: 32, pauseMs: 500 },
  maxWaiting: 200,
  maxWaitingPerFlow: 50,
};

async function stage(change: Partial<UpstreamRules> = {}, rules: Partial<PoolRules> = {}) {
  const plain = plainRules("openai", runningClock(1, Date.now()), 1, {});
  const limits = [{ dimension: "requests", limit: LIMIT, windowMs: WINDOW_MS, ends: "refill" }] as const;
  const customers = plain.customers.map((one) => ({ ...one, limits: { ...one.limits, limits } }));
  const upstream = await startUpstream({ ...plain, customers, ...change });
  onTestFinished(upstream.close);
  const events: GatewayEvent[] = [];
  const gateway = await startGateway({
    upstream: new URL(new URL(upstream.url).origin),
    key: USUAL_KEY,
    rules: { ...RULES, ...rules },
    listen: { host: "127.0.0.1", port: 0 },
    named: NamedAgents.open(null),
    onEvent: (event) => events.push(event),
  });
  onTestFinished(() => gateway.close());
  const ask = (agent: string, body: object = {}, signal?: AbortSignal): Promise<Response> =>
    fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: {
        authorization: `Bearer key-of-${agent}`,
        "content-type": "application/json",
        "session-id": agent,
      },
      body: JSON.stringify({
        model: "gpt-upstream",
        max_tokens: 20,
        messages: [{ role: "user", content: "hello [write 12 tokens]" }],
        ...body,
      }),
      ...(signal === undefined ? {} : { signal }),
    });
  const passed = (): readonly Passed[] =>
    events.flatMap((one) => (one.kind === "passed" ? [one.passed] : []));
  return { upstream, gateway, ask, passed, events };
}

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await wait(5);
};

async function codeOf(answer: Response): Promise<string> {
  const { error } = (await answer.json()) as { readonly error: { readonly code: string } };
  return error.code;
}

test("fifteen agents at twice the limit: every request is answered in its turn, under the key alone", async () => {
  const { upstream, ask, passed, gateway } = await stage();
  const agents = Array.from({ length: 15 }, (_, i) => `agent-${i}`);
  const answers = await Promise.all(
    agents.flatMap((agent) => [true, false, true].map((stream) => ask(agent, { stream }))),
  );
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  await Promise.all(answers.map((one) => one.text()));
  expect(upstream.journal.visits.map(({ over, key }) => [over.length, key])).toEqual(
    answers.map(() => [0, USUAL_KEY]),
  );
  expect(JSON.stringify(upstream.journal.visits.map(({ headers }) => headers))).not.toContain("key-of-");
  // The last had to wait for the limit to refill. What was there at first is whoever's comes first; of the rest those have
  // the first part who had none.
  expect(Math.max(...passed().map(({ waitedMs }) => waitedMs))).toBeGreaterThan(WINDOW_MS / 2);
  const who = upstream.journal.visits.map(({ headers }) => headers["session-id"]);
  expect(new Set(who.slice(0, LIMIT + 10)).size).toBe(15);
  const counts = [...gateway.agents.values()].map(({ counts: { asked, answered } }) => [asked, answered]);
  expect(counts).toEqual(agents.map(() => [3, 3]));
});

test("a stream comes as the upstream writes it, but for the usage that nobody asked for; what was used is told", async () => {
  const { upstream, ask, passed } = await stage();
  const answer = await ask("ann", { stream: true });
  const text = await answer.text();
  expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
  expect(text).not.toContain('"usage":{');
  expect(answer.headers.get("x-mabeam-agent")).toBe("session:ann");
  const [visit] = upstream.journal.visits;
  expect(passed()).toMatchObject([{ end: "answered", used: { outputTokens: visit!.usage!.output } }]);
});

test("who leaves while it waits frees its place at once, and is nowhere charged", async () => {
  const pace = { firstByteMs: 300, tokensPerSecond: null };
  const { upstream, ask, gateway, passed } = await stage(
    { pace },
    { congestion: { first: 1, most: 1, pauseMs: 500 } },
  );
  const first = ask("ann");
  await until(() => gateway.counts.running === 1);
  const leaving = new AbortController();
  const second = ask("bob", {}, leaving.signal);
  await until(() => gateway.counts.waiting === 1);
  leaving.abort();
  await expect(second).rejects.toThrow();
  await until(() => gateway.counts.waiting === 0);
  await (await first).text();
  expect((await ask("kim")).status).toBe(200);
  expect(upstream.journal.visits).toHaveLength(2);
  const ends = passed().map(({ caller, end, used }) => [caller.who, end, used === null]);
  expect(ends).toEqual([
    ["session:bob", "left", true],
    ["session:ann", "answered", false],
    ["session:kim", "answered", false],
  ]);
});

test("what can never fit is the caller's fault; an upstream that is down is said to be", async () => {
  const { upstream, ask } = await stage(
    {},
    { limits: [{ dimension: "tokens", limit: 1_000, windowMs: WINDOW_MS }] },
  );
  const tooLarge = await ask("ann", { max_tokens: 5_000 });
  expect([tooLarge.status, await codeOf(tooLarge)]).toEqual([400, "NEVER_FITS"]);
  await upstream.close();
  const down = await ask("ann");
  expect([down.status, await codeOf(down)]).toEqual([502, "UPSTREAM_DOWN"]);
});
