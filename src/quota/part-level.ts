// What is used of one gateway's part of a limit: it flows off, is corrected, and is moved to others of the key.
import { invariant } from "../base/index.js";
import type { Limit } from "./amounts.js";
import { Drain } from "./drain.js";
import { Level } from "./level.js";
import { Others } from "./others.js";
import { BILLIONTHS_A_PART, type Borrowed, type Flowed, type ToldLevel, WHOLE_PARTS } from "./parts.js";
import { atLeast0, least, up } from "./whole.js";

/** What counts since it arrived: so many of the dimension. */
export interface Arrived {
  readonly arrival: number;
  readonly amount: number;
}

/**
 * Exact: kept in grains of 1/(1,000 · windowMs), of which `limit · parts` flow off each millisecond. The levels of all that share a
 * key are together never less than the upstream's: what one gains counts as used, and what is lent as used by the lender
 * (spec/gateway#parts-and-loans).
 */
export class PartLevel {
  private readonly level = new Level();
  private readonly drain = new Drain();
  private readonly others = new Others();
  /** borrowed beyond what is used: for what begins at once */
  credit = 0n;
  /** all that was ever counted as used, here and by others of the key, less what is theirs */
  private added = 0n;
  /** when it flowed off last; before anything is used any time will do */
  private atMs = Number.NEGATIVE_INFINITY;
  private parts: number;

  /** @param parts of 1,000 */
  constructor(
    private of: Limit,
    parts: number,
  ) {
    invariant(Number.isSafeInteger(of.windowMs) && of.windowMs > 0, "a window is a whole number of ms");
    this.parts = checked(parts);
  }

  get limit(): Limit {
    return this.of;
  }

  get ofWhole(): number {
    return this.parts;
  }

  /** grains */
  get used(): bigint {
    return this.level.used;
  }

  /** One of the dimension, in grains. */
  get unit(): bigint {
    return BigInt(this.of.windowMs) * BigInt(WHOLE_PARTS);
  }

  /** What flows off in a ms, in grains. */
  get rate(): bigint {
    return BigInt(this.of.limit) * BigInt(this.parts);
  }

  /** Nothing was ever used. */
  get isNew(): boolean {
    return this.added === 0n;
  }

  /** What is counted by now: what answers are compared with later. */
  knownBy(nowMs: number): Known {
    return { used: this.used + this.others.usedAt(nowMs), added: this.added };
  }

  /** What was known of at a time, and everything that arrived since, in whole units, rounded up. */
  knownSince({ used, added }: Known): number {
    return Number(up(used + this.added - added, this.unit));
  }

  /** Another figure from now on; what is used stays used. */
  relimit(limit: Limit, nowMs: number): void {
    invariant(limit.dimension === this.of.dimension && limit.windowMs === this.of.windowMs, "same limit");
    this.flow(nowMs);
    this.drain.relimit(this.of);
    this.of = limit;
  }

  /**
   * Other parts from now on. What is gained counts as used: whoever had it may have used it. What is lost is used by whoever
   * gains it.
   */
  setParts(parts: number, nowMs: number): void {
    this.flow(nowMs);
    const gained = checked(parts) - this.parts;
    this.parts = parts;
    if (gained > 0) this.fill(this.partsOf(gained));
    else this.drop(least(this.partsOf(-gained), atLeast0(this.used - this.partsOf(parts))));
  }

  flow(nowMs: number): void {
    if (nowMs <= this.atMs) return;
    const before = this.used;
    if (before > 0n) {
      this.level.fall(BigInt(nowMs - this.atMs) * this.rate);
      this.drain.flow(before - this.used);
    }
    this.atMs = nowMs;
  }

  /** So many of the dimension are used from now on, until they are closed perhaps more or less. */
  arrive(amount: number, nowMs: number): Arrived {
    this.flow(nowMs);
    const grains = BigInt(amount) * this.unit;
    this.added += grains;
    return { arrival: this.level.arrive(grains), amount };
  }

  close({ arrival }: Arrived): void {
    this.level.close(arrival);
  }

