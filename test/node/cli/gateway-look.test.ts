// How a gateway is shown to people: who shares its limits, its requests, and why one of them waited.
import { afterEach, expect, test } from "vitest";
import { gatewayRequestView, gatewayView } from "../../../node/api/views/gateway.js";
import { recordViews } from "../../../node/api/views/gateway-record.js";
import { wordsOf } from "../../../node/cli/commands/gateway-requests.js";
import { linesOf } from "../../../node/cli/commands/gateway-top.js";
import { waitedLines } from "../../../node/cli/commands/gateway-wait.js";
import { asDocument } from "../../../node/contract/index.js";
import { GATEWAY_START_MS, ShownGateway } from "../../worlds/shown-gateway.js";
import { closeAll, mabeam, newHome, saying } from "./cli-fixture.js";

afterEach(closeAll);

function busy(): ShownGateway {
  const gateway = new ShownGateway();
  gateway.asked("session:ann", { id: "req_first", waitedMs: 3_200, tookMs: 4_000 });
  gateway.asked("session:ann/sub", { id: "req_second", used: null, cost: 0, end: "refused" }, "session:ann");
  gateway.asked("session:ann", null);
  gateway.asked("client:bob", { id: "req_third", used: { inputTokens: 12_345, outputTokens: 6 } });
  return gateway;
}

test("`top` shows agents as a tree, each with what it has open, got, and waited", async () => {
  const view = gatewayView(busy(), 10, GATEWAY_START_MS);
  const stub = await saying({ gateway: asDocument("Gateway", view) });
  const { exit, out, err } = await stub.run("gateway top");
  expect([exit, err]).toEqual([0, ""]);
  expect(out.slice(1)).toEqual([
    "Limits  60 requests, 100,000 tokens a minute; 2 % of each is left alone",
    "Prices  as published on 2026-02-01",
    "Now     2 waiting, 1 running; 3 agents",
    "  all: 2 waiting, 1 running; 33 % of 60 requests taken",
    "",
    expect.stringMatching(/^AGENT +WEIGHT +BAND +WAITS +RUNS +ASKED/),
    expect.stringMatching(/^client:bob +1 +normal +0 +0 +1 +1 +0 +0 +0 +12,345 +6 +0\.00101 +0 ms/),
    expect.stringMatching(
      /^session:ann +1 +normal +1 +0 +2 +1 +0 +0 +0 +10 +20 +0\.001011 +3\.2 s +3\.2 s +3\.2 s$/,
    ),
    expect.stringMatching(/^ {2}session:ann\/sub +1 +normal +0 +0 +1 +0 +1/),
  ]);
  const keyRefused = { isKnown: false, model: "gpt-upstream", since: "2026-03-06T12:00:00.000Z" };
  const keys = [keyRefused, { ...keyRefused, isKnown: true, model: null }].map(
    (one) => linesOf({ ...view, keyRefused: one }, GATEWAY_START_MS)[5],
  );
  expect(keys).toEqual([
    "Key     the upstream does not take it for gpt-upstream, since 2026-03-06T12:00:00.000Z",
    "Key     the upstream does not let it be used, since 2026-03-06T12:00:00.000Z",
  ]);
  const { out: json } = await stub.run("gateway top --json");
  expect(json.map((line) => JSON.parse(line))).toEqual([asDocument("Gateway", view)]);
});

test("agents that name each other in a circle are shown once each, and one alone says that nobody asked", () => {
  const gateway = new ShownGateway();
  gateway.asked("a", {}, "b");
  gateway.asked("b", {}, "a");
  const view = gatewayView(gateway, 10, GATEWAY_START_MS);
  const rows = linesOf(view, GATEWAY_START_MS + 90_000).slice(7);
  expect(rows.map((row) => row.trim().split(" ")[0])).toEqual(["a", "b"]);
  const none = linesOf({ ...view, agents: [], agentCount: 0 }, GATEWAY_START_MS + 90_000);
  expect([none[0], none.at(-1)]).toEqual([
    "http://127.0.0.1:4170 before https://api.example.com, for 90.0 s",
    expect.stringMatching(/^No agent has asked for anything since it started; `mabeam gateway agents` knows/),
  ]);
});

