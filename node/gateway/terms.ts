// On what terms a caller is served: whose share it draws from, in which band, and whose budgets pay.
import type { Band } from "../../src/quota/index.js";
import type { Agents } from "./agents.js";
import type { Caller } from "./caller.js";
import { type NamedAgent, whoOf } from "./named/named-agent.js";
import type { NamedAgents } from "./named/named-agents.js";

export interface Terms {
  /** whose share it is: that of the named agent at the top of the tree; without a key, of the caller's topmost session */
  readonly flow: string;
  /** of that share */
  readonly weight: number;
  /** the caller's own agent's */
  readonly band: Band;
  /** its named agent, and those above that one */
  readonly line: readonly NamedAgent[];
  /** whom its cost counts for: itself, the sessions above it, its named agent and those above that one, in this order */
  readonly payers: readonly string[];
}

/** As they are now: what the owner says of an agent holds from its next request on. Null: the agent was removed. */
export function termsOf(named: NamedAgents, agents: Agents, caller: Caller): Terms | null {
  const line = named.lineOf(caller.agent);
  const [own, top] = [line[0], line.at(-1)];
  if (own === undefined || top === undefined) return null;
  const isKeyed = caller.toldBy === "key";
  const sessions = agents.lineOf(caller).filter((who) => who !== whoOf(own.name));
  return {
    flow: isKeyed ? whoOf(top.name) : sessions.at(-1)!,
    weight: top.weight,
    band: own.band,
    line,
    payers: [...sessions, ...line.map(({ name }) => whoOf(name))],
  };
}
