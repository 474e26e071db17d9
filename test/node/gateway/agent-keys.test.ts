// Clients that show an agent's key: whose share they draw from, on what terms, and that nobody else is that agent.
import { expect, test } from "vitest";
import { Agents } from "../../../node/gateway/agents.js";
import { callerOf } from "../../../node/gateway/caller.js";
import { type AgentFigures, NO_SPENDING_LIMITS } from "../../../node/gateway/named/named-agent.js";
import { NamedAgents } from "../../../node/gateway/named/named-agents.js";
import { termsOf } from "../../../node/gateway/terms.js";
import { stage } from "./stage.js";

async function keyed() {
  const named = NamedAgents.open(null);
  const { gateway, upstream, passed, ask } = await stage({ gateway: { named } });
  const keyOf = async (name: string, change: Partial<AgentFigures> = {}): Promise<string> => {
    const figures = {
      weight: 1,
      band: "normal",
      parent: null,
      limits: NO_SPENDING_LIMITS,
      ...change,
    } as const;
    const added = await named.add(name, figures, 0n);
    return added.ok ? added.value.key : "";
  };
  const asked = (headers: Record<string, string>) => ask("", { headers });
  const who = async (headers: Record<string, string>): Promise<string | null> => {
    const answer = await asked(headers);
    await answer.text();
    return answer.headers.get("x-mabeam-agent");
  };
  const terms = () => termsOf(named, gateway.agents, passed().at(-1)!.caller);
  return { upstream, named, keyOf, gateway, asked, who, terms };
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

test("whoever shows an agent's key draws from its share, in whichever field and session; its key goes no further", async () => {
  const { keyOf, who, terms, upstream } = await keyed();
  const boss = await keyOf("boss", { weight: 7 });
  const ada = await keyOf("ada", { weight: 2, band: "batch", parent: "boss" });
  expect(await who({ ...bearer(ada), "session-id": "s" })).toBe("agent:ada/session:s");
  const line = ["agent:ada/session:s", "agent:ada", "agent:boss"];
  expect(terms()).toMatchObject({ flow: "agent:boss", weight: 7, band: "batch", payers: line });
  expect(await who({ "x-api-key": ada, ...bearer("sk-1") })).toBe("agent:ada");
  expect(await who(bearer(boss))).toBe("agent:boss");
  expect(terms()).toMatchObject({ flow: "agent:boss", band: "normal", payers: ["agent:boss"] });
  expect(JSON.stringify(upstream.journal.visits.map(({ headers }) => headers))).not.toContain("mabeam-");
});

test("without a key each session has a share of its own, and all of them spend by the limits of `unknown`", async () => {
  const { keyOf, who, terms, named } = await keyed();
  await keyOf("ada", { weight: 5 });
  await named.set("unknown", { weight: 3, band: "batch" });
  const claude = { "x-claude-code-session-id": "agent:ada", "x-claude-code-agent-id": "agent:ada" };
  expect(await who({ ...bearer("ada"), ...claude })).toBe("session:agent:ada/agent:ada");
  expect(terms()).toMatchObject({
    flow: "session:agent:ada",
    weight: 3,
    band: "batch",
    payers: ["session:agent:ada/agent:ada", "session:agent:ada", "agent:unknown"],
  });
  await who(bearer("sk-1"));
  expect(terms()!.payers).toEqual([expect.stringMatching(/^client:/), "agent:unknown"]);
});

test("sessions that name each other as parents, in a circle or without end, have a top all the same", () => {
  const agents = new Agents();
  const named = NamedAgents.open(null);
  const payersOf = (id: string, parent: string) => {
    const fields = { "x-session-affinity": id, "x-parent-session-id": parent };
    const clues = { agentByKey: null, agentBySignature: null, inBody: null, credential: null };
    const caller = callerOf({ ...clues, fields });
    agents.meet(caller, 0);
    return termsOf(named, agents, caller)!.payers;
  };
  payersOf("a", "b");
  expect(payersOf("b", "a")).toEqual(["session:b", "session:a", "agent:unknown"]);
  for (let i = 30; i > 0; i--) payersOf(`s${i}`, `s${i + 1}`);
  expect(payersOf("s0", "s1").length).toBeLessThan(12);
});

test("a key that is none, or none any more, is refused in the caller's dialect, and never taken for a stranger's", async () => {
  const { keyOf, asked, gateway, named, upstream } = await keyed();
  const key = await keyOf("ada");
  await (await asked(bearer(key))).text();
  await named.renew("ada");
  for (const credential of [key, "mabeam-", "mabeam-x"]) {
    const answer = await asked(bearer(credential));
    expect([answer.status, answer.headers.get("x-should-retry")]).toEqual([401, "false"]);
    expect(await answer.json()).toMatchObject({
      error: { code: "AGENT_KEY_UNKNOWN", type: "authentication_error" },
    });
  }
  const calls = [
    ["/v1/messages", { "x-api-key": key }, { type: "error", error: { type: "authentication_error" } }],
    ["/v1/messages/count_tokens", bearer(key), { type: "error", error: { type: "authentication_error" } }],
    [`/v1beta/models/m:generateContent?key=${key}`, {}, { error: { code: 401, status: "UNAUTHENTICATED" } }],
    ["/v1/models", bearer(key), { error: { code: "AGENT_KEY_UNKNOWN" } }],
    [
      "/v1/chat/completions",
      { cookie: "a=b", "x-api-key": key, ...bearer("sk-1") },
      { error: { type: "authentication_error" } },
    ],
  ] as const;
  for (const [path, headers, refusal] of calls) {
    const method = path === "/v1/models" ? "GET" : "POST";
    const answer = await fetch(gateway.url + path, {
      method,
      headers,
      ...(method === "POST" && { body: "{}" }),
    });
    expect([path, answer.status]).toEqual([path, 401]);
    expect(await answer.json()).toMatchObject(refusal);
  }
  expect(upstream.journal.visits).toHaveLength(1);
});

test("what an owner says of an agent holds for its next request; one that was removed has no terms", async () => {
  const { keyOf, who, terms, named } = await keyed();
  const key = await keyOf("ada");
  await keyOf("boss", { weight: 4 });
  await who(bearer(key));
  expect(terms()).toMatchObject({ flow: "agent:ada", weight: 1 });
  await named.set("ada", { weight: 9 });
  expect(terms()).toMatchObject({ weight: 9 });
  await named.set("ada", { parent: "boss" });
  expect(terms()).toMatchObject({ flow: "agent:boss", weight: 4, payers: ["agent:ada", "agent:boss"] });
  await named.remove("ada");
  expect(terms()).toBe(null);
});
