// The tree of named agents: who stands above whom, at most as deep as budgets of the ledger go, and never in a circle.
import { MAX_BUDGET_DEPTH } from "../../../src/ledger/limits.js";
import { type NamedAgent, UNKNOWN } from "./named-agent.js";
import { type NamedFault, named } from "./named-fault.js";

export type AgentsByName = ReadonlyMap<string, Pick<NamedAgent, "name" | "parent">>;

/** An agent and those above it, its own first. */
export function lineOf<T extends Pick<NamedAgent, "name" | "parent">>(
  agents: ReadonlyMap<string, T>,
  name: string,
): readonly T[] {
  const line: T[] = [];
  for (let one = agents.get(name); one !== undefined && line.length < MAX_BUDGET_DEPTH; ) {
    line.push(one);
    one = one.parent === null ? undefined : agents.get(one.parent);
  }
  return line;
}

/** Agents right below one, by name. */
export const childrenOf = (agents: AgentsByName, name: string): readonly string[] =>
  [...agents.values()]
    .filter(({ parent }) => parent === name)
    .map((one) => one.name)
    .sort();

/** Why an agent cannot stand below another; null: it can. */
export function parentFault(agents: AgentsByName, name: string, parent: string | null): NamedFault | null {
  if (parent === null) return null;
  if (name === UNKNOWN || parent === UNKNOWN) return named("GATEWAY_AGENT_BUILT_IN", { name: UNKNOWN });
  if (!agents.has(parent)) return named("GATEWAY_AGENT_UNKNOWN", { name: parent });
  const above = lineOf(agents, parent);
  if (above.some((one) => one.name === name)) return named("GATEWAY_AGENTS_IN_A_CIRCLE", { name, parent });
  const depth = above.length + heightOf(agents, name);
  return depth <= MAX_BUDGET_DEPTH
    ? null
    : named("GATEWAY_AGENTS_TOO_DEEP", { name, parent, depth, most: MAX_BUDGET_DEPTH });
}

/** Levels of an agent and those below it, counted no further than one beyond what may be: a file may hold a circle. */
function heightOf(agents: AgentsByName, name: string, most = MAX_BUDGET_DEPTH): number {
  if (most === 0) return 1;
  return 1 + Math.max(0, ...childrenOf(agents, name).map((child) => heightOf(agents, child, most - 1)));
}
