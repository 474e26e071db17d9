// Budgets of a ledger that has not begun when the gateway serves, and has later.
import type { LedgerBudget } from "../spending/bounds.js";
import type { BudgetsOfLedger } from "../spending/spending.js";

export class ComingBudgets implements BudgetsOfLedger {
  private ledger: BudgetsOfLedger | null = null;
  private begin: () => void = () => undefined;
  private readonly begun = new Promise<void>((resolve) => {
    this.begin = resolve;
  });

  /** It has begun. */
  join(ledger: BudgetsOfLedger): void {
    this.ledger = ledger;
    this.begin();
  }

  get begins(): Promise<void> | null {
    return this.ledger === null ? this.begun : null;
  }

  get trouble(): string | null {
    return this.ledger === null ? "its peer has not begun" : this.ledger.trouble;
  }

  budgetOf(agent: string, nowMs: number): LedgerBudget | null {
    return this.ledger?.budgetOf(agent, nowMs) ?? null;
  }
}
