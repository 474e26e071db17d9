// The limits divided by the number of agents: each may use its own part alone, however idle the others' are.
import { countIn } from "../../../../src/quota/amounts.js";
import type { Limit, Use } from "../../../../src/quota/index.js";
import { Bucket } from "../../../upstream/bucket.js";
import type { Clock } from "../../../upstream/clock.js";
import type { Member } from "../crowd.js";

/** One agent's part of every limit, filled again as the limits are. */
export class Part {
  private readonly buckets: readonly { readonly limit: Limit; readonly bucket: Bucket }[];

  constructor(
    limits: readonly Limit[],
    agents: number,
    private readonly clock: Clock,
  ) {
    this.buckets = limits.map((whole) => {
      const limit = { ...whole, limit: Math.max(1, Math.floor(whole.limit / agents)) };
      return { limit, bucket: new Bucket({ ...limit, ends: "refill" }, clock.nowMs()) };
    });
  }

  /** Until a use fits, ms; one that is larger than the part fits where nothing of it is used. */
  msUntil(use: Use): number {
    const waits = this.buckets.map(({ limit, bucket }) => {
      const over = bucket.over(Math.min(limit.limit, this.count(limit, use)), this.clock.nowMs());
      return over === null ? 0 : Math.max(1, Math.ceil(over.waitMs ?? 0));
    });
    return Math.max(0, ...waits);
  }

  /** @param before what was counted of it already */
  add(use: Use, before: Use | null): void {
    for (const { limit, bucket } of this.buckets)
      bucket.add(
        this.count(limit, use) - (before === null ? 0 : this.count(limit, before)),
        this.clock.nowMs(),
      );
  }

  private count({ dimension }: Limit, use: Use): number {
    const { sent, written } = countIn(dimension, use);
    return sent + written;
  }
}

export const partsOf = (
  crowd: readonly Member[],
  limits: readonly Limit[],
  clock: Clock,
): ReadonlyMap<string, Part> =>
  new Map(crowd.map(({ name }) => [name, new Part(limits, crowd.length, clock)]));
