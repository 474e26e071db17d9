// Own operations on their way into the log: kept on disk, and carried to more peers until an entry holds them.
import type { Bytes, Hex } from "../base/index.js";
import { type Operation, topicOf } from "../market/index.js";
import type { Effects } from "./effects.js";
import { operationKey } from "./keyspace.js";

interface Sent {
  readonly bytes: Bytes;
  readonly nextMs: number;
}

/** Operations repeated in one step at most: the rest follows in the next ones. */
const MAX_REPEATED = 64;

export class Outbox {
  /** In the order of their next repetition: each is due one interval after the last, so it goes to the end. */
  private readonly sent = new Map<Hex, Sent>();

  /**
   * @param everyMs 2Δ: how long an operation may be missing before it is handed to other peers (spec/money#K12)
   * @param copies F+1: to how many, so that one of them is honest
   */
  constructor(
    private readonly everyMs: number,
    private readonly copies: number,
  ) {}

  get wakeAt(): number | null {
    for (const { nextMs } of this.sent.values()) return nextMs;
    return null;
  }

  has(key: Hex): boolean {
    return this.sent.has(key);
  }

  /** Publishes an operation for the first time: on disk, then by gossip, then again and again. */
  post(key: Hex, operation: Operation, bytes: Bytes, nowMs: number, effects: Effects): void {
    if (this.sent.has(key)) return;
    effects.put(operationKey(key), bytes);
    this.sent.set(key, { bytes, nextMs: nowMs + this.everyMs });
    effects.send({ to: "topic", topic: topicOf(operation.body), bytes });
  }

  /** An entry holds the operation, or none ever will. */
  settle(key: Hex, effects: Effects): void {
    if (this.sent.delete(key)) effects.delete(operationKey(key));
  }

  tick(nowMs: number, effects: Effects): void {
    let repeated = 0;
    for (const [key, { bytes, nextMs }] of this.sent) {
      if (nextMs > nowMs || repeated++ >= MAX_REPEATED) return;
      this.sent.delete(key);
      this.sent.set(key, { bytes, nextMs: nowMs + this.everyMs });
      for (let copy = 0; copy < this.copies; copy++) {
        effects.send({ to: "anyone", message: { kind: "op", op: bytes } });
      }
    }
  }
}
