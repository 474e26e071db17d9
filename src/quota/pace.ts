// How closely requests may follow each other, where an upstream enforces a limit of requests in short bursts too.
import { invariant } from "../base/index.js";
import type { Limit } from "./amounts.js";
import { WHOLE_PARTS } from "./parts.js";

/**
 * Exact: what is behind is kept in units of 1/(1,000 · windowMs) requests, of which `limit · parts` flow off each millisecond. Of a key
 * that several gateways share each keeps its own: one request of each may begin at once, however small its part.
 */
export class Pace {
  private behind = 0n;
  private atMs = Number.NEGATIVE_INFINITY;
  private rate = 0n;
  private most = 0n;
  private request = 0n;

  /** @param burstMs how much of a window may be used at once, > 0; one request always may @param parts of 1,000 of the limit */
  constructor(limit: Limit, burstMs: number, parts = WHOLE_PARTS) {
    this.relimit(limit, burstMs, parts);
  }

  /** Another figure from now on; what was begun stays begun. */
  relimit({ dimension, limit, windowMs }: Limit, burstMs: number, parts: number, nowMs = this.atMs): void {
    this.flow(nowMs);
    invariant(dimension === "requests", "only requests are bursts");
    invariant(Number.isSafeInteger(burstMs) && burstMs > 0, "a burst is a whole number of ms");
    this.rate = BigInt(limit) * BigInt(parts);
    this.request = BigInt(windowMs) * BigInt(WHOLE_PARTS);
    this.most = this.rate * BigInt(burstMs);
    if (this.most < this.request) this.most = this.request;
  }

  /** Milliseconds until one more may begin. Parts are more than 0. */
  msUntilFree(nowMs: number): number {
    this.flow(nowMs);
    const over = this.behind + this.request - this.most;
    return over <= 0n ? 0 : Number((over + this.rate - 1n) / this.rate);
  }

  begin(nowMs: number): void {
    this.flow(nowMs);
    this.behind += this.request;
  }

  private flow(nowMs: number): void {
    if (nowMs <= this.atMs) return;
    if (this.behind > 0n) {
      const off = BigInt(nowMs - this.atMs) * this.rate;
      this.behind = off >= this.behind ? 0n : this.behind - off;
    }
    this.atMs = nowMs;
  }
}
