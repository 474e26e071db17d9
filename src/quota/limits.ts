// The limits of a pool together: what is reserved of all of them at once, and their figures, which may change.
import { invariant } from "../base/index.js";
import { type Dimension, type Limit, limitName, type OutputCount, type Use } from "./amounts.js";
import { Bucket, type Mark } from "./bucket.js";
import { Pace } from "./pace.js";
import { type Borrowed, type Flowed, type ToldLevel, WHOLE_PARTS } from "./parts.js";

/** What a request that runs holds of each limit. */
export type Reservation = Map<Bucket, Mark>;

export interface Reserved {
  readonly estimate: Use;
  readonly reservation: Reservation;
}

/** How full a limit is. */
export interface Taken {
  readonly limit: Limit;
  readonly taken: number;
}

/** A limit without room. */
export interface Lack {
  readonly dimension: Dimension;
  /** until it has room; null: not before something that runs is over */
  readonly ms: number | null;
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
  /** nothing begins: what there is, is another's of the key */
  isHeld = false;
  buckets: readonly Bucket[];
  /** by the name of their limit */
  private paces = new Map<string, Pace>();

  /** @param parts of 1,000 of each */
  constructor(
    private limits: readonly Limit[],
    private readonly output: OutputCount,
    private readonly headroomBp: number,
    public parts = WHOLE_PARTS,
  ) {
    this.buckets = distinct(limits).map(
      (limit) => new Bucket(limit, output, headroomBp, Number.NEGATIVE_INFINITY, parts),
    );
    this.setPaces(Number.NEGATIVE_INFINITY);
  }

  /** Other parts of all limits from now on. */
  setParts(parts: number, nowMs: number): void {
    this.parts = parts;
    for (const { level } of this.buckets) level.setParts(parts, nowMs);
    this.setPaces(nowMs);
  }

  /** The limit that never has room for a use, or null: it fits once nothing else does. */
  tooSmallFor(use: Use): Limit | null {
    return this.buckets.find((bucket) => !bucket.everFits(use))?.limit ?? null;
  }

  /** A use with no more input than limits hold once nothing else is used; its output as it is. */
  clipped({ inputTokens, outputTokens }: Use): Use {
    const most = this.buckets.map(({ limit: { dimension }, whole }) => {
      if (dimension === "inputTokens") return whole;
      return dimension === "tokens" ? Math.max(0, whole - outputTokens) : Number.POSITIVE_INFINITY;
    });
    return { inputTokens: Math.min(inputTokens, ...most), outputTokens };
  }

  /** No part of one's own ever has room for it: it waits for others of the key. */
  isGreater(use: Use): boolean {
    return this.buckets.some((bucket) => !bucket.everFitsHere(use));
  }

  /** What lacks room for a use, for the longest; null: nothing does. @param keptBp of each limit, left to others */
  lackFor(use: Use, nowMs: number, keptBp: number): Lack | null {
    if (this.parts === 0 || this.isHeld)
      return { dimension: this.limits[0]?.dimension ?? "requests", ms: null };
    let lack: Lack | null = null;
    for (const bucket of this.buckets) {
      const ms = bucket.msUntilFits(use, nowMs, keptBp);
      const { dimension } = bucket.limit;
      if (ms === null) return { dimension, ms };
      if (ms > (lack?.ms ?? 0)) lack = { dimension, ms };
    }
    const ms = this.msUntilFree(nowMs);
    return ms > (lack?.ms ?? 0) ? { dimension: "requests", ms } : lack;
  }

  /** What is to be lent for a use to fit now: billionths, 0 where a loan would not help. */
  shortBy(use: Use, nowMs: number, keptBp: number): number {
    if (this.parts === 0 || this.isHeld || this.msUntilFree(nowMs) > 0) return 0;
    return Math.max(0, ...this.buckets.map((bucket) => bucket.shortBy(use, nowMs, keptBp)));
  }

  /** What of each there is to lend beside what is kept back: billionths, 0 without limits. @param keptBp of one's own part; null: not even headroom */
  lendable(nowMs: number, keptBp: number | null): number {
    if (this.buckets.length === 0) return 0;
    return Math.min(...this.buckets.map((bucket) => bucket.lendable(nowMs, keptBp)));
  }

  /** So many billionths of each count as used here, for another of the key. */
  lend(share: number, nowMs: number): void {
    for (const { level } of this.buckets) level.lend(share, nowMs);
  }

  /** In how much time all that is used will have flowed off of the emptiest limit, ms. */
  standsMs(nowMs: number): number {
    return Math.min(...this.buckets.map(({ level }) => level.standsMs(nowMs)));
  }

  borrow(loan: Borrowed, nowMs: number): void {
    for (const { level } of this.buckets) level.borrow(loan, nowMs);
  }

