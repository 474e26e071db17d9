// One limit: `used + requested > limit` is refused, and what is used flows off, a whole limit in a window.
import { invariant } from "../../src/base/index.js";
import type { Limit, Over, Reading } from "./amounts.js";

/** What counts against one limit. */
export interface Meter {
  /** What keeps a request of so many out; null: it fits. Counts nothing. */
  over(requested: number, nowMs: number): Over | null;
  /** Counts so many as used; fewer than none gives back. */
  add(amount: number, nowMs: number): void;
  reading(nowMs: number): Reading;
}

/** Exact: what is used is kept in units of 1/windowMs, of which `limit` flow off in a millisecond. */
export class Bucket implements Meter {
  private used = 0n;
  private atMs: number;
  private readonly rate: bigint;
  private readonly windowMs: bigint;
  private readonly most: bigint;

  /**
   * @param burstMs how much of the window may be used at once: all of it, or of `1 per second for 60 per minute` 1,000. One
   *   request always may.
   */
  constructor(
    private readonly limit: Limit,
    nowMs: number,
    private readonly burstMs = limit.windowMs,
  ) {
    invariant(Number.isSafeInteger(limit.limit) && limit.limit > 0, "a limit is an integer above 0");
    invariant(Number.isSafeInteger(limit.windowMs) && limit.windowMs > 0, "a window is an integer of ms");
    this.rate = BigInt(limit.limit);
    this.windowMs = BigInt(limit.windowMs);
    const atOnce = this.rate * BigInt(burstMs);
    this.most = atOnce > this.windowMs ? atOnce : this.windowMs;
    this.atMs = nowMs;
  }

  over(requested: number, nowMs: number): Over | null {
    const asked = BigInt(requested) * this.windowMs;
    this.flow(nowMs);
    if (this.used + asked <= this.most) return null;
    const used = this.usedUp();
    // Told from the whole figures that refusals name, as recorded ones are.
    const beyond = BigInt(used) * this.windowMs + asked - this.most;
    return {
      limit: this.limit,
      reason: this.burstMs < this.limit.windowMs ? "burst" : "limit",
      used,
      requested,
      waitMs: asked > this.most ? null : Number(beyond / this.rate),
    };
  }

  add(amount: number, nowMs: number): void {
    this.flow(nowMs);
    const used = this.used + BigInt(amount) * this.windowMs;
    this.used = used > 0n ? used : 0n;
  }

  reading(nowMs: number): Reading {
    this.flow(nowMs);
    const used = this.usedUp();
    const resetMs = Number((BigInt(used) * this.windowMs) / this.rate);
    return { limit: this.limit, used, remaining: this.limit.limit - used, resetMs };
  }

  private usedUp(): number {
    return Number((this.used + this.windowMs - 1n) / this.windowMs);
  }

  private flow(nowMs: number): void {
    if (nowMs <= this.atMs) return;
    const off = BigInt(nowMs - this.atMs) * this.rate;
    this.used = off < this.used ? this.used - off : 0n;
    this.atMs = nowMs;
  }
}
