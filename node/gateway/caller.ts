// Which agent calls, by what its client sends of its own accord (spec/gateway#callers): whom a request is counted for, never who may send it.
import { hash } from "node:crypto";
import type { Fields } from "./dialect.js";
import { fieldOf } from "./header-fields.js";
import { parsed, textAt } from "./json-value.js";
import { UNKNOWN, whoOf } from "./named/named-agent.js";

/** What a request shows of its caller. */
export interface Clues {
  /** the name of the agent whose key the credential is; null: it is nobody's */
  readonly agentByKey: string | null;
  /** an agent of a ledger, in hexadecimal, whose signature was verified; null: there was none */
  readonly agentBySignature: string | null;
  readonly fields: Fields;
  /** `metadata.user_id` of the body; null: it is not there */
  readonly inBody: string | null;
  readonly credential: string | null;
}

export interface Caller {
  /** stable as long as the client says the same; at most 400 letters, digits and `._:@/#-` */
  readonly who: string;
  /** the named agent on whose terms it calls: by its key, or the one for callers that show none */
  readonly agent: string;
  /** whose budget a caller's draws from; null: that of its named agent alone */
  readonly parent: string | null;
  /** what keeps its order among the caller's requests; null: each stands for itself */
  readonly session: string | null;
  readonly toldBy: "key" | "signature" | "fields" | "body" | "client";
}

/**
 * The first of the clues that says something. What a client says of its session never makes it a named agent: that takes
 * its key, and the sessions of one key are others than those of any other, whatever they are called.
 */
export function callerOf(clues: Clues): Caller {
  const bySession = sessionIn(clues.fields);
  const session = bySession?.session ?? sessionInBody(clues.inBody);
  const { agentByKey, agentBySignature } = clues;
  const below = (who: string, agent: string, toldBy: Caller["toldBy"]) =>
    callerBelow({ who, agent, toldBy }, bySession, session);
  if (agentByKey !== null) return below(whoOf(agentByKey), agentByKey, "key");
  const agent = UNKNOWN;
  if (agentBySignature !== null)
    return below(`signer:${agentBySignature.slice(0, SIGNER_LETTERS)}`, agent, "signature");
  if (bySession !== null) return { ...bySession, agent, toldBy: "fields" };
  if (session !== null) return { who: session, agent, parent: null, session, toldBy: "body" };
  const client = [clues.credential ?? "", fieldOf(clues.fields, "user-agent") ?? ""];
  const who = `client:${hashOf(JSON.stringify(client))}`;
  return { who, agent, parent: null, session: null, toldBy: "client" };
}

/** Of a key in hexadecimal: nobody finds another that begins so. */
const SIGNER_LETTERS = 32;

/** A caller that proves who it is: one of its sessions, where it names one, or else itself. */
function callerBelow(
  { who: top, agent, toldBy }: Pick<Caller, "who" | "agent" | "toldBy">,
  bySession: InSession | null,
  session: string | null,
): Caller {
  const below = (word: string) => `${top}/${word}`;
  if (session === null) return { who: top, agent, parent: null, session: null, toldBy };
  const { who, parent } = bySession ?? { who: session, parent: null };
  return {
    who: below(who),
    agent,
    parent: parent === null ? top : below(parent),
    session: below(session),
    toldBy,
  };
}

/** Fields that name a session, and the one that names the session from which it came, where there is one. */
const SESSIONS = [
  { field: "x-session-affinity", parent: "x-parent-session-id" },
  { field: "session-id", parent: null },
  { field: "session_id", parent: null },
  { field: "x-gateway-inference-fairness-id", parent: null },
] as const;

type InSession = Omit<Caller, "toldBy" | "agent" | "session"> & { readonly session: string };

function sessionIn(fields: Fields): InSession | null {
  const claudeCode = fieldOf(fields, "x-claude-code-session-id");
  if (claudeCode !== null) return agentIn(sessionOf(claudeCode), fields);
  for (const { field, parent: parentField } of SESSIONS) {
    const value = fieldOf(fields, field);
    if (value === null) continue;
    const who = sessionOf(value);
    const above = parentField === null ? null : fieldOf(fields, parentField);
    const parent = above === null ? null : sessionOf(above);
    return { who, parent: parent === who ? null : parent, session: who };
  }
  return null;
}

/** An agent's id is unique in its session only. One that names no parent was begun by the session itself. */
function agentIn(session: string, fields: Fields): InSession {
  const agent = fieldOf(fields, "x-claude-code-agent-id");
  if (agent === null) return { who: session, parent: null, session };
  const who = `${session}/${wordOf(agent)}`;
  const above = fieldOf(fields, "x-claude-code-parent-agent-id");
  const parent = above === null ? session : `${session}/${wordOf(above)}`;
  return { who, parent: parent === who ? session : parent, session: who };
}

const SESSION_IN_TEXT = /_session_([0-9a-fA-F-]{36})$/;

/** Claude Code's `user_id` has a session in it, as text or as JSON; another client's is a caller as it stands. */
function sessionInBody(userId: string | null): string | null {
  if (userId === null || userId.trim() === "") return null;
  const inJson = userId.startsWith("{") ? textAt(parsed(userId), "session_id") : null;
  return sessionOf(inJson || (SESSION_IN_TEXT.exec(userId)?.[1] ?? userId.trim()));
}

const sessionOf = (id: string): string => `session:${wordOf(id)}`;

/** A short printable word stands for itself, anything else for its hash. */
const wordOf = (id: string): string => (/^[\w.:@-]{1,128}$/.test(id) ? id : `#${hashOf(id)}`);

const hashOf = (text: string): string => hash("sha256", text, "hex").slice(0, 32);
