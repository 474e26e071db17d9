// The gateway by its routes: who shares the limits, and what became of each request.
import { expect, test } from "vitest";
import type { GatewayAgent, GatewayRequest } from "../../../node/contract/index.js";
import { NO_SPENDING_LIMITS } from "../../../node/gateway/named/named-agent.js";
import { WaitStory } from "../../../node/gateway/wait-story.js";
import type { WaitingRequest } from "../../../node/gateway/waiting-requests.js";
import { lineOf, ShownGateway } from "../../worlds/shown-gateway.js";
import { fixture } from "./api-fixture.js";

const FIGURES = {
  limits: [{ dimension: "requests", limit: 60, windowMs: 60_000, taken: 20 }],
  fairness: { gap: 3, bound: 9 },
  foreign: [],
};
const NOT_HELD = { limit: {}, width: 0, pause: 0 };

async function stage() {
  const { call, host } = await fixture();
  const gateway = new ShownGateway();
  host.hosted[0].gateway = gateway;
  const ask = async (path: string) => {
    const answer = await call("GET", path);
    return { status: answer.statusCode, ...answer.json() };
  };
  return { gateway, ask, host, call };
}

test("a daemon that runs none says so at every route of it", async () => {
  const { ask, host } = await stage();
  host.hosted[0].gateway = null;
  for (const path of [
    "/v1/gateway",
    "/v1/gateway/requests",
    "/v1/gateway/requests/req_abc",
    "/v1/gateway/metrics",
  ])
    expect(await ask(path)).toMatchObject({ status: 404, code: "NO_GATEWAY" });
});

test("each agent is shown with what it asked for and was given, below whose share it draws from", async () => {
  const { gateway, ask } = await stage();
  gateway.asked("top", { id: "req_one", waitedMs: 40 });
  gateway.asked("top", { id: "req_two", waitedMs: 3_000, end: "failed", used: null, cost: 0 });
  gateway.asked("top", null);
  gateway.asked("top/sub", { id: "req_three", end: "left" }, "top");
  const { agents, ...view } = await ask("/v1/gateway");
  expect(view).toEqual({
    status: 200,
    apiVersion: "v1",
    kind: "Gateway",
    url: "http://127.0.0.1:4170",
    upstream: "https://api.example.com",
    startedAt: "2026-03-06T12:00:00.000Z",
    limits: gateway.limits,
    headroomBp: 200,
    pricesDate: "2026-02-01",
    waiting: 2,
    running: 1,
    pools: [{ name: "all", waiting: 2, running: 1, parked: null, ...FIGURES }],
    shared: null,
    plan: null,
    keyRefused: null,
    agentCount: 2,
  });
  const nothing = {
    asked: 0,
    answered: 0,
    refused: 0,
    failed: 0,
    left: 0,
    running: 0,
    inputTokens: 0,
    outputTokens: 0,
    cost: "0",
  };
  const standing = { toldBy: "fields", named: "unknown", weight: 1, band: "normal", share: "top" };
  expect(agents).toEqual([
    {
      ...{ who: "top", parent: null, ...standing, ...nothing },
      ...{ asked: 3, answered: 1, failed: 1, inputTokens: 10, outputTokens: 20, cost: "250" },
      evidence: { granted: 300, lent: 20, borrowed: 5 },
      spent: { day: "1003", all: "2003" },
      waits: { requests: 2, p50Ms: 40, p99Ms: 3_000, longestMs: 3_000 },
    },
    {
      ...{ who: "top/sub", parent: "top", ...standing, ...nothing },
      ...{ asked: 1, left: 1, inputTokens: 10, outputTokens: 20, cost: "250" },
      evidence: null,
      spent: { day: "1007", all: "2007" },
      waits: { requests: 1, p50Ms: 0, p99Ms: 0, longestMs: 0 },
    },
  ]);
});

test("of many agents those that were seen last are shown, and how many there are", async () => {
  const { gateway, ask } = await stage();
  for (const who of ["a", "b", "c"]) gateway.asked(who);
  gateway.asked("a");
  const { agents, agentCount } = await ask("/v1/gateway?agents=2");
  expect([agentCount, agents.map(({ who }: { who: string }) => who)]).toEqual([3, ["a", "c"]]);
  expect((await ask("/v1/gateway?agents=0")).agents).toEqual([]);
  expect((await ask("/v1/gateway?agents=4097")).status).toBe(400);
});