test("`top` says whose the parts of a shared key are, who of them is silent, and that no window runs", () => {
  const view = gatewayView(busy(), 10, GATEWAY_START_MS);
  const [own, other] = ["a".repeat(64), "b".repeat(64)];
  const held = (holder: string, parts: number, isHeard: boolean) => ({
    ...{ owner: holder, holder, parts, isHeard, until: "2026-03-06T12:00:30.000Z" },
  });
  const shared = { seller: other, capability: "key.team", agent: own, parts: 300, deputies: [] };
  const line = (window: ReturnType<typeof held>[], parts = 300) =>
    linesOf({ ...view, shared: { ...shared, parts, window } }, GATEWAY_START_MS).find((one) =>
      one.startsWith("Shared"),
    );
  expect(line([held(own, 300, true), held(other, 700, false)])).toMatch(
    /^Shared {2}300 of 1,000 parts of key\.team until .*12:00:30.*; bbbbbbbbbb 700 \(silent\)$/,
  );
  expect(line([held(other, 1000, true)], 0)).toBe("Shared  0 of 1,000 parts of key.team; bbbbbbbbbb 1000");
  expect(line([], 0)).toBe("Shared  0 of 1,000 parts of key.team; no window that runs was sold of it");
  expect(linesOf(view, GATEWAY_START_MS).join("\n")).not.toContain("Shared");
});

test("on a terminal `top` writes over what it showed, until its daemon is gone", async () => {
  const stub = await saying({ gateway: asDocument("Gateway", gatewayView(busy(), 10, GATEWAY_START_MS)) });
  const shown: (readonly string[])[] = [];
  const screen = {
    show(lines: readonly string[]) {
      shown.push(lines);
      stub.said = {};
    },
  };
  const { exit, out } = await stub.run("gateway top", { screen });
  expect([exit, out, shown.length]).toEqual([5, [], 1]);
  stub.said = { gateway: asDocument("Gateway", gatewayView(busy(), 10, GATEWAY_START_MS)) };
  expect((await stub.run("gateway top --once", { screen })).out.length).toBeGreaterThan(4);
});

test("`requests` lists them, and `explain` tells in words what became of one", async () => {
  const gateway = busy();
  const [third, second, first] = gateway.recent.newest(9, null).map(gatewayRequestView);
  const page = { items: [third!, second!], nextCursor: null, unshown: [] };
  const stub = await saying({ gatewayRequests: asDocument("GatewayRequestList", page) });
  const { out } = await stub.run("gateway requests");
  expect(out[1]).toMatch(
    /^req_third .+client:bob +gpt-upstream +0 ms +1\.5 s +12,345 +6 +0\.00025 +answered$/,
  );
  expect(out[2]).toMatch(/^req_second .+session:ann\/sub +gpt-upstream +0 ms +1\.5 s +– +– +0 +refused$/);
  stub.said = { gatewayRequest: asDocument("GatewayRequest", first!) };
  expect((await stub.run("gateway explain req_first")).out).toEqual([
    "req_first for gpt-upstream",
    "Asked   at 2026-03-06T12:00:06.000Z by session:ann (as its client's headers say)",
    "Waited  3.2 s",
    "Used    10 input tokens, 20 output tokens, in 800 ms",
    "Cost    0.00025 credits",
    "Ended   after 4.0 s: it was answered",
  ]);
  const other = { ...first!, instead: { model: "gpt-upstream-mini", on: "context" as const } };
  stub.said = { gatewayRequest: asDocument("GatewayRequest", other) };
  expect((await stub.run("gateway explain req_first")).out[4]).toBe(
    "Instead gpt-upstream-mini was asked: the prompt was too long for the other",
  );
  for (const [status, words] of [
    [401, "the upstream answered 401: of the gateway's key, not of its client's"],
    [404, "the upstream answered 404"],
    [200, "the upstream answered 200, and failed at it, or broke it off"],
    [null, "the upstream refused it, did not answer, or broke its answer off"],
  ] as const)
    expect(wordsOf({ ...first!, end: "failed", status }).at(-1)).toBe(`Ended   after 4.0 s: ${words}`);
  stub.said = { gatewayRequest: asDocument("GatewayRequest", second!) };
  const { out: refused } = await stub.run("gateway explain req_second");
  expect(refused[1]).toMatch(/by session:ann\/sub .*, of the share of session:ann$/);
  expect(refused.slice(2)).toEqual([
    "Waited  not at all",
    "Sent    never: the upstream counts nothing for it",
    "Cost    0 credits",
    "Ended   after 1.5 s: the gateway refused it: the answer said why",
  ]);
});

