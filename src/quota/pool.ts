// A pool: the limits that some models of a key share, who waits for them, and who goes next.
import { err, Heap, invariant, ok, type Result } from "../base/index.js";
import {
  costOf,
  type Dimension,
  type Limit,
  type OutputCount,
  type Use,
  type Weights,
  weightsOf,
} from "./amounts.js";
import { type Band, Bands } from "./bands.js";
import { Bucket, type Mark } from "./bucket.js";
import { Congestion, type CongestionRules } from "./congestion.js";
import type { Memory } from "./fair-queue.js";

export interface PoolRules {
  readonly limits: readonly Limit[];
  readonly output: OutputCount;
  /** of each limit, left alone: 0 to 9,999 bp */
  readonly headroomBp: number;
  /** of what is served above it, a band that waits gets at least this part, bp */
  readonly floorBp: number;
  readonly memory: Memory;
  readonly congestion: CongestionRules;
  /** requests that wait, in all and of one flow */
  readonly maxWaiting: number;
  readonly maxWaitingPerFlow: number;
}

/** A request that wants to be sent. */
export interface Ask {
  /** never used before in this pool */
  readonly id: string;
  /** who is entitled to a share: requests of one flow keep their order */
  readonly flow: string;
  readonly band: Band;
  /** of the flow's share, 1 to 10,000 */
  readonly weight: number;
  readonly estimate: Use;
  /** time from which nobody waits for it any more */
  readonly untilMs: number;
}

export type AskFault =
  /** it is more than a limit ever holds */
  | { readonly code: "NEVER_FITS"; readonly limit: Limit }
  | { readonly code: "QUEUE_FULL"; readonly waiting: number; readonly of: "pool" | "flow" };

interface Entry extends Ask {
  readonly cost: number;
  /** order of arrival */
  readonly turn: number;
}

interface Running extends Entry {
  readonly sentMs: number;
  readonly marks: readonly Mark[];
}

/** What an answer says of a limit. */
export interface Observed {
  readonly dimension: Dimension;
  readonly windowMs: number | null;
  readonly used: number;
}

/** What a pool lets go. */
export interface Turn {
  /** to be sent now, in this order */
  readonly begun: readonly Ask[];
  /** nobody waits for them any more */
  readonly expired: readonly Ask[];
  /** time at which to ask again if nothing happens before; null: not before something does */
  readonly wakeAtMs: number | null;
}

/** Times are of one clock that never goes back. */
export class Pool {
  private readonly bands: Bands<Entry>;
  private readonly buckets: readonly Bucket[];
  private readonly weights: Weights;
  private readonly congestion: Congestion;
  private readonly waiting = new Heap<Entry>((a, b) =>
    a.untilMs === b.untilMs ? a.turn < b.turn : a.untilMs < b.untilMs,
  );
  private readonly running = new Map<string, Running>();
  private turns = 0;

  constructor(
    private readonly rules: PoolRules,
    nowMs: number,
  ) {
    this.bands = new Bands(rules.floorBp, rules.memory);
    this.buckets = rules.limits.map((limit) => new Bucket(limit, rules.output, rules.headroomBp, nowMs));
    this.weights = weightsOf(rules.limits);
    this.congestion = new Congestion(rules.congestion);
  }

  get waitingCount(): number {
    return this.waiting.size;
  }

  get runningCount(): number {
    return this.running.size;
  }

  /** Joins its flow's queue. @returns how many wait before it in its flow */
  ask(ask: Ask, nowMs: number): Result<number, AskFault> {
    invariant(this.waiting.get(ask.id) === null && !this.running.has(ask.id), "a request asks once");
    const tooSmall = this.buckets.find((bucket) => !bucket.everFits(ask.estimate));
    if (tooSmall !== undefined) return err({ code: "NEVER_FITS", limit: tooSmall.limit });
    const queue = this.bands.of(ask.band);
    const before = queue.waitingOf(ask.flow);
    if (before >= this.rules.maxWaitingPerFlow)
      return err({ code: "QUEUE_FULL", waiting: before, of: "flow" });
    const { size } = this.waiting;
    if (size >= this.rules.maxWaiting) return err({ code: "QUEUE_FULL", waiting: size, of: "pool" });
    const entry = { ...ask, cost: costOf(this.weights, ask.estimate), turn: this.turns++ };
    queue.join(ask.flow, { weight: ask.weight }, entry, nowMs);
    this.waiting.set(entry);
    return ok(before);
  }