  /** What arrived is another amount in all: what came last is given back first. */
  amended(arrived: readonly Arrived[], amount: number, nowMs: number): readonly Arrived[] {
    let less = arrived.reduce((sum, one) => sum + one.amount, -amount);
    if (less < 0) return [...arrived, this.arrive(-less, nowMs)];
    this.flow(nowMs);
    const grains = BigInt(less) * this.unit;
    const before = this.used;
    const amended = arrived
      .toReversed()
      .map((one) => {
        const part = Math.min(less, one.amount);
        less -= part;
        this.level.giveBack(one.arrival, BigInt(part) * this.unit);
        return { ...one, amount: one.amount - part };
      })
      .toReversed();
    this.added -= grains;
    this.drain.undo(grains - (before - this.used));
    return amended;
  }

  /** So many billionths of the key's limit count as used here, for another of the key. */
  lend(share: number, nowMs: number): void {
    this.flow(nowMs);
    const grains = up(this.partsOf(1) * BigInt(share), BigInt(BILLIONTHS_A_PART));
    this.fill(grains);
    this.drain.lend(grains);
  }

  /** What is lent to this gateway, less what has flowed off meanwhile. Beyond what is used here it is `credit`. */
  borrow({ share, parts, standsMs, elapsedMs }: Borrowed, nowMs: number): void {
    this.flow(nowMs);
    const lent = (this.partsOf(1) * BigInt(share)) / BigInt(BILLIONTHS_A_PART);
    const gone = BigInt(this.of.limit) * BigInt(parts) * BigInt(Math.max(0, elapsedMs - standsMs));
    const grains = atLeast0(lent - gone);
    const here = least(grains, this.used);
    this.drop(here);
    this.credit += grains - here;
  }

  /** What arrived just now was borrowed, as far as there is credit. */
  useCredit({ amount }: Arrived): void {
    const grains = least(this.credit, BigInt(amount) * this.unit);
    this.credit -= grains;
    this.drop(grains);
  }

  /** In how much time all that is used will have flowed off: ms, rounded down; 0 where nothing flows. */
  standsMs(nowMs: number): number {
    this.flow(nowMs);
    return this.parts === 0 ? 0 : Number(this.used / this.rate);
  }

  /** How full it is, as others are told. */
  told(nowMs: number): ToldLevel {
    this.flow(nowMs);
    const { dimension, windowMs } = this.of;
    return { dimension, windowMs, level: this.shareOf(this.used) };
  }

  /** Another gateway of the key says how full its part is: billionths of the key's limit. */
  hear(gateway: string, parts: number, level: number, nowMs: number): void {
    const grains = (this.partsOf(1) * BigInt(level)) / BigInt(BILLIONTHS_A_PART);
    const { risen } = this.others;
    this.others.hear(gateway, grains, BigInt(this.of.limit) * BigInt(parts), nowMs);
    this.added += this.others.risen - risen;
  }

  /** Another gateway has no part any more. */
  forget(gateway: string): void {
    this.others.forget(gateway);
  }

  flowed(nowMs: number): Flowed {
    this.flow(nowMs);
    const { dimension, windowMs } = this.of;
    const { used, lent } = this.drain.read(this.of);
    return { dimension, windowMs, used: Number(used), lent: Number(lent) };
  }

  /** In billionths of the key's limit, rounded up. */
  shareOf(grains: bigint): number {
    return Number(up(grains * BigInt(BILLIONTHS_A_PART), this.partsOf(1)));
  }

  /** In grains. */
  private partsOf(parts: number): bigint {
    return BigInt(this.of.limit) * BigInt(this.of.windowMs) * BigInt(parts);
  }

  /** Counts as used, and is never corrected. */
  private fill(grains: bigint): void {
    this.added += grains;
    this.level.close(this.level.arrive(grains));
  }

  /** Is not used here any more, but by another of the key. @param grains no more than is used */
  private drop(grains: bigint): void {
    this.added -= grains;
    this.level.fall(grains);
  }
}

/** What was counted at a time, in grains: used of the key, and everything that ever was. */
export interface Known {
  readonly used: bigint;
  readonly added: bigint;
}

function checked(parts: number): number {
  invariant(Number.isSafeInteger(parts) && parts >= 0 && parts <= WHOLE_PARTS, "parts are 0 to 1,000");
  return parts;
}
