// What each flow is entitled to of all limits of a pool: one share by limit.
import type { Use } from "./amounts.js";
import type { Bucket } from "./bucket.js";
import { type FlowShare, Share, type TakenPart } from "./share.js";

/** Whose request it is, by what standing. */
export interface Member {
  readonly flow: string;
  readonly weight: number;
  readonly estimate: Use;
}

/** What a request that runs took of its flow's parts. */
export type TakenShares = Map<Share, TakenPart>;

export class Shares {
  private shares: readonly Share[];

  constructor(buckets: readonly Bucket[]) {
    this.shares = buckets.map((bucket) => new Share(bucket));
  }

  /** A flow asks, runs or is done. @param opened how many more of its requests wait or run now */
  meet({ flow, weight }: Member, opened: -1 | 0 | 1, nowMs: number): void {
    for (const share of this.shares) share.meet(flow, weight, opened, nowMs);
  }

  take({ flow, estimate }: Member, nowMs: number): TakenShares {
    return new Map(this.shares.map((share) => [share, share.take(flow, estimate, nowMs)]));
  }

  retake({ flow }: Member, taken: TakenShares, used: Use | null, nowMs: number): void {
    for (const [share, one] of taken) taken.set(share, share.retake(flow, one, used, nowMs));
  }

  of(flow: string, nowMs: number): readonly FlowShare[] {
    return this.shares.map((share) => share.of(flow, nowMs));
  }

  /** Other limits from now on; of those that were not there before, whatever waits or runs is counted. */
  relimit(
    buckets: readonly Bucket[],
    waiting: readonly Member[],
    running: readonly (Member & { readonly taken: TakenShares })[],
    nowMs: number,
  ): void {
    const known = new Map(this.shares.map((share) => [share.bucket, share]));
    this.shares = buckets.map((bucket) => known.get(bucket) ?? new Share(bucket));
    const added = this.shares.filter(({ bucket }) => !known.has(bucket));
    for (const { flow, weight } of [...waiting, ...running])
      for (const share of added) share.meet(flow, weight, 1, nowMs);
    for (const { flow, estimate, taken } of running) {
      for (const share of taken.keys()) if (!this.shares.includes(share)) taken.delete(share);
      for (const share of added) taken.set(share, share.take(flow, estimate, nowMs));
    }
  }
}
