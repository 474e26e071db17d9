// The limits of a pool together: what is reserved of all of them at once, and their figures, which may change.
import { invariant } from "../base/index.js";
import type { Dimension, Limit, OutputCount, Use } from "./amounts.js";
import { Bucket, type Mark } from "./bucket.js";

/** What a request that runs holds of each limit. */
export type Reservation = Map<Bucket, Mark>;

export interface Reserved {
  readonly estimate: Use;
  readonly reservation: Reservation;
}

/** What an answer says of a limit. */
export interface Observed {
  readonly dimension: Dimension;
  /** of the limit; null: the answer does not tell, and the first of the dimension is meant */
  readonly windowMs: number | null;
  /** of the limit, when the upstream answered */
  readonly used: number;
}

export class Limits {
  /** in the order in which they were first named */
  buckets: readonly Bucket[];

  constructor(
    limits: readonly Limit[],
    private readonly output: OutputCount,
    private readonly headroomBp: number,
  ) {
    this.buckets = distinct(limits).map((limit) => new Bucket(limit, output, headroomBp));
  }

  /** The limit that never has room for a use, or null: it fits once nothing else does. */
  tooSmallFor(use: Use): Limit | null {
    return this.buckets.find((bucket) => !bucket.everFits(use))?.limit ?? null;
  }

  reserve(use: Use, nowMs: number): Reservation {
    return new Map(this.buckets.map((bucket) => [bucket, bucket.reserve(use, nowMs)]));
  }

  /** What was reserved gives way to what was used. */
  settle({ estimate, reservation }: Reserved, used: Use | null, nowMs: number): void {
    for (const bucket of reservation.keys()) bucket.settle(estimate, used, nowMs);
  }

  /** @returns what somebody else must have used, in units of the dimension */
  observe(reservation: Reservation, { dimension, windowMs, used }: Observed, nowMs: number): number {
    const bucket = this.buckets.find(
      ({ limit }) => limit.dimension === dimension && (windowMs === null || limit.windowMs === windowMs),
    );
    return bucket?.observe(used, reservation.get(bucket)!, nowMs) ?? 0;
  }

  /**
   * Figures from now on. A limit is known again by its dimension and window, and what is used of it stays used; of one that
   * was not known before at least what runs is used, and one that is not named any more is forgotten.
   */
  relimit(limits: readonly Limit[], running: readonly Reserved[], nowMs: number): void {
    const kept = new Map(this.buckets.map((bucket) => [nameOf(bucket.limit), bucket]));
    this.buckets = distinct(limits).map((limit) => {
      const bucket = kept.get(nameOf(limit));
      if (bucket === undefined) return new Bucket(limit, this.output, this.headroomBp);
      bucket.relimit(limit, nowMs);
      return bucket;
    });
    for (const { estimate, reservation } of running) {
      for (const bucket of reservation.keys()) if (!this.buckets.includes(bucket)) reservation.delete(bucket);
      for (const bucket of this.buckets)
        if (!reservation.has(bucket)) reservation.set(bucket, bucket.reserve(estimate, nowMs));
    }
  }

  /** Counts what was used at an earlier time, in order of time and before anything else. */
  recall(use: Use, atMs: number): void {
    for (const bucket of this.buckets) {
      bucket.reserve(use, atMs);
      bucket.settle(use, use, atMs);
    }
  }
}

const nameOf = ({ dimension, windowMs }: Limit): string => `${dimension}/${windowMs}`;

function distinct(limits: readonly Limit[]): readonly Limit[] {
  invariant(new Set(limits.map(nameOf)).size === limits.length, "a window of a dimension has one limit");
  return limits;
}