test("requests are listed, the newest first, and told of by their id or a beginning of it that is unique", async () => {
  const { gateway, ask } = await stage();
  gateway.asked("ann", { id: "req_aaaa1", waitedMs: 1_000 });
  gateway.asked("bob", { id: "req_aaaa2", model: null, used: null, end: "refused" });
  const { items } = await ask("/v1/gateway/requests");
  expect(items.map(({ id }: { id: string }) => id)).toEqual(["req_aaaa2", "req_aaaa1"]);
  const ofAnn = await ask("/v1/gateway/requests?agent=ann&limit=1");
  const one = {
    ...{ id: "req_aaaa1", agent: "ann", toldBy: "fields", parent: null, share: "ann", model: "gpt-upstream" },
    ...{ askedAt: "2026-03-06T12:00:08.500Z", waitedMs: 1_000, tookMs: 1_500, end: "answered" },
    wait: { before: null, limits: [], held: NOT_HELD, others: NOT_HELD, turnMs: 0, ledgerMs: 0 },
    waitsFor: null,
    used: { inputTokens: 10, outputTokens: 20 },
    cost: "250",
    ...{ instead: null, code: null, status: 200 },
  };
  expect(ofAnn.items).toEqual([one]);
  expect(await ask("/v1/gateway/requests/req_aaaa1")).toMatchObject({ kind: "GatewayRequest", ...one });
  expect(await ask("/v1/gateway/requests/req_aa")).toMatchObject({ status: 409, code: "ID_AMBIGUOUS" });
  expect(await ask("/v1/gateway/requests/req_b0")).toMatchObject({ status: 404, code: "REQUEST_UNKNOWN" });
  expect((await ask("/v1/gateway/requests/req_b")).status).toBe(400);
  expect((await ask("/v1/gateway/requests?limit=0")).status).toBe(400);
});

test("those that wait now are listed when they are asked for, and one is told of by its id", async () => {
  const { gateway, ask } = await stage();
  const caller = { who: "session:a", agent: "unknown", parent: null, session: "session:a" };
  const waiting = (id: string, tookMs: number, what: WaitingRequest["for"]): WaitingRequest => ({
    ...{ id, caller: { ...caller, toldBy: "fields" }, share: "session:a", model: "m", instead: null },
    ...{ sinceMs: 0, waitedMs: tookMs, tookMs, leftMs: 60_000, story: new WaitStory(), for: what },
  });
  const place = { inFlow: 1, flows: 2 };
  gateway.waits = [
    waiting("req_new000", 1_000, "ledger"),
    waiting("req_old000", 2_000, { place, cause: "tokens", isNext: false, nextMs: 500, aboutMs: null }),
  ];
  const { items } = await ask("/v1/gateway/requests?state=waiting");
  expect(items.map(({ id }: GatewayRequest) => id)).toEqual(["req_old000", "req_new000"]);
  expect((await ask("/v1/gateway/requests")).items).toEqual([]);
  expect((await ask("/v1/gateway/requests?state=waiting&agent=session:b")).items).toEqual([]);
  expect((await ask("/v1/gateway/requests?state=waiting&limit=1")).items).toHaveLength(1);
  expect((await ask("/v1/gateway/requests?state=some")).status).toBe(400);
  expect(await ask("/v1/gateway/requests/req_old")).toMatchObject({
    ...{ id: "req_old000", end: "waiting", waitedMs: 2_000, used: null, cost: "0", status: null },
    waitsFor: {
      before: { inShare: 1, shares: 2 },
      ...{ cause: "tokens", isNext: false, nextMs: 500, aboutMs: null, until: expect.any(String) },
    },
  });
  expect((await ask("/v1/gateway/requests/req_new")).waitsFor).toMatchObject({
    cause: "ledger",
    before: null,
  });
});

test("named agents are shown whether they asked or not, each below its parent, its sessions below it", async () => {
  const { gateway, ask } = await stage();
  const figures = { weight: 5, band: "batch", parent: null, limits: NO_SPENDING_LIMITS } as const;
  await gateway.named.add("team", figures, 0n);
  await gateway.named.add("ann", { ...figures, weight: 1, band: "interactive", parent: "team" }, 0n);
  gateway.asked("agent:ann", {}, null, "ann");
  gateway.asked("agent:ann/session:1", {}, "agent:ann", "ann");
  gateway.asked("agent:gone", {}, null, "gone");
  const { agents, agentCount } = await ask("/v1/gateway");
  const rows = agents.map((one: GatewayAgent) => [
    one.who,
    one.parent,
    one.share,
    one.weight,
    one.band,
    one.asked,
  ]);
  expect([agentCount, rows]).toEqual([
    4,
    [
      ["agent:ann", "agent:team", "agent:team", 5, "interactive", 1],
      ["agent:ann/session:1", "agent:ann", "agent:team", 5, "interactive", 1],
      ["agent:gone", null, null, null, null, 1],
      ["agent:team", null, "agent:team", 5, "batch", 0],
    ],
  ]);
});

