// What a gateway's owner asks of named agents: who there is and how each stands, and changes, each told to the ledger too.
import { setTimeout as wait } from "node:timers/promises";
import { ok, type Result } from "../../src/base/index.js";
import { messageOf } from "../accident.js";
import type { Books } from "./books/books.js";
import type { Settled } from "./budgets/settler.js";
import { type AgentFigures, type NamedAgent, whoOf } from "./named/named-agent.js";
import type { FiguresChange, NamedAgents } from "./named/named-agents.js";
import type { NamedFault } from "./named/named-fault.js";
import type { Bound } from "./spending/bounds.js";
import type { BudgetsOfLedger, Spending } from "./spending/spending.js";
import { unlimitedWords } from "./spending/words.js";

/** How the ledger stands to an agent: `none`: it has no budget there, and needs none. */
export type InLedger = "none" | "live" | "ended" | "on its way";

export interface ShownAgent {
  readonly agent: NamedAgent;
  /** its limits as they stand */
  readonly bounds: readonly Bound[];
  readonly inLedger: InLedger;
}

/** What came of a change: it holds at once, whatever the ledger says. */
export interface Changed extends ShownAgent {
  /** what its owner should know */
  readonly warnings: readonly string[];
}

/** So long an answer waits for the ledger. */
const SETTLE_MS = 5_000;

export class AgentsDesk {
  constructor(
    private readonly named: NamedAgents,
    private readonly books: Pick<Books, "setAside" | "spent">,
    private readonly spending: Pick<Spending, "boundsOf">,
    private readonly budgets: BudgetsOfLedger,
    private readonly settle: () => Promise<Settled>,
    private readonly nowMs: () => number,
  ) {}

  /** All of them by name. */
  list(): readonly ShownAgent[] {
    return this.named.values().map((agent) => this.shown(agent));
  }

  /** @returns the key too, which is told nowhere else and never again */
  async add(name: string, figures: AgentFigures): Promise<Result<Changed & { key: string }, NamedFault>> {
    const who = whoOf(name);
    // What still runs for an earlier agent of the name is not spent yet: what of it is not spent in the end would be this one's for nothing.
    const spent = this.books.spent(who, "all", this.nowMs()) - this.books.setAside(who);
    const added = await this.named.add(name, figures, BigInt(spent));
    if (!added.ok) return added;
    return ok({ ...(await this.settled(added.value.agent)), key: added.value.key });
  }

  async set(name: string, change: FiguresChange): Promise<Result<Changed, NamedFault>> {
    const set = await this.named.set(name, change);
    return set.ok ? ok(await this.settled(set.value)) : set;
  }

  async remove(name: string): Promise<Result<Changed, NamedFault>> {
    const removed = await this.named.remove(name);
    return removed.ok ? ok(await this.settled(removed.value)) : removed;
  }

  async renew(name: string): Promise<Result<Changed & { key: string }, NamedFault>> {
    const renewed = await this.named.renew(name);
    if (!renewed.ok) return renewed;
    return ok({ ...this.shown(renewed.value.agent), warnings: [], key: renewed.value.key });
  }

  private async settled(agent: NamedAgent): Promise<Changed> {
    const late = { isPending: true, refused: new Map() };
    const warnings: string[] = [];
    try {
      const { refused } = await Promise.race([this.settle(), wait(SETTLE_MS, late, { ref: false })]);
      const refusal = refused.get(agent.name);
      if (refusal !== undefined)
        warnings.push(
          `the ledger does not take its budget (${refusal.code}); its limits hold here all the same`,
        );
    } catch (error) {
      warnings.push(
        `the ledger was not told of its budget: ${messageOf(error)}; its limits hold here all the same`,
      );
    }
    const open = unlimitedWords(this.named.values());
    if (open !== null) warnings.push(open);
    return { ...this.shown(this.named.get(agent.name) ?? agent), warnings };
  }

  private shown(agent: NamedAgent): ShownAgent {
    return { agent, bounds: this.spending.boundsOf(agent, this.nowMs()), inLedger: this.inLedgerOf(agent) };
  }

  private inLedgerOf({ ledgerAgent, hasBudget, isSettled }: NamedAgent): InLedger {
    if (!isSettled) return "on its way";
    if (!hasBudget || ledgerAgent === null) return "none";
    return this.budgets.budgetOf(ledgerAgent, this.nowMs())?.isLive === true ? "live" : "ended";
  }
}
