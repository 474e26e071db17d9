// Whose key it is: its limits, apart for each model, and what it has left to pay with.
import { Limiter, type LimiterRules } from "./limiter.js";

export interface CustomerRules {
  readonly key: string;
  readonly limits: LimiterRules;
  /** tokens that were paid for; null: as many as it likes */
  readonly paidTokens: number | null;
}

export class Customer {
  private readonly limiters = new Map<string, Limiter>();
  private spent = 0;

  constructor(
    private readonly rules: CustomerRules,
    private readonly seed: number,
  ) {}

  get isSpent(): boolean {
    return this.rules.paidTokens !== null && this.spent >= this.rules.paidTokens;
  }

  spend(tokens: number): void {
    this.spent += tokens;
  }

  limiterOf(model: string, nowMs: number): Limiter {
    const known = this.limiters.get(model);
    if (known !== undefined) return known;
    const limiter = new Limiter(this.rules.limits, this.seed, nowMs);
    this.limiters.set(model, limiter);
    return limiter;
  }
}
