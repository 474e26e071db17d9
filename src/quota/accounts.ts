// What there is to tell of each flow: its part of the limits, what it was granted, and what it lent.
import type { Use } from "./amounts.js";
import type { Bucket } from "./bucket.js";
import { type Evidence, Lending } from "./lending.js";
import type { Ask, Entry, Running } from "./request.js";
import type { FlowShare } from "./share.js";
import { Shares, type TakenShares } from "./shares.js";

export class Accounts {
  private readonly shares: Shares;
  private readonly lending = new Lending();

  constructor(buckets: readonly Bucket[]) {
    this.shares = new Shares(buckets);
  }

  /** A flow asks, runs or is done. @param opened how many more of its requests wait or run now */
  meet(ask: Ask, opened: -1 | 0 | 1, nowMs: number): void {
    this.shares.meet(ask, opened, nowMs);
    this.lending.meet(ask.flow, ask.weight, opened, nowMs);
  }

  /** A request that waited runs. @returns what it takes of its flow's parts */
  begin(entry: Entry, nowMs: number): TakenShares {
    this.meet(entry, 0, nowMs);
    this.lending.grant(entry.flow, entry.cost);
    return this.shares.take(entry, nowMs);
  }

  /** One that runs uses something else, and costs so much more. @param use null: nothing @param isOver it runs no more */
  correct(one: Running, use: Use | null, difference: number, isOver: boolean, nowMs: number): void {
    this.shares.retake(one, one.taken, use, nowMs);
    this.meet(one, isOver ? -1 : 0, nowMs);
    this.lending.grant(one.flow, difference);
  }

  /** Other limits from now on. */
  relimit(
    buckets: readonly Bucket[],
    waiting: readonly Entry[],
    running: readonly Running[],
    nowMs: number,
  ): void {
    this.shares.relimit(buckets, waiting, running, nowMs);
  }

  shareOf(flow: string, nowMs: number): readonly FlowShare[] {
    return this.shares.of(flow, nowMs);
  }

  evidenceOf(flow: string): Evidence {
    return this.lending.of(flow);
  }
}
