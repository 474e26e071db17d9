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
  /** when it flowed off last; before anything is used any time will do */
  private atMs = Number.NEGATIVE_INFINITY;
  private of: Limit;
  private rate = 0n;
  private most = 0n;
  private readonly windowMs: bigint;

  /** @param headroomBp of the limit that is left alone, 0 to 9,999; never its last unit */
  constructor(
    limit: Limit,
    private readonly output: OutputCount,
    private readonly headroomBp: number,
  ) {
    invariant(Number.isSafeInteger(limit.windowMs) && limit.windowMs > 0, "a window is a whole number of ms");
    invariant(headroomBp >= 0 && headroomBp < WHOLE_BP, "headroom is less than all");
    this.windowMs = BigInt(limit.windowMs);
    this.of = limit;
    this.measure();
  }

  get limit(): Limit {
    return this.of;
  }

  /** Whole units that may be used or reserved, headroom not among them. */
  get whole(): number {
    return Number(this.most / this.windowMs);
  }

  /** Another figure from now on; what is used stays used. */
  relimit(limit: Limit, nowMs: number): void {
    invariant(limit.dimension === this.of.dimension && limit.windowMs === this.of.windowMs, "same limit");
    this.flow(nowMs);
    this.of = limit;
    this.measure();
  }

  /** Whole units that are used or reserved, rounded up. */
  takenAt(nowMs: number): number {
    return this.usedAt(nowMs) + this.held;
  }

  /** Whether a use fits once nothing else is used or reserved. */
  everFits(use: Use): boolean {
    return this.scaled(wholeOf(this.count(use))) <= this.most;
  }

  /** Milliseconds until a use fits: 0, it does; null: not before something that runs is over. */
  msUntilFits(use: Use, nowMs: number): number | null {
    this.flow(nowMs);
    const room = this.most - this.scaled(wholeOf(this.count(use)) + this.held);
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

  private measure(): void {
    const { limit } = this.of;
    invariant(Number.isSafeInteger(limit) && limit > 0, "a limit is a whole number above 0");
    this.rate = BigInt(limit);
    const most = (this.rate * this.windowMs * BigInt(WHOLE_BP - this.headroomBp)) / BigInt(WHOLE_BP);
    this.most = most < this.windowMs ? this.windowMs : most;
  }

  private count(use: Use): Count {
    const { sent, written } = countIn(this.of.dimension, use);
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
    if (this.used > 0n) {
      const off = BigInt(nowMs - this.atMs) * this.rate;
      this.used = off >= this.used ? 0n : this.used - off;
    }
    this.atMs = nowMs;
  }

  private scaled(amount: number): bigint {
    return BigInt(amount) * this.windowMs;
  }
}

const wholeOf = ({ sent, written }: Count): number => sent + written;
