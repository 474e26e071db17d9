// The line before an upstream: a pool driven by the clock, whose turns are promises.
import {
  type Evidence,
  type Fairness,
  type FlowShare,
  type Limit,
  type Past,
  Pool,
  type PoolRules,
  type Taken,
  type Use,
} from "../../src/quota/index.js";
import type { GatewayClock } from "./clock.js";
import type { Seen } from "./dialect.js";
import type { Ending, LineAsk, LineEvent, Outcome } from "./line-ask.js";
import { LinePart } from "./line-part.js";
import type { Once } from "./once.js";
import { type Exhausted, Parking } from "./parking.js";
import { oneRequestMs, ToldLimits } from "./told-limits.js";
import { TurnPace } from "./turn-pace.js";
import { type InLine, waitsFor } from "./waiting-requests.js";

/** Whose a line is. */
export interface LineRules {
  readonly pool: PoolRules;
  /** all that wait here share their limits: what one answer tells of them holds for all */
  readonly isOne: boolean;
}

interface Waiter {
  readonly ask: LineAsk;
  readonly sinceMs: number;
  readonly end: (outcome: Outcome) => void;
}

interface Sent {
  readonly ask: LineAsk;
  readonly sentMs: number;
}

export class Line {
  /** of the key */
  readonly part: LinePart;
  private readonly pool: Pool;
  private readonly waiters = new Map<string, Waiter>();
  private readonly sent = new Map<string, Sent>();
  private readonly parking = new Parking();
  private readonly toldLimits: ToldLimits;
  /** what the owner knows of it */
  private toldWhy: Exhausted["why"] | null = null;
  private readonly pace = new TurnPace();
  private isStopped = false;
  private callOff: () => void = () => undefined;

  constructor(
    private readonly rules: LineRules,
    private readonly clock: GatewayClock,
    private readonly told: (event: LineEvent) => void,
  ) {
    this.pool = new Pool(rules.pool);
    this.part = new LinePart(this.pool.part, clock, () => this.move());
    this.toldLimits = new ToldLimits(rules.pool.limits, this.pool, clock, told);
  }

  /** How many wait, and how many run. */
  get counts(): { readonly waiting: number; readonly running: number } {
    return { waiting: this.pool.waitingCount, running: this.pool.runningCount };
  }

  /** Those that hold: the lower of what was configured and what answers tell. */
  get limits(): readonly Limit[] {
    return this.toldLimits.limits;
  }

  /** The upstream counts the output that it is asked for. */
  get isMostCounted(): boolean {
    return this.rules.pool.output === "asked";
  }

  /** A use with no more input than empty limits hold. */
  clipped(use: Use): Use {
    return this.pool.clipped(use);
  }

  /** How long one more would wait at the present pace; null: nobody has waited yet. */
  get waitMs(): number | null {
    return this.pace.waitMs(this.counts.waiting);
  }

  /** Those that wait here whose ids begin so. */
  *waitingWith(prefix: string): IterableIterator<InLine> {
    for (const { ask, sinceMs } of this.waiters.values()) {
      const { asked } = ask.by;
      if (!asked.id.startsWith(prefix)) continue;
      const nowMs = this.clock.nowMs();
      const waiting = this.pool.waitOf(ask.id, nowMs);
      const story = waiting === null ? ask.story : ask.story.and(waiting.soFar);
      const why = waiting === null ? null : waitsFor(waiting, this.pace, nowMs);
      yield { asked, sinceMs, untilMs: ask.untilMs, story, for: why };
    }
  }

  /** Why nobody may wait here; null: everybody may. */
  get parked(): Exhausted | null {
    return this.parking.why;
  }

  /** What somebody else uses of the key, as long as it lasts. */
  get foreign(): ToldLimits["foreign"] {
    return this.toldLimits.foreign;
  }

  /** What a flow is entitled to of each limit, and what is left of it. */
  shareOf(flow: string): readonly FlowShare[] {
    return this.pool.shareOf(flow, this.clock.nowMs());
  }

  /** What a flow was granted here, what it lent and borrowed. */
  evidenceOf(flow: string): Evidence {
    return this.pool.evidenceOf(flow);
  }

  /** Waits for a turn. @param gone whoever asks: its place is free at once */
  wait(ask: LineAsk, gone: Once): Promise<Outcome> {
    const sinceMs = this.clock.nowMs();
    if (gone.hasHappened) return Promise.resolve({ kind: "left", waitedMs: 0 });
    if (this.isStopped) return Promise.resolve({ kind: "stopped", waitedMs: 0 });
    const why = this.parking.admit(ask.id, sinceMs);
    if (why !== null) return Promise.resolve({ kind: "parked", waitedMs: 0, why });
    const asked = this.pool.ask(ask, sinceMs);
    if (!asked.ok) {
      this.parking.over(ask.id);
      return Promise.resolve({ kind: "refused", waitedMs: 0, fault: asked.error });
    }
    ask.story.asked(
      this.pool.placeOf(ask.id),
      this.pool.takenAt(sinceMs),
      this.pool.shareOf(ask.flow, sinceMs),
    );
    return new Promise((resolve) => {
      const forget = gone.when(() => this.leave([ask.id], { kind: "left" }));
      this.waiters.set(ask.id, {
        ask,
        sinceMs,
        end: (outcome) => {
          forget();
          resolve(outcome);
        },
      });
      this.move();
    });
  }

