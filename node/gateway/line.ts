// The line before an upstream: a pool driven by the clock, whose turns are promises.
import {
  type Ask,
  type AskFault,
  type Observed,
  type Past,
  Pool,
  type PoolRules,
  type Use,
} from "../../src/quota/index.js";
import type { GatewayClock } from "./clock.js";
import { type Exhausted, Parking } from "./parking.js";

/** A request that wants a turn. */
export interface LineAsk extends Ask {
  /** null: it names none */
  readonly model: string | null;
}

/** How a wait ended. */
export type Outcome =
  | { readonly kind: "go"; readonly waitedMs: number }
  /** nobody waits any more: its time is over, or who asked has gone */
  | { readonly kind: "late" | "left"; readonly waitedMs: number }
  /** it is another line's from now on */
  | { readonly kind: "sentOn"; readonly waitedMs: number }
  | { readonly kind: "refused"; readonly fault: AskFault }
  /** the key is used up: waiting does not help */
  | { readonly kind: "parked"; readonly waitedMs: number; readonly why: Exhausted };

/** What the owner of the key is told of a line. */
export type LineEvent =
  | { readonly kind: "exhausted"; readonly why: Exhausted["why"]; readonly untilMs: number | null }
  | { readonly kind: "resumed" };

interface Waiter {
  readonly ask: LineAsk;
  readonly sinceMs: number;
  readonly end: (outcome: Outcome) => void;
}

export class Line {
  private readonly pool: Pool;
  private readonly waiters = new Map<string, Waiter>();
  private readonly sent = new Map<string, LineAsk>();
  private readonly parking = new Parking();
  /** what the owner knows of it */
  private toldWhy: Exhausted["why"] | null = null;
  private callOff: () => void = () => undefined;

  /** @param mayPark a key that is used up is used up for all that wait here */
  constructor(
    rules: PoolRules,
    private readonly clock: GatewayClock,
    private readonly mayPark: boolean,
    private readonly told: (event: LineEvent) => void,
  ) {
    this.pool = new Pool(rules);
  }

  /** How many wait, and how many run. */
  get counts(): { readonly waiting: number; readonly running: number } {
    return { waiting: this.pool.waitingCount, running: this.pool.runningCount };
  }

  /** Waits for a turn. @param signal whoever asks has gone: its place is free at once */
  wait(ask: LineAsk, signal: AbortSignal): Promise<Outcome> {
    const sinceMs = this.clock.nowMs();
    if (signal.aborted) return Promise.resolve({ kind: "left", waitedMs: 0 });
    const why = this.parking.admit(ask.id, sinceMs);
    if (why !== null) return Promise.resolve({ kind: "parked", waitedMs: 0, why });
    const asked = this.pool.ask(ask, sinceMs);
    if (!asked.ok) {
      this.parking.over(ask.id);
      return Promise.resolve({ kind: "refused", fault: asked.error });
    }
    return new Promise((resolve) => {
      const leave = () => {
        const nowMs = this.clock.nowMs();
        if (!this.pool.leave(ask.id, nowMs)) return;
        this.end(ask.id, "left", nowMs);
        this.move();
      };
      signal.addEventListener("abort", leave, { once: true });
      this.waiters.set(ask.id, {
        ask,
        sinceMs,
        end: (outcome) => {
          signal.removeEventListener("abort", leave);
          resolve(outcome);
        },
      });
      this.move();
    });
  }

  /** What ran is over. @param used by its upstream; null: it never reached it */
  settle(id: string, used: Use | null): void {
    this.pool.settle(id, used, this.clock.nowMs());
    this.sent.delete(id);
    this.parking.over(id);
    this.move();
  }

  /** Requests that run, in the order in which they were sent. */
  get running(): Iterable<LineAsk> {
    return this.sent.values();
  }

  /** Counts a request that was sent out of another line as used here, by its estimate. */
  recall(ask: LineAsk): void {
    const nowMs = this.clock.nowMs();
    if (!this.pool.ask(ask, nowMs).ok) return;
    const { begun } = this.pool.turn(nowMs);
    if (begun.some(({ id }) => id === ask.id)) this.pool.settle(ask.id, ask.estimate, nowMs);
    else this.pool.leave(ask.id, nowMs);
  }

  /** Counts what was used here before a start. */
  remember(past: Past): void {
    this.pool.recall(past, this.clock.nowMs());
  }

  /** The upstream has begun to answer one that runs. */
  answered(id: string): void {
    this.pool.answered();
    const isResumed = this.parking.answered(id);
    if (this.parking.why === null) this.toldWhy = null;
    if (isResumed) this.told({ kind: "resumed" });
    this.move();
  }

  /** The upstream has refused one that runs because the key is used up. */
  exhausted(why: Exhausted): void {
    const nowMs = this.clock.nowMs();
    const isNews = this.toldWhy !== why.why;
    this.toldWhy = why.why;
    if (this.mayPark) this.parking.park(why, nowMs, this.clock.wallMs());
    if (isNews) this.told({ kind: "exhausted", why: why.why, untilMs: why.untilMs });
    if (!this.mayPark) return;
    for (const [id, { sinceMs, end }] of [...this.waiters]) {
      if (!this.pool.leave(id, nowMs)) continue;
      this.waiters.delete(id);
      end({ kind: "parked", waitedMs: nowMs - sinceMs, why });
    }
    this.move();
  }

  /** Why nobody may wait here; null: everybody may. */
  get parked(): Exhausted | null {
    return this.parking.why;
  }

  refused(id: string, retryMs: number | null): void {
    this.pool.refused(id, retryMs, this.clock.nowMs());
  }

  /** @returns what somebody else must have used */
  observe(id: string, observed: Observed): number {
    return this.pool.observe(id, observed, this.clock.nowMs());
  }

  /** Those that wait and are meant leave for another line, in the order in which they came. */
  sendOn(isMeant: (ask: LineAsk) => boolean): void {
    const nowMs = this.clock.nowMs();
    for (const [id, { ask }] of [...this.waiters]) {
      if (isMeant(ask) && this.pool.leave(id, nowMs)) this.end(id, "sentOn", nowMs);
    }
    this.move();
  }

  close(): void {
    this.callOff();
  }

  private move(): void {
    const nowMs = this.clock.nowMs();
    const { begun, expired, wakeAtMs } = this.pool.turn(nowMs);
    for (const { id } of begun) {
      this.sent.set(id, this.waiters.get(id)!.ask);
      this.end(id, "go", nowMs);
    }
    for (const { id } of expired) this.end(id, "late", nowMs);
    this.callOff();
    if (wakeAtMs !== null) this.callOff = this.clock.later(wakeAtMs - nowMs, () => this.move());
  }

  private end(id: string, kind: "go" | "late" | "left" | "sentOn", nowMs: number): void {
    const waiter = this.waiters.get(id);
    this.waiters.delete(id);
    if (kind !== "go") this.parking.over(id);
    waiter?.end({ kind, waitedMs: nowMs - waiter.sinceMs });
  }
}