  /** Lets go whoever may: what fits, in the order of shares, and who has waited for too long. */
  turn(nowMs: number): Turn {
    const expired = this.expire(nowMs);
    this.bands.forget(nowMs);
    const begun: Ask[] = [];
    let ready = this.readyAt(nowMs);
    for (; ready === nowMs; ready = this.readyAt(nowMs)) begun.push(this.begin(nowMs));
    const until = this.waiting.first?.untilMs ?? null;
    return { begun, expired, wakeAtMs: earlier(ready, until) };
  }

  /** A request that waited is not wanted any more. @returns false: it does not wait */
  leave(id: string, nowMs: number): boolean {
    const entry = this.waiting.get(id);
    if (entry === null) return false;
    this.waiting.delete(id);
    this.bands.of(entry.band).leave(entry.flow, id, nowMs);
    return true;
  }

  /** A request that ran is over. @param used by its upstream; null: it never reached it */
  settle(id: string, used: Use | null, nowMs: number): void {
    const entry = this.running.get(id);
    invariant(entry !== undefined, "what is settled runs");
    this.running.delete(id);
    const counted = used === null ? null : this.countedOf(entry, used);
    for (const bucket of this.buckets) bucket.settle(entry.estimate, counted, nowMs);
    const cost = counted === null ? 0 : costOf(this.weights, counted);
    this.bands.of(entry.band).settle(entry.flow, cost - entry.cost, nowMs);
  }

  /** The upstream has begun to answer. */
  answered(): void {
    this.congestion.succeeded();
  }

  /** The upstream has refused a request that runs, for what all of them use. @param retryMs null: it does not say when */
  refused(id: string, retryMs: number | null, nowMs: number): void {
    const entry = this.running.get(id);
    invariant(entry !== undefined, "what is refused runs");
    this.congestion.refused({ sentMs: entry.sentMs, nowMs, retryMs });
  }

  /**
   * What the answer to a request that runs says of a limit.
   * @param windowMs of the limit; null: the answer does not tell, and the first of the dimension is meant
   * @param used of the limit, when the upstream answered
   * @returns what somebody else must have used, in units of the dimension
   */
  observe(id: string, { dimension, windowMs, used }: Observed, nowMs: number): number {
    const entry = this.running.get(id);
    invariant(entry !== undefined, "what is answered runs");
    const at = this.buckets.findIndex(
      ({ limit }) => limit.dimension === dimension && (windowMs === null || limit.windowMs === windowMs),
    );
    return at < 0 ? 0 : this.buckets[at]!.observe(used, entry.marks[at]!, nowMs);
  }

  /** Output that was asked for stays counted, whatever was written. */
  private countedOf({ estimate }: Ask, used: Use): Use {
    return this.rules.output === "written" ? used : { ...used, outputTokens: estimate.outputTokens };
  }

  private expire(nowMs: number): readonly Ask[] {
    const expired: Ask[] = [];
    for (let one = this.waiting.first; one !== null && one.untilMs <= nowMs; one = this.waiting.first) {
      this.leave(one.id, nowMs);
      expired.push(one);
    }
    return expired;
  }

  /** When who is next may go: now, at a time, or null: not before something happens. */
  private readyAt(nowMs: number): number | null {
    const { head } = this.bands;
    if (head === null || this.running.size >= this.congestion.width) return null;
    let ready = this.congestion.blockedUntil(nowMs) ?? nowMs;
    for (const bucket of this.buckets) {
      const ms = bucket.msUntilFits(head.item.estimate, nowMs);
      if (ms === null) return null;
      ready = Math.max(ready, nowMs + ms);
    }
    return ready;
  }

  private begin(nowMs: number): Ask {
    const entry = this.bands.serve(this.bands.head!);
    this.waiting.delete(entry.id);
    const marks = this.buckets.map((bucket) => bucket.reserve(entry.estimate, nowMs));
    this.running.set(entry.id, { ...entry, sentMs: nowMs, marks });
    return entry;
  }
}

const earlier = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.min(a, b);
