// The gate that money keeps: a request is let go if every level above it can pay for it, judged at the moment it is sent.
import { type NamedAgent, whoOf } from "../named/named-agent.js";
import type { Once } from "../once.js";
import type { Terms } from "../terms.js";
import { type Bound, boundsOf, type LedgerBudget, type Level, type Purse } from "./bounds.js";
import { type Judgement, judge, type Over } from "./judgement.js";

/** Budgets as the ledger has them. */
export interface BudgetsOfLedger {
  /** given once its peer runs, of which budgets are read; null: it does */
  readonly begun: Once | null;
  /** why it cannot be read now; null: it can */
  readonly trouble: string | null;
  /** Of an agent of the ledger, in hexadecimal, at a time since 1970; null: it has none. */
  budgetOf(agent: string, nowMs: number): LedgerBudget | null;
}

export const NO_LEDGER: BudgetsOfLedger = { begun: null, trouble: null, budgetOf: () => null };

/** Who pays for a request. */
export type Paying = Pick<Terms, "line" | "payers">;

/** Limits that were told of, at most. */
const MOST_TOLD = 10_000;

export class Spending {
  private readonly told = new Set<string>();

  constructor(
    private readonly purse: Purse,
    private readonly ledger: BudgetsOfLedger,
    /** what happens to agents with a budget while the ledger cannot be read */
    private readonly fail: "open" | "closed",
    /** told once of each limit in each of its windows, when little of it is left */
    private readonly onNear: (near: Bound) => void,
  ) {}

  /** What a request has to wait for before it can be judged: the start of the ledger that holds a budget of these agents; null: nothing. */
  beginsFor({ line }: Paying): Once | null {
    return line.some(({ hasBudget }) => hasBudget) ? this.ledger.begun : null;
  }

  /**
   * Whether a request may be sent now. What it may cost has to be set aside before anything else is judged: in the same
   * turn of the event loop.
   * @param cost in whole micro-credits ≥ 0 @param nowMs since 1970 @param most as `judge` has it
   */
  maySpend(paying: Paying, cost: number, nowMs: number, most = cost): Judgement {
    const judgement = this.judged(paying, cost, nowMs, most);
    for (const bound of judgement.near) this.tell(bound);
    return judgement;
  }

  /** Why a request need not wait for its turn; what is set aside for others may be free by then. */
  mayWait(paying: Paying, cost: number, nowMs: number, most = cost): Over | null {
    const { over } = this.judged(paying, cost, nowMs, most);
    return over?.kind === "exceeded" && over.isForNow ? null : over;
  }

  /** The limits of an agent as they stand, its own alone. @param nowMs since 1970 */
  boundsOf(agent: NamedAgent, nowMs: number): readonly Bound[] {
    return boundsOf(this.levelOf(agent, null, nowMs), this.purse, nowMs);
  }

  private judged({ line, payers }: Paying, cost: number, nowMs: number, most: number): Judgement {
    const { trouble } = this.ledger;
    const bound = trouble === null || this.fail === "open" ? undefined : line.find((one) => one.hasBudget);
    if (bound !== undefined)
      return { over: { kind: "unreadable", level: bound.name, why: trouble! }, near: [], cost };
    const session = sessionIn(payers.slice(0, payers.length - line.length));
    const levels = line.map((agent) => this.levelOf(agent, session, nowMs));
    return judge(levels, this.purse, cost, nowMs, most);
  }

  private levelOf(agent: NamedAgent, session: string | null, nowMs: number): Level {
    const { name, limits, countedFrom } = agent;
    return { name, who: whoOf(name), limits, countedFrom, session, budget: this.budgetOf(agent, nowMs) };
  }

  /** One that is not in the ledger, though the ledger was told of it, was closed there by somebody. */
  private budgetOf({ ledgerAgent, hasBudget, isSettled }: NamedAgent, nowMs: number): LedgerBudget | null {
    if (!hasBudget || ledgerAgent === null || this.ledger.trouble !== null) return null;
    return this.ledger.budgetOf(ledgerAgent, nowMs) ?? (isSettled ? CLOSED : null);
  }

  private tell(bound: Bound): void {
    const { who, window, most, resetsMs } = bound;
    const key = JSON.stringify([who, window, most, resetsMs]);
    if (this.told.has(key)) return;
    this.told.add(key);
    const [oldest] = this.told;
    if (this.told.size > MOST_TOLD) this.told.delete(oldest!);
    this.onNear(bound);
  }
}

const CLOSED: LedgerBudget = { isLive: false, perDay: 0n, usedToday: 0n, total: null, usedInAll: 0n };

/** The topmost session that a client names: those below it are its own. One that names none has none. */
function sessionIn(callers: readonly string[]): string | null {
  const top = callers.at(-1) ?? null;
  return top?.startsWith("client:") ? null : top;
}
