// A flow of a fair queue: what waits and runs of it, and what it was charged.
import type { Charged } from "./charge.js";

/** Something that waits. */
export interface Queued {
  readonly id: string;
  /** ≥ 0, what fairness counts; an estimate until it is settled */
  readonly cost: number;
}

export class Flow<T extends Queued> implements Charged {
  readonly waiting: T[] = [];
  /** what runs, by how often the flow had been lifted when it was served */
  readonly running = new Map<string, number>();
  charged = 0n;
  /** from where it began when it came last, had it lent nothing: others who come begin there */
  floor = 0n;
  /** when it last had something waiting or running */
  idleSinceMs: number;
  private lifts = 0;
  /** by how much more it would have had to be charged before it came last to begin further on; less than 0: it did */
  private slack = 0n;
  /** the most that it was charged since it came last */
  private peak = 0n;
  /** corrections upwards since it was served last */
  private over = 0n;

  constructor(
    readonly id: string,
    /** order of coming */
    readonly turn: number,
    public weight: bigint,
    nowMs: number,
  ) {
    this.idleSinceMs = nowMs;
  }

  get isIdle(): boolean {
    return this.waiting.length === 0 && this.running.size === 0;
  }

  /** Where others begin beside it. */
  get level(): Charged {
    return { charged: this.charged > this.floor ? this.charged : this.floor, weight: this.weight };
  }

  /** It comes, and begins no further behind than at a place below its floor. */
  lift(floor: bigint, place: bigint): void {
    this.lifts += 1;
    this.floor = floor;
    this.slack = place - this.charged;
    if (this.slack > 0n) this.charged = place;
    this.peak = this.charged;
  }

  serve(): T {
    const item = this.waiting.shift()!;
    this.running.set(item.id, this.lifts);
    this.over = 0n;
    this.charge(BigInt(item.cost));
    return item;
  }

  /** What was served, and runs, costs so much more than it was charged. */
  correct(itemId: string, difference: bigint): void {
    const isSince = this.running.get(itemId) === this.lifts;
    const change = isSince ? difference : this.absorb(difference);
    if (change > 0n) this.over += change;
    this.charge(change);
  }

  /** Another weight from now on; what it was charged for its weight stays. */
  reweigh(weight: bigint): void {
    const { weight: before } = this;
    this.charged = (this.charged * weight) / before;
    this.floor = (this.floor * weight) / before;
    this.slack = (this.slack * weight) / before;
    this.peak = (this.peak * weight + before - 1n) / before;
    this.over = (this.over * weight + before - 1n) / before;
    this.weight = weight;
  }

  /** By how much corrections have set it back, and forward. */
  get corrected(): { readonly under: Charged; readonly over: Charged } {
    const { weight } = this;
    return {
      under: { charged: this.peak - this.charged, weight },
      over: { charged: this.over, weight },
    };
  }

  /** Of a correction of what was served before it came last: what had any part in where it began then. */
  private absorb(difference: bigint): bigint {
    const before = this.slack < 0n ? -this.slack : 0n;
    this.slack -= difference;
    return (this.slack < 0n ? -this.slack : 0n) - before;
  }

  private charge(amount: bigint): void {
    this.charged += amount;
    if (this.charged > this.peak) this.peak = this.charged;
  }
}
