// A limit kept in the dullest way: all that ever arrived, gone through from the beginning whenever somebody asks.
import type { Limit } from "../../src/quota/index.js";

export interface Arrival {
  readonly atMs: number;
  amount: number;
}

export class DullLimit {
  readonly arrivals: Arrival[] = [];
  /** reserved, but not yet arrived */
  held = 0;
  private readonly rates: { readonly fromMs: number; readonly limit: number }[];

  constructor(
    public limit: Limit,
    nowMs: number,
  ) {
    this.rates = [{ fromMs: nowMs, limit: limit.limit }];
  }

  relimit(limit: Limit, nowMs: number): void {
    this.limit = limit;
    this.rates.push({ fromMs: nowMs, limit: limit.limit });
  }

  arrive(amount: number, atMs: number): Arrival {
    const arrival = { atMs, amount };
    this.arrivals.push(arrival);
    return arrival;
  }

  /** What is used, in units of 1/windowMs: whole numbers, far from 2^53 in all stories. */
  levelAt(nowMs: number): number {
    let level = 0;
    let atMs = Number.NEGATIVE_INFINITY;
    const flow = (untilMs: number) => {
      if (atMs > Number.NEGATIVE_INFINITY && untilMs > atMs) level -= this.flowed(atMs, untilMs);
      if (level < 0) level = 0;
      atMs = Math.max(atMs, untilMs);
    };
    for (const one of this.arrivals) {
      flow(one.atMs);
      level += one.amount * this.limit.windowMs;
    }
    flow(nowMs);
    return level;
  }

  /** Whole units that are used or held. */
  takenAt(nowMs: number): number {
    return Math.ceil(this.levelAt(nowMs) / this.limit.windowMs) + this.held;
  }

  /**
   * Whether so much more is within a part of the limit.
   * @param bp of it, and at least one unit
   * @param keptBp of that part, left to others where there is so much beside the amount
   */
  hasRoom(amount: number, bp: number, nowMs: number, level = this.levelAt(nowMs), keptBp = 0): boolean {
    const { limit, windowMs } = this.limit;
    const most = Math.max(windowMs, Math.floor((limit * windowMs * bp) / 10_000));
    const kept = Math.min(Math.floor((most * keptBp) / 10_000), most - amount * windowMs);
    return level + (this.held + amount) * windowMs + Math.max(0, kept) <= most;
  }

  private flowed(fromMs: number, untilMs: number): number {
    let sum = 0;
    this.rates.forEach(({ fromMs: since, limit }, at) => {
      const start = at === 0 ? fromMs : Math.max(fromMs, since);
      const end = Math.min(untilMs, this.rates[at + 1]?.fromMs ?? untilMs);
      if (end > start) sum += (end - start) * limit;
    });
    return sum;
  }
}
