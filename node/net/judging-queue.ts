// What waits to be judged: bounded per topic and relaying peer, served by priority, and peer by peer in turn.
import type { PeerRef } from "../../src/peer/event.js";
import type { Topic } from "../../src/peer/ready.js";
import { TOPIC_RULES, TOPICS_BY_PRIORITY } from "./limits.js";

/** Tells that a judgement now waits for the slow lane, which has bounds of its own. */
export type Slowed = () => void;

/** A judgement: done when it returns, or when its promise settles. It never throws. */
export type Judgement = (slowed: Slowed) => void | Promise<void>;

export interface JudgingLimits {
  /** judgements under way at once: in all, those of the slow lane apart, and of one relaying peer */
  readonly verifying: number;
  readonly verifyingPerPeer: number;
}

/** The turns of an event loop, as judgements see them. */
export interface JudgingTurns {
  /** whether the turn under way has room for another judgement */
  hasRoom(): boolean;
  next(go: () => void): void;
}

const EVENT_LOOP: JudgingTurns = { hasRoom: () => true, next: (go) => void setImmediate(go) };

/** Judgements in one go before timers and sockets get their turn. */
const MAX_RUN = 64;
/** One relaying peer may fill this part of a topic's queue. */
const SHARES = 4;

/**
 * A peer whose messages are slow to judge, since all are forged, holds up its own: others' have places of their own, in
 * the queue and under judgement. Nor do many such peers together hold up anybody: what waits for the slow lane gives its
 * place among all back, and keeps the one among its peer's.
 */
export class JudgingQueue {
  private readonly waiting: Readonly<Record<Topic, Waiting>> = {
    evidence: new Waiting(),
    final: new Waiting(),
    ops: new Waiting(),
  };
  private readonly runningOf = new Map<PeerRef, number>();
  private running = 0;
  private resting = false;

  constructor(
    private readonly limits: JudgingLimits,
    private readonly turns: JudgingTurns = EVENT_LOOP,
  ) {}

  /** Runs it at once if nothing is in the way; false if the topic or the peer's share of it is full, and then never. */
  push(topic: Topic, from: PeerRef, judgement: Judgement): boolean {
    if (!this.resting && this.turns.hasRoom() && this.hasPlace(from)) {
      this.run(from, judgement);
      return true;
    }
    const queue = this.waiting[topic];
    const { maxWaiting } = TOPIC_RULES[topic];
    if (queue.size >= maxWaiting || queue.sizeOf(from) >= maxWaiting / SHARES) return false;
    queue.push(from, judgement);
    if (!this.turns.hasRoom()) this.serveSoon();
    return true;
  }

  /** How much of a peer's waits for its turn. */
  waitingOf(from: PeerRef): number {
    return TOPICS_BY_PRIORITY.reduce((sum, topic) => sum + this.waiting[topic].sizeOf(from), 0);
  }

  private hasPlace(from: PeerRef): boolean {
    return (
      this.running < this.limits.verifying && (this.runningOf.get(from) ?? 0) < this.limits.verifyingPerPeer
    );
  }

  private run(from: PeerRef, judgement: Judgement): void {
    let places = 1;
    const giveBack: Slowed = () => {
      this.running -= places;
      places = 0;
    };
    this.running += places;
    const pending = judgement(() => {
      giveBack();
      this.serveSoon();
    });
    if (pending === undefined) {
      giveBack();
      return;
    }
    this.count(from, 1);
    void pending.finally(() => {
      giveBack();
      this.count(from, -1);
      this.serve();
    });
  }

  private count(from: PeerRef, by: 1 | -1): void {
    const now = (this.runningOf.get(from) ?? 0) + by;
    if (now === 0) this.runningOf.delete(from);
    else this.runningOf.set(from, now);
  }

  private serve(): void {
    if (this.resting) return;
    for (let served = 0; this.running < this.limits.verifying; served++) {
      if (served === MAX_RUN || !this.turns.hasRoom()) {
        this.serveSoon();
        return;
      }
      const next = this.next();
      if (next === null) return;
      this.run(next.from, next.judgement);
    }
  }

  private serveSoon(): void {
    if (this.resting) return;
    this.resting = true;
    this.turns.next(() => {
      this.resting = false;
      this.serve();
    });
  }

  private next(): { readonly from: PeerRef; readonly judgement: Judgement } | null {
    for (const topic of TOPICS_BY_PRIORITY) {
      const found = this.waiting[topic].shift((from) => this.hasPlace(from));
      if (found !== null) return found;
    }
    return null;
  }
}

/** One topic's queue: a row for each peer; who was served goes to the end. */
class Waiting {
  private readonly rows = new Map<PeerRef, Judgement[]>();
  size = 0;

  sizeOf(from: PeerRef): number {
    return this.rows.get(from)?.length ?? 0;
  }

  push(from: PeerRef, judgement: Judgement): void {
    const row = this.rows.get(from);
    if (row === undefined) this.rows.set(from, [judgement]);
    else row.push(judgement);
    this.size++;
  }

  shift(fits: (from: PeerRef) => boolean): { readonly from: PeerRef; readonly judgement: Judgement } | null {
    for (const [from, row] of this.rows) {
      if (!fits(from)) continue;
      const judgement = row.shift()!;
      this.rows.delete(from);
      if (row.length > 0) this.rows.set(from, row);
      this.size--;
      return { from, judgement };
    }
    return null;
  }
}
