// Whose key it is: its limits, apart for each model, and what it has left to pay with.
import { Limiter, type LimiterRules } from "./limiter.js";

export interface AccountRules {
  readonly key: string;
  readonly limits: LimiterRules;
  /** tokens that were paid for; null: as many as it likes */
  readonly credit: number | null;
}

export class Account {
  private readonly limiters = new Map<string, Limiter>();
  private spent = 0;

  constructor(
    private readonly rules: AccountRules,
    private readonly seed: number,
  ) {}

  get isSpent(): boolean {
    return this.rules.credit !== null && this.spent >= this.rules.credit;
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
