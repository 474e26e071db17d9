// What one key may use of one model: all its limits, judged together and counted together.
import { Acceleration, type AccelerationRule } from "./acceleration.js";
import type { Amounts, Dimension, Limit, Over, Reading } from "./amounts.js";
import { Bucket, type Meter } from "./bucket.js";
import { DayCount } from "./day-count.js";
import { type HiddenRule, HiddenUser } from "./hidden-user.js";

export interface LimiterRules {
  readonly limits: readonly Limit[];
  /** requests are also held to their rate over so short a time; null: only over the whole window */
  readonly burstMs: number | null;
  /** a refused request counts as a request all the same */
  readonly countsFailed: boolean;
  /** of input */
  readonly acceleration: AccelerationRule | null;
  readonly hidden: HiddenRule | null;
}

export class Limiter {
  private readonly meters: readonly (readonly [Limit, Meter])[];
  private readonly bursts: readonly Bucket[];
  private readonly acceleration: Acceleration | null;
  private readonly hidden: HiddenUser | null;

  constructor(
    private readonly rules: LimiterRules,
    seed: number,
    nowMs: number,
  ) {
    const { limits, burstMs, acceleration, hidden } = rules;
    this.meters = limits.map((limit) => [
      limit,
      limit.ends === "midnight" ? new DayCount(limit, nowMs) : new Bucket(limit, nowMs),
    ]);
    this.bursts = limits
      .filter(({ dimension, windowMs }) => dimension === "requests" && burstMs !== null && burstMs < windowMs)
      .map((limit) => new Bucket(limit, nowMs, burstMs!));
    const input = limits.find(({ dimension }) => dimension === "inputTokens" || dimension === "tokens");
    this.acceleration =
      acceleration === null || input === undefined ? null : new Acceleration(acceleration, input, nowMs);
    this.hidden = hidden === null ? null : new HiddenUser(hidden, seed, nowMs);
  }

  /** Counts a request that fits every limit; of one that does not, all limits it would pass. */
  take(asked: Amounts, nowMs: number): readonly Over[] {
    this.letHiddenUserAsk(nowMs);
    return this.judge(asked, nowMs);
  }

  /** Counts what is written as it is written, or gives back what was asked and not used. */
  add(dimension: Dimension, amount: number, nowMs: number): void {
    if (amount === 0) return;
    for (const [limit, meter] of this.meters) if (limit.dimension === dimension) meter.add(amount, nowMs);
  }

  /** Where each limit stands, in the order of the rules. */
  readings(nowMs: number): readonly Reading[] {
    this.letHiddenUserAsk(nowMs);
    return this.meters.map(([, meter]) => meter.reading(nowMs));
  }

  private letHiddenUserAsk(nowMs: number): void {
    if (this.hidden === null) return;
    for (const atMs of this.hidden.arrivalsUntil(nowMs)) this.judge(this.hidden.asked, atMs);
  }

  private judge(asked: Amounts, nowMs: number): readonly Over[] {
    const over = [
      ...this.meters.map(([{ dimension }, meter]) => meter.over(asked[dimension], nowMs)),
      ...this.bursts.map((burst) => burst.over(asked.requests, nowMs)),
      this.acceleration?.over(asked.inputTokens, nowMs) ?? null,
    ].filter((one) => one !== null);
    const isRefused = over.length > 0;
    if (isRefused && !this.rules.countsFailed) return over;
    for (const [{ dimension }, meter] of this.meters) {
      if (!isRefused || dimension === "requests") meter.add(asked[dimension], nowMs);
    }
    for (const burst of this.bursts) burst.add(asked.requests, nowMs);
    if (!isRefused) this.acceleration?.add(asked.inputTokens, nowMs);
    return over;
  }
}