test("a key that is used up, and the subscription behind it, are shown with when that may be over", async () => {
  const { gateway, ask } = await stage();
  const untilMs = Date.parse("2026-03-06T17:00:00Z");
  gateway.lines.set(
    "claude-opus",
    lineOf({ waiting: 0, running: 1 }, { kind: "exhausted", why: "credit", untilMs: null }),
  );
  gateway.plan = { isRejected: true, claim: "five_hour", untilMs, usedBp: 10_000 };
  const { pools, plan } = await ask("/v1/gateway");
  expect(pools[1]).toEqual({
    name: "claude-opus",
    waiting: 0,
    running: 1,
    parked: { why: "credit", until: null },
    ...FIGURES,
  });
  expect(plan).toEqual({
    isRejected: true,
    window: "five_hour",
    until: "2026-03-06T17:00:00.000Z",
    usedBp: 10_000,
  });
});

test("a key that the upstream refuses is shown since when, and for which model it was first", async () => {
  const { gateway, ask } = await stage();
  gateway.keyRefused = { isKnown: false, model: "gpt-upstream", atMs: Date.parse("2026-03-06T12:30:00Z") };
  expect((await ask("/v1/gateway")).keyRefused).toEqual({
    ...{ isKnown: false, model: "gpt-upstream", since: "2026-03-06T12:30:00.000Z" },
  });
});

test("what it measures is a text for Prometheus, for the holder of the token alone", async () => {
  const { gateway, call } = await stage();
  gateway.asked("session:1");
  const answer = await call("GET", "/v1/gateway/metrics");
  expect([answer.statusCode, answer.headers["content-type"]]).toEqual([
    200,
    "text/plain; version=0.0.4; charset=utf-8",
  ]);
  expect(answer.body).toMatch(/^# HELP gen_ai_client_token_usage /);
  expect(answer.body).toContain('\nmabeam_gateway_requests_total{agent="unknown",end="answered"} 1\n');
  const stranger = await call("GET", "/v1/gateway/metrics", { headers: { authorization: "Bearer x" } });
  expect(stranger.statusCode).toBe(401);
});

test("what memory does not hold is in the books: each request once, however often it was sent", async () => {
  const { gateway, ask } = await stage();
  const use = { inputTokens: 5, outputTokens: 7 };
  const sent = {
    payers: ["agent:ann/session:1", "agent:ann", "agent:team"],
    flow: "agent:team",
    weight: 3,
    band: "batch",
  } as const;
  const asked = { ...sent, model: "gpt-upstream", estimate: use, reserved: 90, used: use, cost: 40 };
  gateway.records = [
    { ...asked, id: "req_old000-2", waitedMs: 900, atMs: 3_000, end: "cut", endedMs: 4_000 },
    {
      ...asked,
      id: "req_old000-1",
      waitedMs: 400,
      atMs: 1_400,
      end: "failed",
      endedMs: 2_000,
      used: null,
      cost: 0,
    },
    { ...asked, id: "req_known0-1", waitedMs: 400, atMs: 1_400, end: "answered", endedMs: 2_000 },
  ];
  gateway.asked("session:1", { id: "req_known0" });
  const { items } = await ask("/v1/gateway/requests");
  expect(items.map(({ id, toldBy }: GatewayRequest) => [id, toldBy])).toEqual([
    ["req_known0", "fields"],
    ["req_old000", null],
  ]);
  expect(items[1]).toEqual({
    ...{
      id: "req_old000",
      agent: "agent:ann/session:1",
      toldBy: null,
      parent: "agent:ann",
      share: "agent:team",
    },
    ...{
      model: "gpt-upstream",
      askedAt: "1970-01-01T00:00:01.000Z",
      waitedMs: 900,
      wait: null,
      waitsFor: null,
      tookMs: 3_000,
    },
    ...{ used: use, cost: "40", end: "cut", instead: null, code: null, status: null },
  });
  expect(await ask("/v1/gateway/requests/req_old")).toMatchObject({ id: "req_old000", end: "cut" });
  expect((await ask("/v1/gateway/requests?limit=1")).items).toHaveLength(1);
  expect((await ask("/v1/gateway/requests?agent=agent:ann/session:1")).items).toHaveLength(1);
});
