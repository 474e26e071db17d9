// An acceleration limit: a minute may not use more than so many times what the minute before it used.
import { type Limit, MINUTE_MS, type Over } from "./amounts.js";

export interface AccelerationRule {
  /** what any minute may use, however quiet the one before it */
  readonly floor: number;
  /** how many times the minute before it a minute may use: > 1 */
  readonly growth: number;
}

export class Acceleration {
  private minute: number;
  private used = 0;
  private before = 0;

  constructor(
    private readonly rule: AccelerationRule,
    private readonly limit: Limit,
    nowMs: number,
  ) {
    this.minute = Math.floor(nowMs / MINUTE_MS);
  }

  over(requested: number, nowMs: number): Over | null {
    this.turn(nowMs);
    const most = Math.max(this.rule.floor, Math.floor(this.before * this.rule.growth));
    if (this.used + requested <= most) return null;
    const waitMs = (this.minute + 1) * MINUTE_MS - nowMs;
    return { limit: this.limit, reason: "acceleration", used: this.used, requested, waitMs };
  }

  add(amount: number, nowMs: number): void {
    this.turn(nowMs);
    this.used = Math.max(0, this.used + amount);
  }

  private turn(nowMs: number): void {
    const minute = Math.floor(nowMs / MINUTE_MS);
    if (minute <= this.minute) return;
    this.before = minute === this.minute + 1 ? this.used : 0;
    this.minute = minute;
    this.used = 0;
  }
}
