// A limit of a calendar day: what is used stays used until midnight where the upstream lives.
import { DAY_MS, type Limit, type Over, type Reading } from "./amounts.js";
import type { Meter } from "./bucket.js";

/** Days begin at midnight in Pacific standard time, all year. */
const WEST_MS = 8 * 3_600_000;

export class DayCount implements Meter {
  private used = 0;
  private day: number;

  constructor(
    private readonly limit: Limit,
    nowMs: number,
  ) {
    this.day = dayOf(nowMs);
  }

  over(requested: number, nowMs: number): Over | null {
    this.turn(nowMs);
    if (this.used + requested <= this.limit.limit) return null;
    const waitMs = requested > this.limit.limit ? null : msToMidnight(nowMs);
    return { limit: this.limit, reason: "limit", used: this.used, requested, waitMs };
  }

  add(amount: number, nowMs: number): void {
    this.turn(nowMs);
    this.used = Math.max(0, this.used + amount);
  }

  reading(nowMs: number): Reading {
    this.turn(nowMs);
    const resetMs = this.used === 0 ? 0 : msToMidnight(nowMs);
    return { limit: this.limit, used: this.used, remaining: this.limit.limit - this.used, resetMs };
  }

  private turn(nowMs: number): void {
    const day = dayOf(nowMs);
    if (day <= this.day) return;
    this.day = day;
    this.used = 0;
  }
}

const dayOf = (nowMs: number): number => Math.floor((nowMs - WEST_MS) / DAY_MS);
const msToMidnight = (nowMs: number): number => (dayOf(nowMs) + 1) * DAY_MS + WEST_MS - nowMs;
