// The upstream's limiter as the owners' experiment sees it: shared with somebody whom nobody told of, and counted apart.
import type { Amounts, Dimension, Over, Reading } from "../../upstream/amounts.js";
import { type HiddenRule, HiddenUser } from "../../upstream/hidden-user.js";
import { Limiter, type LimiterRules } from "../../upstream/limiter.js";
import type { VirtualClock } from "./virtual-clock.js";

interface Counted {
  readonly atMs: number;
  readonly dimension: Dimension;
  readonly amount: number;
}

/** The hidden user is looked at so often. */
const LOOKS_MS = 50;
const DIMENSIONS: readonly Dimension[] = ["requests", "tokens", "inputTokens", "outputTokens"];

export class CountedUpstream {
  /** of the gateways, and of the hidden user: what was let in */
  readonly counted: Counted[] = [];
  readonly hidden: Counted[] = [];
  /** of the gateways: what was asked for, and refused */
  readonly refused: Counted[] = [];
  private readonly limiter: Limiter;

  constructor(
    rules: LimiterRules,
    hidden: HiddenRule,
    seed: number,
    private readonly clock: VirtualClock,
  ) {
    this.limiter = new Limiter({ ...rules, hidden: null }, seed, 0);
    // It was used before: what is left over would hide for minutes what gateways do not see.
    for (const { dimension, limit } of rules.limits) this.limiter.add(dimension, limit, 0);
    this.ask(new HiddenUser(hidden, seed, 0));
  }

  take(asked: Amounts, nowMs: number): readonly Over[] {
    const over = this.limiter.take(asked, nowMs);
    note(over.length > 0 ? this.refused : this.counted, asked, nowMs);
    return over;
  }

  add(dimension: Dimension, amount: number, nowMs: number): void {
    this.limiter.add(dimension, amount, nowMs);
    this.counted.push({ atMs: nowMs, dimension, amount });
  }

  readings(nowMs: number): readonly Reading[] {
    return this.limiter.readings(nowMs);
  }

  /** The hidden user asks when it will, and whatever is refused to it is gone. */
  private ask(user: HiddenUser): void {
    const nowMs = this.clock.nowMs();
    for (const _ of user.arrivalsUntil(nowMs))
      if (this.limiter.take(user.asked, nowMs).length === 0) note(this.hidden, user.asked, nowMs);
    this.clock.at(nowMs + LOOKS_MS, () => this.ask(user));
  }
}

const note = (list: Counted[], amounts: Amounts, atMs: number): void => {
  for (const dimension of DIMENSIONS) list.push({ atMs, dimension, amount: amounts[dimension] });
};

/** What was counted of a dimension in a time. */
export const sumOf = (list: readonly Counted[], dimension: Dimension, fromMs: number, toMs: number): number =>
  list.reduce(
    (sum, one) =>
      one.dimension === dimension && one.atMs >= fromMs && one.atMs < toMs ? sum + one.amount : sum,
    0,
  );
