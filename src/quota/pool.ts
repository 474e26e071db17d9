// A pool: the limits that some models of a key share, who waits for them, and who goes next.
import { err, invariant, ok, type Result } from "../base/index.js";
import { Accounts } from "./accounts.js";
import { type Limit, type Use, type Weights, weightsOf } from "./amounts.js";
import { type Band, Bands } from "./bands.js";
import { Congestion } from "./congestion.js";
import type { Fairness } from "./fair-queue.js";
import type { Evidence } from "./lending.js";
import { Limits, type Observed, type Taken } from "./limits.js";
import { Part } from "./part.js";
import type { PoolRules } from "./pool-rules.js";
import { type Ready, readyAt, shortfallOf } from "./ready.js";
import type { Ask, AskFault, Entry, Past, Place, Turn, Unfit, Waited, Waiting } from "./request.js";
import { Room } from "./room.js";
import { Runs } from "./runs.js";
import type { FlowShare } from "./share.js";
import { Waiters } from "./waiters.js";

/** Times are of one clock that never goes back. To be asked for its turn after each change. */
export class Pool {
  /** its part of a key that several gateways share */
  readonly part: Part;
  private readonly bands: Bands<Entry>;
  private readonly limits: Limits;
  private readonly accounts: Accounts;
  private readonly runs: Runs;
  private readonly waiters: Waiters;
  private readonly congestion: Congestion;
  private readonly room: Room;
  private weights: Weights;
  /** uses that were recalled */
  private recalled = 0;
  /** limits have changed since what waits was looked through */
  private isRelimited = false;
  /** when anything was asked for or recalled last */
  private lastMs = Number.NEGATIVE_INFINITY;
  /** up to when limits know what was used, by how full they were then */
  private takenMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly rules: PoolRules) {
    this.bands = new Bands(rules.floorBp, rules.memory);
    this.limits = new Limits(rules.limits, rules.output, rules.headroomBp, rules.parts);
    this.accounts = new Accounts(this.limits.buckets);
    this.waiters = new Waiters(this.bands, this.accounts);
    this.runs = new Runs(this.bands, this.limits, this.accounts, rules.output);
    this.weights = weightsOf(rules.limits);
    this.congestion = new Congestion(rules.congestion);
    this.room = new Room(rules.interactiveBp);
    this.part = new Part(this.limits, {
      waiting: () => this.waiters.size,
      running: () => this.runs.size,
      shortfall: (nowMs) => this.shortfall(nowMs),
      relimited: () => {
        this.isRelimited = true;
      },
      next: () => this.bands.head?.item ?? null,
    });
  }

  get waitingCount(): number {
    return this.waiters.size;
  }

  get runningCount(): number {
    return this.runs.size;
  }

  /** Joins its flow's queue. @returns how many wait before it in its flow */
  ask(ask: Ask, nowMs: number): Result<number, AskFault> {
    invariant(this.isNew(ask.id), "a request asks once");
    const tooSmall = this.limits.tooSmallFor(ask.estimate);
    if (tooSmall !== null) return err({ code: "NEVER_FITS", limit: tooSmall });
    const before = this.waiters.countOf(ask.band, ask.flow);
    if (before >= this.rules.maxWaitingPerFlow)
      return err({ code: "QUEUE_FULL", waiting: before, of: "flow" });
    const { size } = this.waiters;
    if (size >= this.rules.maxWaiting) return err({ code: "QUEUE_FULL", waiting: size, of: "pool" });
    this.meet(ask.band, nowMs);
    this.waiters.enter(ask, this.weights, nowMs);
    return ok(before);
  }

  /** A request that another pool let go and that runs is this one's from now on, whatever room there is. */
  adopt(ask: Ask, sentMs: number, nowMs: number): void {
    invariant(this.isNew(ask.id), "a request is adopted once");
    this.meet(ask.band, nowMs);
    const entry = this.waiters.pass(ask, this.weights, nowMs);
    this.runs.begin(entry, this.limits.reserve(ask.estimate, nowMs), nowMs, sentMs);
  }

  /** Lets go whoever may: what fits, in the order of shares, and who has waited for too long or for nothing. */
  turn(nowMs: number): Turn {
    const expired = this.waiters.expire(nowMs - 1, nowMs);
    const unfit = this.unfit(nowMs);
    this.bands.forget(nowMs);
    const begun: Waited[] = [];
    let ready = this.beginAll(begun, nowMs);
    // Whose time is over just now may still go, if there is room: whoever does not wait at all has no other time.
    const late = this.waiters.expire(nowMs, nowMs);
    if (late.length > 0) ready = this.beginAll(begun, nowMs);
    expired.push(...late);
    if (this.limits.endTurn()) ready = this.ready(nowMs);
    this.waiters.turn(ready?.block ?? null, nowMs);
    return { begun, expired, unfit, wakeAtMs: earlier(ready?.atMs ?? null, this.waiters.untilMs) };
  }

  /** A request that waited is not wanted any more. @returns false: it does not wait */
  leave(id: string, nowMs: number): boolean {
    const entry = this.waiters.of(id);
    if (entry === null) return false;
    this.waiters.remove(entry, nowMs);
    return true;
  }

  /**
   * What a request that runs has used is known before it is over: all of its input, and of its output at least so much. Where
   * that is more than it was taken for, it counts from now on.
   */
  heard(id: string, used: Use, nowMs: number): void {
    this.runs.heard(id, used, nowMs);
  }

  /** A request that ran is over. @param used by its upstream; null: it never reached it */
  settle(id: string, used: Use | null, nowMs: number): void {
    this.runs.settle(id, used, nowMs);
  }

  /** The upstream has begun to answer. */
  answered(): void {
    this.congestion.succeeded();
  }

  /** The upstream has refused a request that runs, for what all of them use. @param retryMs null: it does not say when */
  refused(id: string, retryMs: number | null, nowMs: number): void {
    this.congestion.refused({ sentMs: this.runs.of(id).sentMs, nowMs, retryMs });
  }

  /** What the answer to a request that runs says of a limit. @returns what somebody else must have used of it */
  observe(id: string, observed: Observed, nowMs: number): number {
    return this.limits.observe(this.runs.of(id).reservation, observed, nowMs);
  }

  /** So much of a limit is left, from now on, to somebody else who uses the key and of whom answers tell late. */
  leaveAhead(limit: Limit, amount: number): void {
    this.limits.leave(limit, amount);
  }

  /**
   * Other limits from now on. What is used of one that stays, by dimension and window, stays used; what waits and will never
   * fit is handed back by the next turn.
   */
  relimit(limits: readonly Limit[], nowMs: number): void {
    const running = this.runs.all;
    this.limits.relimit(limits, running, nowMs);
    this.accounts.relimit(this.limits.buckets, this.waiters.all, running, nowMs);
    this.weights = weightsOf(limits);
    this.isRelimited = true;
  }

  /**
   * Counts what was used before a restart, as if it had been asked for, begun and over at that time: to be called before
   * anything is asked for, with what was used first before the others; what comes late counts as used with the one before it.
   * A pool without parts counts nothing of it for limits: those that it gains begin full.
   */
  recall({ use, agoMs, ...who }: Past, nowMs: number): void {
    const atMs = Math.max(this.lastMs, nowMs - agoMs);
    const id = `recalled ${this.recalled++}`;
    this.meet(who.band, atMs);
    const entry = this.waiters.pass({ id, ...who, estimate: use, untilMs: atMs }, this.weights, atMs);
    this.runs.begin(
      entry,
      atMs > this.takenMs && this.part.parts > 0 ? this.limits.reserve(use, atMs) : new Map(),
      atMs,
    );
    this.settle(id, use, atMs);
  }

  /**
   * How full limits were at a time before a restart, by `takenAt`: to be told before any use is recalled. Of a limit that is
   * full what is used may be older than a window: uses of one window alone would say less.
   */
  recallTaken(taken: readonly Taken[], agoMs: number, nowMs: number): void {
    this.takenMs = nowMs - agoMs;
    this.limits.recallTaken(taken, this.takenMs);
  }

  /**
   * Nothing is told of what was used before a time before a restart: limits are taken to have been full then. To be told
   * before any use is recalled; where it is two windows ago, it costs nothing unless they are nearly full still.
   */
  recallSince(agoMs: number, nowMs: number): void {
    const full = this.limits.buckets.map(({ limit, whole }) => ({ limit, taken: whole }));
    this.recallTaken(full, agoMs, nowMs);
  }

  /** A use with no more input than empty limits hold: where a guess would be refused for ever. */
  clipped(use: Use): Use {
    return this.limits.clipped(use);
  }

  /** How full each limit is. */
  takenAt(nowMs: number): readonly Taken[] {
    return this.limits.takenAt(nowMs);
  }

  /** What a flow is entitled to of each limit, and what is left of it. */
  shareOf(flow: string, nowMs: number): readonly FlowShare[] {
    return this.accounts.shareOf(flow, nowMs);
  }

  /** What a flow was granted, what it lent and borrowed. */
  evidenceOf(flow: string): Evidence {
    return this.accounts.evidenceOf(flow);
  }

  /** How unequally flows of one band are served that wait now, by weight, and the most that it can be. */
  fairness(): Fairness {
    return this.bands.fairness;
  }

  /** Where a request waits; null: it does not. */
  placeOf(id: string): Place | null {
    const entry = this.waiters.of(id);
    return entry === null ? null : this.waiters.placeOf(entry);
  }

  /** How a request waits; null: it does not. */
  waitOf(id: string, nowMs: number): Waiting | null {
    const entry = this.waiters.of(id);
    const ready = this.ready(nowMs);
    if (entry === null || ready === null) return null;
    const { block, atMs: nextAtMs } = ready;
    const isPaused = block.pauseUntilMs !== null && block.pauseUntilMs > nowMs;
    return {
      place: this.waiters.placeOf(entry),
      turnsBefore: this.waiters.turnsBefore(entry),
      soFar: this.waiters.soFar(entry, nowMs),
      cause: isPaused ? "pause" : block.cause,
      isNext: block.id === id,
      nextAtMs,
    };
  }

  /** What whoever is next lacks, where a loan would help: billionths of the key's limits. */
  private shortfall(nowMs: number): number | null {
    const { head } = this.bands;
    if (head === null) return null;
    const kept = this.room.keptFrom(head.band, nowMs);
    return shortfallOf(head.item, this.limits, this.congestion, this.runs.size, nowMs, kept);
  }

  private isNew(id: string): boolean {
    return this.waiters.of(id) === null && !this.runs.has(id);
  }

  /** Something of a band asks, or did. */
  private meet(band: Band, nowMs: number): void {
    this.lastMs = nowMs;
    this.room.asked(band, nowMs);
  }

  /** In order of arrival. */
  private unfit(nowMs: number): readonly Unfit[] {
    if (!this.isRelimited) return [];
    this.isRelimited = false;
    const unfit: Unfit[] = [];
    for (const entry of this.waiters.inOrder) {
      const limit = this.limits.tooSmallFor(entry.estimate);
      if (limit !== null) unfit.push({ ask: this.waiters.remove(entry, nowMs), limit });
    }
    return unfit;
  }

  private ready(nowMs: number): Ready | null {
    const { head } = this.bands;
    return head === null ? null : this.readyOf(head, nowMs);
  }

  private readyOf({ band, item }: { readonly band: Band; readonly item: Entry }, nowMs: number): Ready {
    const kept = this.room.keptFrom(band, nowMs);
    return readyAt(item, this.limits, this.congestion, this.runs.size, nowMs, kept);
  }

  /** @returns the first that may not go */
  private beginAll(begun: Waited[], nowMs: number): Ready | null {
    let ready = this.ready(nowMs);
    for (; ready?.atMs === nowMs; ready = this.ready(nowMs)) begun.push(this.begin(nowMs));
    return ready;
  }

  private begin(nowMs: number): Waited {
    const { entry, waited } = this.waiters.serve(nowMs);
    this.runs.begin(entry, this.limits.reserve(entry.estimate, nowMs), nowMs);
    return { ...entry, waited };
  }
}

const earlier = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.min(a, b);
