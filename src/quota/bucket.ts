// One limit as upstreams keep it: what was used flows off continuously, a whole limit in a window.
import { invariant } from "../base/index.js";
import { type Count, countIn, type Limit, type OutputCount, type Use } from "./amounts.js";
import { Level } from "./level.js";

/** Basis points. */
const WHOLE_BP = 10_000;
/** So many windows of a limit are counted for one request, at most, whatever it asked for or is said to have used. */
const MOST_WINDOWS = 2;

/** What a bucket had counted when a request went out: what an answer may be compared with, and what it is settled by. */
export interface Mark {
  /** what counted as it was sent, and what was found out since to count beside that */
  readonly sent: readonly Arrived[];
  readonly written: number;
  readonly used: number;
  readonly added: number;
}

/** What counts since it arrived. */
interface Arrived {
  readonly arrival: number;
  readonly amount: number;
}

/** Exact: what is used is kept in units of 1/windowMs, of which `limit` flow off each millisecond. */
export class Bucket {
  private readonly level = new Level();
  /** reserved for what is still being written: it flows off only once it is counted as used */
  private held = 0;
  /** left to somebody else of the key, who uses it before an answer tells */
  private ahead = 0;
  /** all that was ever counted as used */
  private added = 0;
  /** when it flowed off last; before anything is used any time will do */
  private atMs = Number.NEGATIVE_INFINITY;
  private of: Limit;
  private rate = 0n;
  private most = 0n;
  private readonly windowMs: bigint;

  /**
   * @param headroomBp of the limit that is left alone, 0 to 9,999; never its last unit
   * @param knownFromMs until then what is used and was not counted here may be one's own, of a time before
   */
  constructor(
    limit: Limit,
    private readonly output: OutputCount,
    private readonly headroomBp: number,
    private readonly knownFromMs = Number.NEGATIVE_INFINITY,
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

  /**
   * Milliseconds until a use fits: 0, it does; null: not before something that runs is over.
   * @param keptBp of all that may be used, left to others; of a use for which too little were left, what it leaves. The same goes
   * for what is left to somebody else of the key
   */
  msUntilFits(use: Use, nowMs: number, keptBp = 0): number | null {
    this.flow(nowMs);
    const own = this.most - this.scaled(wholeOf(this.count(use)));
    if (own < 0n) return null;
    const kept = (this.most * BigInt(keptBp)) / BigInt(WHOLE_BP) + this.scaled(this.ahead);
    const room = own - (kept < own ? kept : own) - this.scaled(this.held);
    if (room < 0n) return null;
    const over = this.level.used - room;
    return over <= 0n ? 0 : Number((over + this.rate - 1n) / this.rate);
  }

  /** So many units were used at an earlier time, in all. */
  recallTaken(taken: number, atMs: number): void {
    invariant(this.added === 0, "what was used is recalled before anything else is");
    this.add(taken, atMs);
  }

  /** Reserves a use: what counts as it is sent is used from now on. */
  reserve(use: Use, nowMs: number): Mark {
    const { sent, written } = this.counted(use);
    this.held += written;
    const arrived = this.arrive(sent, nowMs);
    return { sent: [arrived], written, used: this.usedAt(nowMs), added: this.added };
  }

  /** What was reserved is known better: less counts as if it had been known when it was sent, more from now on. */
  correct(mark: Mark, use: Use, nowMs: number): Mark {
    const { sent, written } = this.counted(use);
    this.held += written - mark.written;
    invariant(this.held >= 0, "what is corrected was reserved");
    return { ...mark, sent: this.amended(mark.sent, sent, nowMs), written };
  }

  /** What was reserved gives way to what was used, as it is corrected. @param used null: nothing was, not even a request */
  settle(mark: Mark, used: Use | null, nowMs: number): void {
    const { sent, written } = used === null ? NOTHING : this.counted(used);
    this.held -= mark.written;
    invariant(this.held >= 0, "what is settled was reserved");
    for (const { arrival } of this.amended(mark.sent, sent, nowMs)) this.level.close(arrival);
    this.add(written, nowMs);
  }

  /**
   * The upstream says what is used; whatever is beyond what was counted here is somebody else's, and counts too.
   * @param mark when the request was sent whose answer says so
   * @returns what somebody else must have used
   */
  observe(usedUpstream: number, mark: Mark, nowMs: number): number {
    const foreign = Math.min(usedUpstream, this.mostBelieved) - (mark.used + this.added - mark.added);
    if (foreign <= 0) return 0;
    this.add(foreign, nowMs);
    return nowMs < this.knownFromMs ? 0 : foreign;
  }

  /** So much is left to somebody else of the key from now on: whole units, ≥ 0. It is not used, nor suspected, before an answer tells of it. */
  leave(ahead: number): void {
    this.ahead = ahead;
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

  /** Of one request, or of one answer's word about all: more than that would keep everybody away for what may be a lie. */
  private get mostBelieved(): number {
    return MOST_WINDOWS * this.of.limit;
  }

  private counted(use: Use): Count {
    const { sent, written } = this.count(use);
    const believed = Math.min(sent, this.mostBelieved);
    return { sent: believed, written: Math.min(written, this.mostBelieved - believed) };
  }

  private usedAt(nowMs: number): number {
    this.flow(nowMs);
    return Number((this.level.used + this.windowMs - 1n) / this.windowMs);
  }

  private add(amount: number, nowMs: number): void {
    if (amount > 0) this.level.close(this.arrive(amount, nowMs).arrival);
  }

  private arrive(amount: number, nowMs: number): Arrived {
    this.flow(nowMs);
    this.added += amount;
    return { arrival: this.level.arrive(this.scaled(amount)), amount };
  }

  /** What arrived is another amount in all: what came last is given back first. */
  private amended(arrived: readonly Arrived[], amount: number, nowMs: number): readonly Arrived[] {
    let less = arrived.reduce((sum, one) => sum + one.amount, -amount);
    if (less < 0) return [...arrived, this.arrive(-less, nowMs)];
    this.flow(nowMs);
    this.added -= less;
    return arrived
      .toReversed()
      .map(({ arrival, amount }) => {
        const part = Math.min(less, amount);
        less -= part;
        this.level.giveBack(arrival, this.scaled(part));
        return { arrival, amount: amount - part };
      })
      .toReversed();
  }

  private flow(nowMs: number): void {
    if (nowMs <= this.atMs) return;
    if (this.level.used > 0n) this.level.fall(BigInt(nowMs - this.atMs) * this.rate);
    this.atMs = nowMs;
  }

  private scaled(amount: number): bigint {
    return BigInt(amount) * this.windowMs;
  }
}

const NOTHING: Count = { sent: 0, written: 0 };

const wholeOf = ({ sent, written }: Count): number => sent + written;
