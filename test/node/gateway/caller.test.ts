// Who calls, by what clients send of their own accord.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Clues, callerOf } from "../../../node/gateway/caller.js";
import { CREDENTIAL_FIELDS, isSubscriptionCredential } from "../../../node/gateway/credential.js";
import type { Fields } from "../../../node/gateway/dialect.js";
import { anthropic } from "../../../node/gateway/dialects/anthropic.js";
import { google } from "../../../node/gateway/dialects/google.js";
import { DIALECTS } from "../../../node/gateway/dialects/index.js";
import { openai } from "../../../node/gateway/dialects/openai.js";

const NOTHING: Clues = {
  agentByKey: null,
  agentBySignature: null,
  fields: {},
  inBody: null,
  credential: null,
};
const SESSION = "0f3e2f9a-3c1d-4a55-9a1e-0123456789ab";
const CLAUDE: Fields = { "x-claude-code-session-id": SESSION };
const called = (clues: Partial<Clues>) => callerOf({ ...NOTHING, ...clues });

describe("the first clue that says something", () => {
  test("G6 G7 an agent's key, then a daemon's signature, then what the client says", () => {
    const all: Clues = {
      agentByKey: "ada",
      agentBySignature: "b0".repeat(32),
      fields: CLAUDE,
      inBody: "u",
      credential: "c",
    };
    const session = `session:${SESSION}`;
    const keyless = { agent: "unknown", parent: null };
    expect(callerOf(all)).toEqual({
      who: `agent:ada/${session}`,
      agent: "ada",
      parent: "agent:ada",
      session: `agent:ada/${session}`,
      toldBy: "key",
    });
    const unkeyed = { ...all, agentByKey: null };
    const signer = `signer:${"b0".repeat(16)}`;
    expect(callerOf(unkeyed)).toEqual({
      ...{ who: `${signer}/${session}`, agent: "unknown", parent: signer },
      ...{ session: `${signer}/${session}`, toldBy: "signature" },
    });
    const unsigned = { ...unkeyed, agentBySignature: null };
    expect(callerOf(unsigned)).toEqual({ ...keyless, who: session, session, toldBy: "fields" });
    expect(called({ inBody: "u", credential: "c" })).toEqual({
      ...keyless,
      who: "session:u",
      session: "session:u",
      toldBy: "body",
    });
    expect(called({ credential: "c" })).toMatchObject({ toldBy: "client", session: null });
  });

  test("G8 Claude Code's agents make a tree under their session", () => {
    const agent = (id: string, parent?: string) =>
      called({
        fields: {
          ...CLAUDE,
          "x-claude-code-agent-id": id,
          ...(parent === undefined ? {} : { "x-claude-code-parent-agent-id": parent }),
        },
      });
    const top = `session:${SESSION}`;
    expect(agent("a1")).toEqual({
      who: `${top}/a1`,
      agent: "unknown",
      parent: top,
      session: `${top}/a1`,
      toldBy: "fields",
    });
    expect(agent("a2", "a1")).toMatchObject({ who: `${top}/a2`, parent: `${top}/a1` });
    expect(agent("a1", "a1").parent).toBe(top);
    expect(called({ fields: { "x-claude-code-agent-id": "a1" } }).toldBy).toBe("client");
  });

  test.each<[string, Fields, string, string | null]>([
    ["OpenCode", { "x-session-affinity": "ses_1" }, "session:ses_1", null],
    [
      "OpenCode's child",
      { "x-session-affinity": "ses_2", "x-parent-session-id": "ses_1" },
      "session:ses_2",
      "session:ses_1",
    ],
    [
      "a child of itself",
      { "x-session-affinity": "ses_2", "x-parent-session-id": "ses_2" },
      "session:ses_2",
      null,
    ],
    ["Codex", { "session-id": "s1" }, "session:s1", null],
    ["an older Codex", { session_id: "s1" }, "session:s1", null],
    ["an inference gateway", { "x-gateway-inference-fairness-id": "team-a" }, "session:team-a", null],
    [
      "the first of several",
      { session_id: "s1", "x-session-affinity": "ses_1", ...CLAUDE },
      `session:${SESSION}`,
      null,
    ],
  ])("G8 %s", (_, fields, who, parent) => {
    expect(called({ fields })).toEqual({ who, agent: "unknown", parent, session: who, toldBy: "fields" });
  });

  test("G6 what shows an agent's key is that agent, or one of its sessions and their agents, and nobody else's", () => {
    const inSession = { ...CLAUDE, "x-claude-code-agent-id": "a1" };
    const below = (agentByKey: string | null, fields: Fields, inBody: string | null = null) =>
      called({ agentByKey, fields, inBody });
    expect(below("ada", {})).toEqual({
      who: "agent:ada",
      agent: "ada",
      parent: null,
      session: null,
      toldBy: "key",
    });
    expect(below("ada", inSession)).toMatchObject({
      who: `agent:ada/session:${SESSION}/a1`,
      parent: `agent:ada/session:${SESSION}`,
    });
    expect(below("ada", {}, "u")).toMatchObject({ who: "agent:ada/session:u", parent: "agent:ada" });
    // The same words under another key, or under none, are another caller's.
    const claims = [below("ada", inSession), below("bob", inSession), below(null, inSession)];
    expect(new Set(claims.map(({ who }) => who)).size).toBe(3);
    expect(claims.map(({ agent }) => agent)).toEqual(["ada", "bob", "unknown"]);
  });

  test.each(["agent:ada", "agent:ada/session:s", "ada", "unknown", "agent:unknown"])(
    "G6 a client that calls its session %s is not that agent",
    (word) => {
      const fields = { "session-id": word, "x-session-affinity": word, "x-parent-session-id": word };
      for (const one of [called({ fields }), called({ inBody: word }), called({ credential: word })]) {
        expect(one.agent).toBe("unknown");
        expect(one.who).toMatch(/^(session|client):/);
        expect(one.parent ?? "session:").toMatch(/^session:/);
      }
      const child = called({ fields: { "x-session-affinity": "s", "x-parent-session-id": word } });
      expect(child.parent).toMatch(/^session:/);
    },
  );

  test.each([
    `user_${"ab".repeat(32)}_account_${SESSION}_session_${SESSION}`,
    JSON.stringify({ device_id: "d", account_uuid: "a", session_id: SESSION }),
    SESSION,
  ])("G9 a session in the body is the one that fields name: %s", (inBody) => {
    expect(called({ inBody }).who).toBe(called({ fields: CLAUDE }).who);
  });

  test("G10 without a name, one and the same client is one caller", () => {
    const client = (credential: string | null, agent: string) =>
      called({ credential, fields: { "user-agent": agent } }).who;
    expect(client("k", "a/1")).toBe(client("k", "a/1"));
    expect(
      new Set([
        client("k", "a/1"),
        client("l", "a/1"),
        client("k", "b/1"),
        client(null, "a/1"),
        client("ka", "/1"),
      ]).size,
    ).toBe(5);
    expect(client("sk-secret", "a/1")).not.toContain("secret");
  });

  test("whatever is said, a name is short and printable, and different for different words", () => {
    const word = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ minLength: 200 }),
      fc.constant("a/b"),
      fc.constant("#1"),
    );
    fc.assert(
      fc.property(word, word, word, (session, agent, parent) => {
        const fields = {
          "x-claude-code-session-id": session,
          "x-claude-code-agent-id": agent,
          "x-claude-code-parent-agent-id": parent,
        };
        for (const { who, parent: above } of [called({ fields }), called({ inBody: session })]) {
          expect(who).toMatch(/^[\w.:@/#-]{1,400}$/);
          expect(above ?? "p").toMatch(/^[\w.:@/#-]{1,400}$/);
          expect(above).not.toBe(who);
        }
        const [one, other] = [session, agent].map((id) => called({ fields: { "session-id": id } }));
        if (session.trim() !== agent.trim()) expect(one!.who).not.toBe(other!.who);
      }),
    );
  });
});

describe("G4 G45 credentials", () => {
  test("are found where each dialect's clients put them", () => {
    expect(openai.credentialOf({ authorization: "Bearer sk-1" }, "")).toBe("sk-1");
    expect(openai.credentialOf({ authorization: "bearer  sk-1" }, "")).toBe("sk-1");
    expect(openai.credentialOf({ "api-key": "az" }, "")).toBe("az");
    expect(anthropic.credentialOf({ "x-api-key": "sk-ant" }, "")).toBe("sk-ant");
    expect(anthropic.credentialOf({ authorization: "Bearer tok" }, "")).toBe("tok");
    expect(google.credentialOf({ "x-goog-api-key": "AI" }, "key=no")).toBe("AI");
    expect(google.credentialOf({}, "alt=sse&key=AI%2D1")).toBe("AI-1");
    for (const dialect of DIALECTS) {
      expect(dialect.credentialOf({ authorization: "Basic dTpw" }, "key=")).toBeNull();
      expect(dialect.credentialOf({}, "")).toBeNull();
    }
  });

  test("of a client are none of what is sent on, in any dialect's field", () => {
    const names = [
      "authorization",
      "x-api-key",
      "api-key",
      "x-goog-api-key",
      "proxy-authorization",
      "cookie",
    ];
    expect(CREDENTIAL_FIELDS).toEqual(expect.arrayContaining(names));
    expect(google.credentialParameters).toContain("key");
  });

  test("of ours go where the upstream looks for them", () => {
    expect(openai.withCredential("k")).toEqual({ authorization: "Bearer k" });
    expect(anthropic.withCredential("k")).toEqual({ "x-api-key": "k" });
    expect(anthropic.withCredential("sk-ant-oat01-x")).toEqual({ authorization: "Bearer sk-ant-oat01-x" });
    expect(google.withCredential("k")).toEqual({ "x-goog-api-key": "k" });
  });

  test("G45 a subscription's is known by its beginning", () => {
    expect(["sk-ant-oat01-x", "sk-ant-api03-x", "sk-proj-x", ""].map(isSubscriptionCredential)).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});
