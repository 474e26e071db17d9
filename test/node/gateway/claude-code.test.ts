// What Claude Code needs of a gateway: the points of its published protocol that proxies break.
import {
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
  type ServerResponse,
} from "node:http";
import { expect, test } from "vitest";
import { NO_SPENDING_LIMITS } from "../../../node/gateway/named/named-agent.js";
import { NamedAgents } from "../../../node/gateway/named/named-agents.js";
import { USUAL_KEY } from "../../../testnet/upstream/rules.js";
import { before, perMinute, rawUpstream, type StageRules, until } from "./stage.js";

interface Seen {
  readonly method: string;
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const MESSAGE = { type: "message", content: [{ type: "text", text: "hello" }], usage: { output_tokens: 1 } };
/** In an order, with blanks and escapes, that no serialiser would write. */
const BODY = `{ "system":[ {"type":"text","text":"first \\u00e9"},\n {"type":"text","text":"second","cache_control":{"type":"ephemeral"}} ],
  "max_tokens" : 1e1, "model":"claude-x", "a_field_of_next_year":{"b":[1.0, 2e0, -0]}, "metadata":{"user_id":"u"},
  "thinking":{"type":"adaptive"}, "messages":[{"role":"user","content":"h\\/i"}], "context_management": null }`;

/** A gateway before an upstream that answers all of it, and tells what it saw. */
async function stage(rules: StageRules = {}) {
  const seen: Seen[] = [];
  const upstream = await rawUpstream(({ method = "", url = "", headers }, response, body) => {
    seen.push({ method, target: url, headers, body });
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(MESSAGE));
  });
  const staged = await before(upstream, "claude-x", { dialect: "anthropic", ...rules });
  const call = (method: string, path: string, headers: OutgoingHttpHeaders = {}, body = "") =>
    new Promise<{ readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string }>(
      (resolve, reject) => {
        const take = async (answer: IncomingMessage): Promise<void> => {
          let text = "";
          for await (const chunk of answer) text += String(chunk);
          resolve({ status: answer.statusCode!, headers: answer.headers, text });
        };
        const options = { method, headers, agent: false };
        const asked = request(staged.gateway.url + path, options, (answer) => void take(answer));
        asked.on("error", reject).end(body);
      },
    );
  return { ...staged, seen, call };
}

/** All that the key may use a minute is used. */
const FULL: StageRules = {
  pool: { limits: perMinute({ rpm: 1 }), headroomBp: 0 },
  gateway: { sharedLimits: true },
};

test("G1 a call is known by its path, and goes on with its query: `?beta=true` is none of the path", async () => {
  const { call, seen, passed } = await stage();
  expect((await call("POST", "/v1/messages?beta=true", {}, BODY)).status).toBe(200);
  expect(seen.map(({ method, target }) => [method, target])).toEqual([["POST", "/v1/messages?beta=true"]]);
  expect(passed().map(({ model, end }) => [model, end])).toEqual([["claude-x", "answered"]]);
});

test("G1 header fields and fields of the body are open lists: those that nobody knows yet go on as they came", async () => {
  const { call, seen } = await stage();
  const fields = {
    "anthropic-version": "2099-12-31-preview",
    "anthropic-beta": "one-2026-01-01, two,three",
    "x-claude-code-session-id": "s-1",
    "x-app": "cli",
    "x-a-field-of-next-year": 'a "b"; c=d',
    "user-agent": "claude-cli/9.9.9 (external, cli)",
    "content-type": "application/json",
  };
  await call("POST", "/v1/messages", fields, BODY);
  expect(seen[0]!.headers).toMatchObject(fields);
});

test("G1 the body's bytes are its own: the order of `system`, numbers, escapes and blanks", async () => {
  const { call, seen } = await stage();
  await call("POST", "/v1/messages?beta=true", { "content-type": "application/json" }, BODY);
  expect(seen[0]!.body).toBe(BODY);
  expect(seen[0]!.headers["content-length"]).toBe(`${Buffer.byteLength(BODY)}`);
});

