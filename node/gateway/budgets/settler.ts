// Tells the ledger of the budgets that named agents are to have, one operation after the other, each once the one before is in the log.
import { performance } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";
import { type Bytes, fromHex, type Hex, toHex } from "../../../src/base/index.js";
import type { AgentKey } from "../../../src/index.js";
import { BUDGETS, isLive } from "../../../src/ledger/index.js";
import type { Command, CommandResult, Refusal } from "../../../src/peer/event.js";
import type { Peer } from "../../../src/peer/index.js";
import type { NamedAgents } from "../named/named-agents.js";
import { nextStep, type Step } from "./steps.js";
import { isAsWanted, wantedBudgets } from "./wanted.js";

/** What a settler needs of the daemon that it lives in. */
export interface LedgerSide {
  /** the protocol's own peer, as it is now */
  readonly state: Peer;
  command(command: Command): Promise<CommandResult>;
  /** whose funds the agents at the top spend; null: this daemon holds no agent */
  readonly owner: Bytes | null;
  /** Opens the key of this name in the daemon's folder, and makes it the first time. @throws KeyError */
  keyOf(name: string): Promise<AgentKey>;
  nowMs(): number;
}

/** What came of telling the ledger. */
export interface Settled {
  /** agents of whom something is still on its way into the log */
  readonly isPending: boolean;
  /** what the ledger does not take, by the agent's name; of an agent that was removed by its id */
  readonly refused: ReadonlyMap<string, Refusal>;
}

/** So long an operation may take into the log: a network of one finalises in a moment. */
const FINAL_MS = 10_000;
const LOOK_MS = 20;
const NOTHING: Settled = { isPending: false, refused: new Map() };

export class BudgetSettler {
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly named: NamedAgents,
    private readonly side: LedgerSide,
    private readonly finalMs = FINAL_MS,
  ) {}

  /** Until the ledger holds what is wanted, or says why not, or takes too long. One at a time. @throws KeyError */
  settle(): Promise<Settled> {
    const settled = this.turn.then(() => this.settleNow());
    this.turn = settled.catch(() => undefined);
    return settled;
  }

  private async settleNow(): Promise<Settled> {
    const { owner } = this.side;
    if (owner === null) return NOTHING;
    await this.makeAgents();
    const refused = new Map<string, Refusal>();
    const skipped = new Set<Hex>();
    for (;;) {
      const step = nextStep(this.holdingOf(toHex(owner)), skipped, this.side.nowMs());
      if (step === null) break;
      const result = await this.side.command(commandOf(step));
      if (result.ok && !(await this.isInLog(step))) return { isPending: true, refused };
      if (result.ok) continue;
      skipped.add(step.child);
      refused.set(step.kind === "open" ? step.name : this.nameOf(step.child), result.refusal);
    }
    await this.note(refused);
    return { isPending: false, refused };
  }

  /** Every agent that is wanted a budget has a key here, and so an agent in the ledger. */
  private async makeAgents(): Promise<void> {
    for (const { agent } of wantedBudgets(this.agents, this.side.nowMs()).values()) {
      if (agent.ledgerAgent !== null) continue;
      const key = await this.side.keyOf(`gateway-${agent.name}`);
      await this.side.command({ kind: "holdAgent", key });
      await this.named.settle(agent.name, { ledgerAgent: toHex(key.publicKey) });
    }
  }

  private async note(refused: ReadonlyMap<string, Refusal>): Promise<void> {
    const nowMs = this.side.nowMs();
    const wanted = wantedBudgets(this.agents, nowMs);
    for (const { name, hasBudget, isSettled, ledgerAgent } of this.named.values()) {
      const one = wanted.get(name);
      if (refused.has(name) || (isSettled && hasBudget === (one !== undefined))) continue;
      const budget = ledgerAgent === null ? null : this.budgetOf(ledgerAgent);
      const isThere = budget !== null && isLive(budget, nowMs);
      // What is below an agent whose budget was refused has none either.
      if (one === undefined ? isThere : !isThere || !isAsWanted(budget, one, nowMs)) continue;
      await this.named.settle(name, { hasBudget: one !== undefined, isSettled: true });
    }
    await this.named.forgetOrphans(this.named.orphans.filter((one) => !this.isLive(one)));
  }

  private async isInLog(step: Step): Promise<boolean> {
    const untilMs = performance.now() + this.finalMs;
    while (!this.isDone(step)) {
      if (performance.now() > untilMs) return false;
      await wait(LOOK_MS);
    }
    return true;
  }

  private isDone({ child, ...step }: Step): boolean {
    if (step.kind === "close") return !this.isLive(child);
    const terms = this.budgetOf(child)?.terms;
    return (
      this.isLive(child) &&
      terms?.perPeriod === step.terms.perPeriod &&
      terms.total === step.terms.total &&
      terms.untilMs === step.terms.untilMs
    );
  }

  private holdingOf(owner: Hex) {
    return {
      agents: this.agents,
      orphans: this.named.orphans,
      owner,
      budgetOf: (child: Hex) => this.budgetOf(child),
    };
  }

  private get agents() {
    return new Map(this.named.values().map((one) => [one.name, one]));
  }

  private nameOf(child: Hex): string {
    return this.named.values().find(({ ledgerAgent }) => ledgerAgent === child)?.name ?? child;
  }

  private budgetOf(child: Hex) {
    return this.side.state.ledger.get(BUDGETS, child);
  }

  private isLive(child: Hex): boolean {
    const budget = this.budgetOf(child);
    return budget !== null && isLive(budget, this.side.nowMs());
  }
}

function commandOf({ child, owner, ...step }: Step): Command {
  const from = fromHex(owner)!;
  if (step.kind === "close") return { kind: "closeBudget", from, child: fromHex(child)! };
  return { kind: "openBudget", from, child: fromHex(child)!, terms: step.terms, sent: null };
}