  /** What was borrowed and not used at once is lost. @returns whether there was any */
  endTurn(): boolean {
    const isLost = this.buckets.some(({ level }) => level.credit > 0n);
    for (const { level } of this.buckets) level.credit = 0n;
    return isLost;
  }

  /** How full each is, as others of the key are told. */
  told(nowMs: number): readonly ToldLevel[] {
    return this.buckets.map(({ level }) => level.told(nowMs));
  }

  /** How full another's are, by its word. */
  hear(gateway: string, parts: number, told: readonly ToldLevel[], nowMs: number): void {
    for (const { dimension, windowMs, level } of told)
      for (const bucket of this.buckets)
        if (bucket.limit.dimension === dimension && bucket.limit.windowMs === windowMs)
          bucket.level.hear(gateway, parts, level, nowMs);
  }

  /** Another has no part any more. */
  forget(gateway: string): void {
    for (const { level } of this.buckets) level.forget(gateway);
  }

  flowed(nowMs: number): readonly Flowed[] {
    return this.buckets.map(({ level }) => level.flowed(nowMs));
  }

  /** What is used and reserved of each limit, in whole units, rounded up. */
  takenAt(nowMs: number): readonly Taken[] {
    return this.buckets.map((bucket) => ({ limit: bucket.limit, taken: bucket.takenAt(nowMs) }));
  }

  /** How full limits were at an earlier time, before anything is reserved. */
  recallTaken(taken: readonly Taken[], atMs: number): void {
    for (const one of taken) {
      const bucket = this.buckets.find(({ limit }) => limitName(limit) === limitName(one.limit));
      bucket?.recallTaken(one.taken, atMs);
    }
  }

  reserve(use: Use, nowMs: number): Reservation {
    for (const pace of this.paces.values()) pace.begin(nowMs);
    return new Map(this.buckets.map((bucket) => [bucket, bucket.reserve(use, nowMs)]));
  }

  /** What was reserved is known better. */
  correct(reservation: Reservation, use: Use, nowMs: number): void {
    for (const [bucket, mark] of reservation) reservation.set(bucket, bucket.correct(mark, use, nowMs));
  }

  /** What was reserved gives way to what was used. */
  settle(reservation: Reservation, used: Use | null, nowMs: number): void {
    for (const [bucket, mark] of reservation) bucket.settle(mark, used, nowMs);
  }

  /** @returns what somebody else must have used, in units of the dimension */
  observe(reservation: Reservation, { dimension, windowMs, used }: Observed, nowMs: number): number {
    const bucket = this.buckets.find(
      ({ limit }) => limit.dimension === dimension && (windowMs === null || limit.windowMs === windowMs),
    );
    return bucket?.observe(used, reservation.get(bucket)!, nowMs) ?? 0;
  }

  /** So much of a limit is left to somebody else of the key. */
  leave(limit: Limit, ahead: number): void {
    this.buckets.find((bucket) => limitName(bucket.limit) === limitName(limit))?.leave(ahead);
  }

  /**
   * Figures from now on. A limit is known again by its dimension and window, and what is used of it stays used; of one that
   * was not known before at least what runs is used, and nobody is suspected of the rest for a window. One that is not named
   * any more is forgotten.
   */
  relimit(limits: readonly Limit[], running: readonly Reserved[], nowMs: number): void {
    this.limits = limits;
    const kept = new Map(this.buckets.map((bucket) => [limitName(bucket.limit), bucket]));
    this.buckets = distinct(limits).map((limit) => {
      const bucket = kept.get(limitName(limit));
      bucket?.relimit(limit, nowMs);
      return bucket ?? new Bucket(limit, this.output, this.headroomBp, nowMs + limit.windowMs, this.parts);
    });
    this.setPaces(nowMs);
    for (const { estimate, reservation } of running) {
      for (const bucket of reservation.keys()) if (!this.buckets.includes(bucket)) reservation.delete(bucket);
      for (const bucket of this.buckets)
        if (!reservation.has(bucket)) reservation.set(bucket, bucket.reserve(estimate, nowMs));
    }
  }

  private msUntilFree(nowMs: number): number {
    return Math.max(0, ...[...this.paces.values()].map((pace) => pace.msUntilFree(nowMs)));
  }

  private setPaces(nowMs: number): void {
    const before = this.paces;
    this.paces = new Map();
    for (const limit of this.limits) {
      if (limit.burstMs === undefined) continue;
      const pace = before.get(limitName(limit)) ?? new Pace(limit, limit.burstMs, this.parts);
      pace.relimit(limit, limit.burstMs, this.parts, nowMs);
      this.paces.set(limitName(limit), pace);
    }
  }
}

function distinct(limits: readonly Limit[]): readonly Limit[] {
  invariant(new Set(limits.map(limitName)).size === limits.length, "a window of a dimension has one limit");
  return limits;
}
