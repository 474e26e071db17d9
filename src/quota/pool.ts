// A pool: the limits that some models of a key share, who waits for them, and who goes next.
import { err, Heap, invariant, ok, type Result } from "../base/index.js";
import { costOf, type Limit, type OutputCount, type Use, type Weights, weightsOf } from "./amounts.js";
import { type Band, Bands } from "./bands.js";
import { Congestion, type CongestionRules } from "./congestion.js";
import type { Memory } from "./fair-queue.js";
import { Limits, type Observed, type Reservation } from "./limits.js";
import type { FlowShare } from "./share.js";
import { Shares, type TakenShares } from "./shares.js";

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
  /** by which it is charged, also in the end: those of the limits at which it asked */
  readonly weights: Weights;
  /** order of arrival */
  readonly turn: number;
}

interface Running extends Entry {
  readonly sentMs: number;
  readonly reservation: Reservation;
  readonly taken: TakenShares;
}

/** What was used before a restart. */
export interface Past {
  readonly flow: string;
  readonly band: Band;
  readonly weight: number;
  readonly use: Use;
  /** ≥ 0 */
  readonly agoMs: number;
}

/** A request that waited, and that a limit that has changed will never let through. */
export interface Unfit {
  readonly ask: Ask;
  readonly limit: Limit;
}

/** What a pool lets go. */
export interface Turn {
  /** to be sent now, in this order */
  readonly begun: readonly Ask[];
  /** nobody waits for them any more */
  readonly expired: readonly Ask[];
  /** they wait no more: no room will ever be enough */
  readonly unfit: readonly Unfit[];
  /** time at which to ask again if nothing happens before; null: not before something does */
  readonly wakeAtMs: number | null;
}