  /** What one that runs has used is known before it is over: all of its input, and of its output at least so much. */
  heard(id: string, used: Use): void {
    this.pool.heard(id, used, this.clock.nowMs());
    this.move();
  }

  /** What ran is over. @param used by its upstream; null: it never reached it */
  settle(id: string, used: Use | null): void {
    this.pool.settle(id, used, this.clock.nowMs());
    this.sent.delete(id);
    this.parking.over(id);
    this.move();
  }

  /** The upstream has begun to answer one that runs. */
  answered(id: string): void {
    this.pool.answered();
    const isResumed = this.parking.answered(id);
    if (this.parking.why === null) this.toldWhy = null;
    if (isResumed) this.told({ kind: "resumed" });
    this.move();
  }

  /** What the answer to one that runs tells of the limits: figures, and what somebody else must have used. */
  see(id: string, seen: readonly Seen[]): void {
    if (!this.rules.isOne) return;
    this.toldLimits.see(id, seen);
    this.move();
  }

  /** One that runs is refused, and the refusal says how large limits are. */
  refusedBy(id: string, limits: readonly Limit[]): void {
    if (this.rules.isOne && this.sent.has(id)) this.toldLimits.refusedBy(id, limits);
  }

  /** The upstream has refused one that runs because the key is used up. */
  exhausted(why: Exhausted): void {
    const isNews = this.toldWhy !== why.why;
    this.toldWhy = why.why;
    if (isNews) this.told({ kind: "exhausted", why: why.why, untilMs: why.untilMs });
    if (!this.rules.isOne) return;
    this.parking.park(why, this.clock.nowMs(), this.clock.wallMs());
    this.leave([...this.waiters.keys()], { kind: "parked", why });
  }

  /**
   * The upstream has refused one that runs for what all of them do.
   * @param retryMs null: it does not say when
   * @param isCounted it counts the refused request itself, which its time leaves out: asked again right then, it would refuse again, and again
   */
  refused(id: string, retryMs: number | null, isCounted: boolean): void {
    const untilMs = retryMs === null ? null : retryMs + (isCounted ? oneRequestMs(this.limits) : 0);
    this.pool.refused(id, untilMs, this.clock.nowMs());
  }

  /** Nothing is told of what was used before a time before a start. */
  recallSince(agoMs: number): void {
    this.pool.recallSince(agoMs, this.clock.nowMs());
  }

  /** Counts what was used before this line was there: at first, what was used first before the others. */
  recall(past: Past): void {
    this.pool.recall(past, this.clock.nowMs());
  }

  /** Whatever is meant is another line's from now on: what runs as it is, what waits in the order in which it came. */
  sendOn(isMeant: (ask: LineAsk) => boolean, to: Line): void {
    const nowMs = this.clock.nowMs();
    for (const [id, { ask, sentMs }] of [...this.sent]) {
      if (!isMeant(ask)) continue;
      this.pool.settle(id, null, nowMs);
      this.sent.delete(id);
      to.pool.adopt(ask, sentMs, nowMs);
      to.sent.set(id, { ask, sentMs });
    }
    const meant = [...this.waiters.values()].filter(({ ask }) => isMeant(ask));
    this.leave(
      meant.map(({ ask }) => ask.id),
      { kind: "sentOn" },
    );
  }

  /** How full each limit is. */
  get taken(): readonly Taken[] {
    return this.pool.takenAt(this.clock.nowMs());
  }

  /** How unequally those are served that wait now, and the most that it can be. */
  get fairness(): Fairness {
    return this.pool.fairness();
  }

  /** Nobody waits here any more; what runs goes on. */
  stop(): void {
    this.isStopped = true;
    this.leave([...this.waiters.keys()], { kind: "stopped" });
  }

  close(): void {
    this.callOff();
    this.part.close();
  }

  /** They wait no more; only then others are let go. */
  private leave(ids: readonly string[], ending: Ending): void {
    const nowMs = this.clock.nowMs();
    for (const id of ids) if (this.pool.leave(id, nowMs)) this.end(id, ending);
    this.move();
  }

  private move(): void {
    do this.turn();
    while (this.part.turned());
  }

  private turn(): void {
    const nowMs = this.clock.nowMs();
    const { begun, expired, unfit, wakeAtMs } = this.pool.turn(nowMs);
    for (const { id, waited } of [...begun, ...expired]) this.waiters.get(id)?.ask.story.waited(waited);
    this.pace.turned(begun.length, this.counts.waiting, nowMs);
    for (const { id } of begun) {
      this.sent.set(id, { ask: this.waiters.get(id)!.ask, sentMs: nowMs });
      this.end(id, { kind: "go" });
    }
    for (const { id } of expired) this.end(id, { kind: "late" });
    for (const { ask, limit } of unfit)
      this.end(ask.id, { kind: "refused", fault: { code: "NEVER_FITS", limit } });
    this.callOff();
    if (wakeAtMs !== null) this.callOff = this.clock.later(wakeAtMs - nowMs, () => this.move());
  }

  private end(id: string, ending: Ending): void {
    const waiter = this.waiters.get(id)!;
    this.waiters.delete(id);
    if (ending.kind !== "go") this.parking.over(id);
    waiter.end({ ...ending, waitedMs: this.clock.nowMs() - waiter.sinceMs });
  }
}
