// The named agents of a gateway, kept in one file: nothing counts before it is kept, and then it holds at once.
import { err, ok, type Result } from "../../../src/base/index.js";
import { freshAgentKey, hashOfKey } from "./agent-key.js";
import { type KeptAgents, MOST_AGENTS, readAgents, writeAgents } from "./agents-file.js";
import {
  type AgentFigures,
  isOfLedger,
  type NamedAgent,
  type SpendingLimits,
  UNKNOWN,
  USUAL_UNKNOWN,
} from "./named-agent.js";
import { type NamedFault, named } from "./named-fault.js";
import { childrenOf, lineOf, parentFault } from "./tree.js";

/** What changes of an agent's figures; what is absent stays as it is. */
export interface FiguresChange {
  readonly weight?: number | undefined;
  readonly band?: AgentFigures["band"] | undefined;
  readonly parent?: string | null | undefined;
  readonly limits?: { readonly [K in keyof SpendingLimits]?: SpendingLimits[K] | undefined } | undefined;
}

/** An agent, and its key, which is nowhere kept. */
export interface Keyed {
  readonly agent: NamedAgent;
  readonly key: string;
}

export class NamedAgents {
  private byName = new Map<string, NamedAgent>();
  private orphaned: readonly string[] = [];
  private nameByHash = new Map<string, string>();
  private writing: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly path: string | null,
    { agents, orphans }: KeptAgents,
  ) {
    this.take(new Map(agents.map((one) => [one.name, one])), orphans);
  }

  /** @param path null: a gateway whose daemon keeps nothing @throws Accident GATEWAY_AGENTS_UNREADABLE, KeyError TOO_OPEN */
  static open(path: string | null): NamedAgents {
    return new NamedAgents(path, (path === null ? null : readAgents(path)) ?? { agents: [], orphans: [] });
  }

  /** The name of the agent whose key a credential is; null: it is nobody's, or not any more. */
  find(credential: string): string | null {
    return this.nameByHash.get(hashOfKey(credential)) ?? null;
  }

  /** The name of the agent that has this one in the ledger, in hexadecimal; null: none has. */
  ofLedger(agent: string): string | null {
    for (const { name, ledgerAgent } of this.byName.values()) if (ledgerAgent === agent) return name;
    return null;
  }

  get(name: string): NamedAgent | null {
    return this.byName.get(name) ?? null;
  }

  /** An agent and those above it, itself first; none: it was removed. */
  lineOf(name: string): readonly NamedAgent[] {
    return lineOf(this.byName, name);
  }

  /** All of them by name, `unknown` among them. */
  values(): readonly NamedAgent[] {
    return [...this.byName.values()];
  }

  /** @param countedFrom what was charged to this name before, in micro-credits */
  add(name: string, figures: AgentFigures, countedFrom: bigint): Promise<Result<Keyed, NamedFault>> {
    return this.changing((agents) => {
      if (name === UNKNOWN) return err(named("GATEWAY_AGENT_BUILT_IN", { name }));
      if (agents.has(name)) return err(named("GATEWAY_AGENT_EXISTS", { name }));
      if (agents.size >= MOST_AGENTS) return err(named("GATEWAY_AGENTS_FULL", { most: MOST_AGENTS }));
      const { text, kept } = freshAgentKey();
      const isSettled = !isOfLedger(figures.limits);
      const agent = {
        name,
        ...figures,
        key: kept,
        countedFrom,
        ledgerAgent: null,
        hasBudget: false,
        isSettled,
      };
      const fault = parentFault(agents, name, figures.parent);
      if (fault !== null) return err(fault);
      agents.set(name, agent);
      return ok({ agent, key: text });
    });
  }

  set(name: string, change: FiguresChange): Promise<Result<NamedAgent, NamedFault>> {
    return this.changing((agents) => {
      const before = agents.get(name);
      if (before === undefined) return err(named("GATEWAY_AGENT_UNKNOWN", { name }));
      const { weight = before.weight, band = before.band, parent = before.parent } = change;
      const limits = { ...before.limits, ...withoutAbsent(change.limits ?? {}) };
      const fault = parentFault(agents, name, parent);
      if (fault !== null) return err(fault);
      const isSettled = before.isSettled && !isForLedger(change.limits ?? {});
      const agent = { ...before, weight, band, parent, limits, isSettled };
      agents.set(name, agent);
      // What is below another is another's in the ledger too.
      if (parent !== before.parent)
        for (const one of agents.values())
          if (lineOf(agents, one.name).some((above) => above.name === name))
            agents.set(one.name, { ...one, isSettled: false });
      return ok(agents.get(name)!);
    });
  }

  remove(name: string): Promise<Result<NamedAgent, NamedFault>> {
    return this.changing((agents, orphans) => {
      const agent = agents.get(name);
      if (name === UNKNOWN) return err(named("GATEWAY_AGENT_BUILT_IN", { name }));
      if (agent === undefined) return err(named("GATEWAY_AGENT_UNKNOWN", { name }));
      const children = childrenOf(agents, name);
      if (children.length > 0)
        return err(named("GATEWAY_AGENT_HAS_CHILDREN", { name, children: children.join(", ") }));
      agents.delete(name);
      if (agent.hasBudget && agent.ledgerAgent !== null) orphans.add(agent.ledgerAgent);
      return ok(agent);
    });
  }

  /** Agents of the ledger whose names were removed, and whose budgets may still be open. */
  get orphans(): readonly string[] {
    return this.orphaned;
  }

  /** Their budgets are closed. */
  async forgetOrphans(closed: readonly string[]): Promise<void> {
    if (closed.length === 0) return;
    await this.changing((_, orphans) => {
      for (const one of closed) orphans.delete(one);
      return ok(null);
    });
  }

  /** A new key; the one before is nobody's from now on. */
  renew(name: string): Promise<Result<Keyed, NamedFault>> {
    return this.changing((agents) => {
      const before = agents.get(name);
      if (name === UNKNOWN) return err(named("GATEWAY_AGENT_BUILT_IN", { name }));
      if (before === undefined) return err(named("GATEWAY_AGENT_UNKNOWN", { name }));
      const { text, kept } = freshAgentKey();
      const agent = { ...before, key: kept };
      agents.set(name, agent);
      return ok({ agent, key: text });
    });
  }

  /** What the ledger has been told of an agent, or which agent of the ledger it is. */
  async settle(
    name: string,
    change: Partial<Pick<NamedAgent, "ledgerAgent" | "hasBudget" | "isSettled">>,
  ): Promise<void> {
    await this.changing((agents, orphans) => {
      const before = agents.get(name);
      if (before !== undefined) agents.set(name, { ...before, ...change });
      // One that is added again has the key of the one before.
      if (before !== undefined && change.ledgerAgent) orphans.delete(change.ledgerAgent);
      return ok(null);
    });
  }

  /** One change after the other. A disk that does not take it leaves all as it was. */
  private changing<T>(
    change: (agents: Map<string, NamedAgent>, orphans: Set<string>) => Result<T, NamedFault>,
  ) {
    const changed = this.writing.then(async () => {
      const agents = new Map(this.byName);
      const orphans = new Set(this.orphaned);
      const result = change(agents, orphans);
      if (!result.ok) return result;
      const kept = { agents: [...agents.values()], orphans: [...orphans] };
      if (this.path !== null) await writeAgents(this.path, kept);
      this.take(agents, kept.orphans);
      return result;
    });
    this.writing = changed.catch(() => undefined);
    return changed;
  }

  private take(agents: Map<string, NamedAgent>, orphans: readonly string[]): void {
    this.orphaned = orphans;
    if (!agents.has(UNKNOWN)) agents.set(UNKNOWN, USUAL_UNKNOWN);
    this.byName = new Map([...agents].sort(([a], [b]) => (a < b ? -1 : 1)));
    this.nameByHash = new Map(
      [...agents.values()].flatMap(({ key, name }) => (key === null ? [] : [[key.hash, name]])),
    );
  }
}

/** Who says again what holds already wants it to hold: a budget that somebody closed is opened anew. */
const isForLedger = ({ perDay, total, untilMs }: NonNullable<FiguresChange["limits"]>): boolean =>
  perDay !== undefined || total !== undefined || untilMs !== undefined;

const withoutAbsent = <T extends object>(change: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as never;
