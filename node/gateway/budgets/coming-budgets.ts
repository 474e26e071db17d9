// Budgets of a ledger that has not begun when the gateway serves, and has later.
import { Once } from "../once.js";
import type { LedgerBudget } from "../spending/bounds.js";
import type { BudgetsOfLedger } from "../spending/spending.js";

export class ComingBudgets implements BudgetsOfLedger {
  private ledger: BudgetsOfLedger | null = null;
  private readonly joined = new Once();

  /** It has begun. */
  join(ledger: BudgetsOfLedger): void {
    this.ledger = ledger;
    this.joined.happen();
  }

  get begun(): Once | null {
    return this.ledger === null ? this.joined : null;
  }

  get trouble(): string | null {
    return this.ledger === null ? "its peer has not begun" : this.ledger.trouble;
  }

  budgetOf(agent: string, nowMs: number): LedgerBudget | null {
    return this.ledger?.budgetOf(agent, nowMs) ?? null;
  }
}