test("`requests --waiting` asks for those that wait now, and says when none does", async () => {
  const page = { items: [], nextCursor: null, unshown: [] };
  const stub = await saying({ gatewayRequests: asDocument("GatewayRequestList", page) });
  expect((await stub.run("gateway requests --waiting")).err).toBe("No request waits.");
  expect((await stub.run("gateway requests --waiting --agent ann")).err).toBe("No request of ann waits.");
});

test("`explain` says who was before a request, and what held it back, the longest first", () => {
  const limit = {
    dimension: "tokens",
    limit: 100_000,
    windowMs: 60_000,
    taken: 97_000,
    share: 40_000,
  } as const;
  const wait = {
    before: { inShare: 2, shares: 1 },
    limits: [limit],
    held: { limit: { tokens: 2_900 }, width: 100, pause: 0 },
    others: { limit: {}, width: 0, pause: 150 },
    turnMs: 50,
    ledgerMs: 0,
  };
  const [request] = busy().recent.newest(1, null).map(gatewayRequestView);
  expect(waitedLines({ ...request!, waitedMs: 3_200, wait })).toEqual([
    "Waited  3.2 s; 2 of its share and 1 other share waited before it",
    "        2.9 s for tokens; as it asked 97,000 of 100,000 a minute were taken, and its share's part was 40,000 (40 %)",
    "        100 ms for an answer to end: as many ran as may at once",
    "        200 ms for others' turn, of which 150 ms for the upstream's pause after a refusal",
  ]);
});

test("`explain` tells of one that runs what is set aside for it, and of one that was cut off what it is charged", async () => {
  const sent = {
    payers: ["session:ann", "agent:unknown"],
    flow: "session:ann",
    weight: 1,
    band: "normal",
  } as const;
  const use = { inputTokens: 5, outputTokens: 7 };
  const asked = { ...sent, model: null, estimate: use, waitedMs: 500, atMs: GATEWAY_START_MS + 500 };
  const running = { ...asked, id: "req_runs00-1", cost: 90, floor: { used: use, cost: 3 }, lastMs: 0 };
  const ended = {
    ...asked,
    id: "req_cut000-1",
    reserved: 90,
    used: use,
    cost: 42,
    end: "cut",
    endedMs: GATEWAY_START_MS + 800,
  } as const;
  const [runs, cut] = recordViews([running, ended], GATEWAY_START_MS + 2_500);
  expect(wordsOf(runs!)).toEqual([
    "req_runs00",
    "Asked   at 2026-03-06T12:00:00.000Z by session:ann",
    "Waited  500 ms",
    "Sent    and not answered in full yet",
    "Cost    0.00009 credits are set aside for it",
    "Runs    for 2.0 s now",
  ]);
  expect(wordsOf(cut!).slice(3)).toEqual([
    "Used    5 input tokens, 7 output tokens, in 300 ms or more",
    "Cost    0.000042 credits",
    "Ended   after 800 ms or more: the gateway's process ended: it is charged what is known to have come of it",
  ]);
});

test("where there is no gateway, or no such request, it is said how to come to one", async () => {
  const stub = await saying({});
  const { problem } = await import("../../../node/api/problem.js");
  stub.said = {
    gateway: problem("NO_GATEWAY").document,
    gatewayRequest: problem("REQUEST_UNKNOWN").document,
  };
  const none = await stub.run("gateway top");
  expect([none.exit, none.err]).toEqual([5, expect.stringContaining("mabeam gateway --upstream")]);
  const unknown = await stub.run("gateway explain req_xx");
  expect([unknown.exit, unknown.err]).toEqual([5, expect.stringContaining("mabeam gateway requests")]);
  const flags = await mabeam(newHome(), "gateway --rpm 5 top");
  expect([flags.exit, flags.err]).toEqual([2, expect.stringContaining("--rpm stands before top")]);
});