/** Times are of one clock that never goes back. */
export class Pool {
  private readonly bands: Bands<Entry>;
  private readonly limits: Limits;
  private readonly shares: Shares;
  private weights: Weights;
  private readonly congestion: Congestion;
  private readonly waiting = new Heap<Entry>((a, b) =>
    a.untilMs === b.untilMs ? a.turn < b.turn : a.untilMs < b.untilMs,
  );
  private readonly running = new Map<string, Running>();
  private turns = 0;
  /** limits have changed since what waits was looked through */
  private isRelimited = false;
  /** of what was recalled last, which was used last */
  private recalledMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly rules: PoolRules) {
    this.bands = new Bands(rules.floorBp, rules.memory);
    this.limits = new Limits(rules.limits, rules.output, rules.headroomBp);
    this.shares = new Shares(this.limits.buckets);
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
    const tooSmall = this.limits.tooSmallFor(ask.estimate);
    if (tooSmall !== null) return err({ code: "NEVER_FITS", limit: tooSmall });
    const queue = this.bands.of(ask.band);
    const before = queue.waitingOf(ask.flow);
    if (before >= this.rules.maxWaitingPerFlow)
      return err({ code: "QUEUE_FULL", waiting: before, of: "flow" });
    const { size } = this.waiting;
    if (size >= this.rules.maxWaiting) return err({ code: "QUEUE_FULL", waiting: size, of: "pool" });
    this.waiting.set(this.join(ask, nowMs));
    return ok(before);
  }

  /** A request that another pool let go and that runs is this one's from now on, whatever room there is. */
  adopt(ask: Ask, sentMs: number, nowMs: number): void {
    invariant(this.waiting.get(ask.id) === null && !this.running.has(ask.id), "a request is adopted once");
    const queue = this.bands.of(ask.band);
    invariant(queue.waitingOf(ask.flow) === 0, "nothing waits yet of a flow of which something is adopted");
    const entry = this.join(ask, nowMs);
    queue.serve(ask.flow);
    this.run(entry, sentMs, nowMs);
  }

  /** Lets go whoever may: what fits, in the order of shares, and who has waited for too long or for nothing. */
  turn(nowMs: number): Turn {
    const expired = this.expire(nowMs);
    const unfit = this.unfit(nowMs);
    this.bands.forget(nowMs);
    const begun: Ask[] = [];
    let ready = this.readyAt(nowMs);
    for (; ready === nowMs; ready = this.readyAt(nowMs)) begun.push(this.begin(nowMs));
    const until = this.waiting.first?.untilMs ?? null;
    return { begun, expired, unfit, wakeAtMs: earlier(ready, until) };
  }

  /** A request that waited is not wanted any more. @returns false: it does not wait */
  leave(id: string, nowMs: number): boolean {
    const entry = this.waiting.get(id);
    if (entry === null) return false;
    this.waiting.delete(id);
    this.bands.of(entry.band).leave(entry.flow, id, nowMs);
    this.shares.meet(entry, -1, nowMs);
    return true;
  }

  /** A request that ran is over. @param used by its upstream; null: it never reached it */
  settle(id: string, used: Use | null, nowMs: number): void {
    const entry = this.runningOf(id);
    this.running.delete(id);
    const counted = used === null ? null : this.countedOf(entry, used);
    this.limits.settle(entry, counted, nowMs);
    this.shares.retake(entry, entry.taken, counted, nowMs);
    this.shares.meet(entry, -1, nowMs);
    const cost = counted === null ? 0 : costOf(entry.weights, counted);
    this.bands.of(entry.band).settle(entry.flow, cost - entry.cost, nowMs);
  }

  /** The upstream has begun to answer. */
  answered(): void {
    this.congestion.succeeded();
  }

  /** The upstream has refused a request that runs, for what all of them use. @param retryMs null: it does not say when */
  refused(id: string, retryMs: number | null, nowMs: number): void {
    this.congestion.refused({ sentMs: this.runningOf(id).sentMs, nowMs, retryMs });
  }

  /** What the answer to a request that runs says of a limit. @returns what somebody else must have used of it */
  observe(id: string, observed: Observed, nowMs: number): number {
    return this.limits.observe(this.runningOf(id).reservation, observed, nowMs);
  }

  /**
   * Other limits from now on. What is used of one that stays, by dimension and window, stays used; what waits and will never
   * fit is handed back by the next turn.
   */
  relimit(limits: readonly Limit[], nowMs: number): void {
    const running = [...this.running.values()];
    this.limits.relimit(limits, running, nowMs);
    this.shares.relimit(this.limits.buckets, this.waiting.values(), running, nowMs);
    this.weights = weightsOf(limits);
    this.isRelimited = true;
  }

  /**
   * Counts what was used before a restart, as if it had been asked for, begun and over at that time: to be called before
   * anything else, with what was used first before the others; what comes late counts as used with the one before it.
   */
  recall({ flow, band, weight, use, agoMs }: Past, nowMs: number): void {
    const atMs = Math.max(this.recalledMs, nowMs - agoMs);
    this.recalledMs = atMs;
    const { weights, shares } = this;
    const entry = { id: "", flow, weight, estimate: use, cost: costOf(weights, use) };
    const queue = this.bands.of(band);
    queue.join(flow, { weight }, { ...entry, band, weights, untilMs: atMs, turn: this.turns++ }, atMs);
    queue.serve(flow);
    queue.settle(flow, 0, atMs);
    this.limits.recall(use, atMs);
    shares.meet(entry, 0, atMs);
    shares.take(entry, atMs);
  }

  /** What a flow is entitled to of each limit, and what is left of it. */
  shareOf(flow: string, nowMs: number): readonly FlowShare[] {
    return this.shares.of(flow, nowMs);
  }

  /** Output that was asked for stays counted, whatever was written. */
  private countedOf({ estimate }: Ask, used: Use): Use {
    return this.rules.output === "written" ? used : { ...used, outputTokens: estimate.outputTokens };
  }

  private runningOf(id: string): Running {
    const entry = this.running.get(id);
    invariant(entry !== undefined, "it runs");
    return entry;
  }

  private expire(nowMs: number): readonly Ask[] {
    const expired: Ask[] = [];
    for (let one = this.waiting.first; one !== null && one.untilMs <= nowMs; one = this.waiting.first) {
      this.leave(one.id, nowMs);
      expired.push(one);
    }
    return expired;
  }

  /** In order of arrival. */
  private unfit(nowMs: number): readonly Unfit[] {
    if (!this.isRelimited) return [];
    this.isRelimited = false;
    const unfit: Unfit[] = [];
    for (const ask of [...this.waiting.values()].sort((a, b) => a.turn - b.turn)) {
      const limit = this.limits.tooSmallFor(ask.estimate);
      if (limit === null) continue;
      this.leave(ask.id, nowMs);
      unfit.push({ ask, limit });
    }
    return unfit;
  }

  /** When who is next may go: now, at a time, or null: not before something happens. */
  private readyAt(nowMs: number): number | null {
    const { head } = this.bands;
    if (head === null || this.running.size >= this.congestion.width) return null;
    let ready = this.congestion.blockedUntil(nowMs) ?? nowMs;
    for (const bucket of this.limits.buckets) {
      const ms = bucket.msUntilFits(head.item.estimate, nowMs);
      if (ms === null) return null;
      ready = Math.max(ready, nowMs + ms);
    }
    return ready;
  }

  private begin(nowMs: number): Ask {
    const entry = this.bands.serve(this.bands.head!);
    this.waiting.delete(entry.id);
    this.run(entry, nowMs, nowMs);
    return entry;
  }

  private join(ask: Ask, nowMs: number): Entry {
    const { weights } = this;
    const entry = { ...ask, weights, cost: costOf(weights, ask.estimate), turn: this.turns++ };
    this.bands.of(ask.band).join(ask.flow, { weight: ask.weight }, entry, nowMs);
    this.shares.meet(ask, 1, nowMs);
    return entry;
  }

  private run(entry: Entry, sentMs: number, nowMs: number): void {
    this.shares.meet(entry, 0, nowMs);
    const reservation = this.limits.reserve(entry.estimate, nowMs);
    const taken = this.shares.take(entry, nowMs);
    this.running.set(entry.id, { ...entry, sentMs, reservation, taken });
  }
}

const earlier = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.min(a, b);
