// What waits to be judged: a bounded queue per topic, served by priority while few judgements are under way.
import type { Topic } from "../../src/peer/ready.js";
import { TOPIC_RULES, TOPICS_BY_PRIORITY } from "./limits.js";

/** A judgement: done when it returns, or when its promise settles. It never throws. */
export type Judgement = () => void | Promise<void>;

/** Judgements in one go before timers and sockets get their turn. */
const MAX_RUN = 64;

export class JudgingQueue {
  private readonly waiting: Readonly<Record<Topic, Judgement[]>> = { evidence: [], final: [], ops: [] };
  private running = 0;
  private resting = false;

  constructor(private readonly maxRunning: number) {}

  /** Runs it at once if nothing is in the way; false if the topic's queue is full, and then never. */
  push(topic: Topic, judgement: Judgement): boolean {
    if (this.running < this.maxRunning && !this.resting) {
      this.run(judgement);
      return true;
    }
    const queue = this.waiting[topic];
    if (queue.length >= TOPIC_RULES[topic].maxWaiting) return false;
    queue.push(judgement);
    return true;
  }

  private run(judgement: Judgement): void {
    const pending = judgement();
    if (pending === undefined) return;
    this.running++;
    void pending.finally(() => {
      this.running--;
      this.serve();
    });
  }

  private serve(): void {
    if (this.resting) return;
    for (let served = 0; this.running < this.maxRunning; served++) {
      const next = this.next();
      if (next === undefined) return;
      if (served === MAX_RUN) {
        this.waiting[next.topic].unshift(next.judgement);
        this.rest();
        return;
      }
      this.run(next.judgement);
    }
  }

  private rest(): void {
    this.resting = true;
    setImmediate(() => {
      this.resting = false;
      this.serve();
    });
  }

  private next(): { topic: Topic; judgement: Judgement } | undefined {
    for (const topic of TOPICS_BY_PRIORITY) {
      const judgement = this.waiting[topic].shift();
      if (judgement !== undefined) return { topic, judgement };
    }
    return undefined;
  }
}