test("G4 G6 a credential is taken from `Authorization` or `x-api-key`, and neither leaves", async () => {
  const named = NamedAgents.open(null);
  const figures = { weight: 1, band: "normal", parent: null, limits: NO_SPENDING_LIMITS } as const;
  const added = await named.add("ada", figures, 0n);
  const key = added.ok ? added.value.key : "";
  const { call, seen } = await stage({ gateway: { named } });
  const shown: readonly OutgoingHttpHeaders[] = [
    { authorization: `Bearer ${key}` },
    { "x-api-key": key },
    { authorization: `Bearer ${key}`, "x-api-key": "something-else" },
    { authorization: "Bearer something-else", "x-api-key": key },
  ];
  for (const headers of shown) {
    const answer = await call("POST", "/v1/messages", headers, BODY);
    expect([answer.status, answer.headers["x-mabeam-agent"]]).toEqual([200, "agent:ada/session:u"]);
  }
  for (const { headers } of seen) {
    expect([headers["x-api-key"], headers.authorization]).toEqual([USUAL_KEY, undefined]);
    expect(JSON.stringify(headers)).not.toMatch(/mabeam|something-else/);
  }
});

test("G4 with a subscription behind the gateway it is the bearer's, and the client's own does not leave either", async () => {
  const { call, seen } = await stage({ gateway: { key: "sk-ant-oat01-ours" } });
  await call("POST", "/v1/messages", { authorization: "Bearer theirs", "x-api-key": "theirs" }, BODY);
  const { authorization, "x-api-key": apiKey } = seen[0]!.headers;
  expect([authorization, apiKey]).toEqual(["Bearer sk-ant-oat01-ours", undefined]);
});

test("G37 the probe, the count and the models come at once, while all that may be used is used", async () => {
  const { call, seen, gateway, clock, passed } = await stage(FULL);
  await call("POST", "/v1/messages", {}, BODY);
  const waiting = call("POST", "/v1/messages", {}, BODY);
  await until(() => gateway.counts.waiting === 1);
  const version = { "anthropic-version": "2023-06-01" };
  const probe = await call("HEAD", "/");
  expect([probe.status, probe.text]).toEqual([200, ""]);
  const count = await call("POST", "/v1/messages/count_tokens?beta=true", version, BODY);
  const models = await call("GET", "/v1/models?limit=1000", version);
  expect([count, models].map(({ status, text }) => [status, text])).toEqual(
    [1, 2].map(() => [200, JSON.stringify(MESSAGE)]),
  );
  expect(models.headers.location).toBeUndefined();
  const targets = seen.map(({ method, target }) => `${method} ${target}`);
  expect(targets.slice(1)).toEqual([
    "HEAD /",
    "POST /v1/messages/count_tokens?beta=true",
    "GET /v1/models?limit=1000",
  ]);
  expect(passed()).toHaveLength(1);
  clock.pass(60_000);
  expect((await waiting).status).toBe(200);
});

test("G3 a stream is never gathered: each piece is there before the next is written", async () => {
  const events = ["message_start", "content_block_start", "ping", "content_block_delta", "message_stop"];
  const textOf = (type: string): string =>
    `event: ${type}\ndata: ${JSON.stringify({ type, message: {} })}\n\n`;
  let taken = "";
  const write = async (response: ServerResponse): Promise<void> => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    let written = "";
    for (const [at, type] of events.entries()) {
      written += textOf(type);
      response.write(textOf(type));
      // What comes before the content is held back for a moment, so that a failure can still be tried again.
      if (at > 0) await until(() => taken === written);
    }
    response.end();
  };
  const upstream = await rawUpstream((_, response) => void write(response));
  const { ask } = await before(upstream, "claude-x", { dialect: "anthropic" });
  const answer = await ask("ann", { body: { stream: true } });
  for await (const chunk of answer.body!) taken += Buffer.from(chunk).toString("utf8");
  expect(taken).toBe(events.map(textOf).join(""));
});

test("G8 agents within a session are told apart, and draw from it", async () => {
  const { call, passed } = await stage();
  const session = { "x-claude-code-session-id": "s" };
  await call("POST", "/v1/messages", { ...session, "x-claude-code-agent-id": "a" }, BODY);
  const below = { "x-claude-code-agent-id": "b", "x-claude-code-parent-agent-id": "a" };
  const answer = await call("POST", "/v1/messages", { ...session, ...below }, BODY);
  expect(answer.headers["x-mabeam-agent"]).toBe("session:s/b");
  expect(passed().map(({ caller }) => caller.parent)).toEqual(["session:s", "session:s/a"]);
});
