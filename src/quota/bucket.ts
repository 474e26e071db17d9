// One limit as upstreams keep it: what was used flows off continuously, a whole limit in a window.
import { invariant } from "../base/index.js";
import { type Count, countIn, type Limit, type OutputCount, type Use } from "./amounts.js";

/** Basis points. */
const WHOLE_BP = 10_000;

/** What a bucket had counted when a request went out: what an answer may be compared with. */
export interface Mark {
  readonly used: number;
  readonly added: number;
}

/** Exact: what is used is kept in units of 1/windowMs, of which `limit` flow off each millisecond. */
export class Bucket {
  private used = 0n;
  /** reserved for what is still being written: it flows off only once it is counted as used */
  private held = 0;
  /** all that was ever counted as used */
  private added = 0;
  private atMs: number;
  private readonly rate: bigint;
  private readonly windowMs: bigint;
  private readonly most: bigint;

  /** @param headroomBp of the limit that is left alone, 0 to 9,999 */
  constructor(
    readonly limit: Limit,
    private readonly output: OutputCount,
    headroomBp: number,
    nowMs: number,
  ) {
    invariant(Number.isSafeInteger(limit.limit) && limit.limit > 0, "a limit is a whole number above 0");
    invariant(Number.isSafeInteger(limit.windowMs) && limit.windowMs > 0, "a window is a whole number of ms");
    invariant(headroomBp >= 0 && headroomBp < WHOLE_BP, "headroom is less than all");
    this.rate = BigInt(limit.limit);
    this.windowMs = BigInt(limit.windowMs);
    this.most = (this.rate * this.windowMs * BigInt(WHOLE_BP - headroomBp)) / BigInt(WHOLE_BP);
    this.atMs = nowMs;
  }

  /** Whole units that are used or reserved, rounded up. */
  takenAt(nowMs: number): number {
    return this.usedAt(nowMs) + this.held;
  }

  /** Whether a use fits once nothing else is used or reserved. */
  everFits(use: Use): boolean {
    return this.scaled(whole(this.count(use))) <= this.most;
  }

  /** Milliseconds until a use fits: 0, it does; null: not before something that runs is over. */
  msUntilFits(use: Use, nowMs: number): number | null {
    this.flow(nowMs);
    const room = this.most - this.scaled(whole(this.count(use)) + this.held);
    if (room < 0n) return null;
    const over = this.used - room;
    return over <= 0n ? 0 : Number((over + this.rate - 1n) / this.rate);
  }

  /** Reserves a use: what counts as it is sent is used from now on. */
  reserve(use: Use, nowMs: number): Mark {
    const { sent, written } = this.count(use);
    this.held += written;
    this.add(sent, nowMs);
    return { used: this.usedAt(nowMs), added: this.added };
  }

  /** What was reserved gives way to what was used; null: nothing was, not even a request. */
  settle(reserved: Use, used: Use | null, nowMs: number): void {
    const before = this.count(reserved);
    const after = used === null ? { sent: 0, written: 0 } : this.count(used);
    this.held -= before.written;
    invariant(this.held >= 0, "what is settled was reserved");
    this.add(after.sent - before.sent + after.written, nowMs);
  }

  /**
   * The upstream says what is used; whatever is beyond what was counted here is somebody else's, and counts too.
   * @param mark when the request was sent whose answer says so
   * @returns what somebody else must have used
   */
  observe(usedUpstream: number, mark: Mark, nowMs: number): number {
    const foreign = usedUpstream - (mark.used + this.added - mark.added);
    if (foreign <= 0) return 0;
    this.add(foreign, nowMs);
    return foreign;
  }

  private count(use: Use): Count {
    const { sent, written } = countIn(this.limit.dimension, use);
    return this.output === "asked" ? { sent: sent + written, written: 0 } : { sent, written };
  }

  private usedAt(nowMs: number): number {
    this.flow(nowMs);
    return Number((this.used + this.windowMs - 1n) / this.windowMs);
  }

  private add(amount: number, nowMs: number): void {
    this.flow(nowMs);
    this.added += amount;
    const used = this.used + this.scaled(amount);
    this.used = used < 0n ? 0n : used;
  }

  private flow(nowMs: number): void {
    if (nowMs <= this.atMs) return;
    const off = BigInt(nowMs - this.atMs) * this.rate;
    this.used = off >= this.used ? 0n : this.used - off;
    this.atMs = nowMs;
  }

  private scaled(amount: number): bigint {
    return BigInt(amount) * this.windowMs;
  }
}

const whole = ({ sent, written }: Count): number => sent + written;
