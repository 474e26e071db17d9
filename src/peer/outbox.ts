// Own operations on their way into the log: kept on disk, and carried to one more peer until an entry holds them.
import { type Bytes, type Hex, sortedKeys } from "../base/index.js";
import type { Operation } from "../ledger/operation.js";
import type { Effects } from "./effects.js";
import { operationKey } from "./keyspace.js";

interface Sent {
  readonly bytes: Bytes;
  readonly operation: Operation;
  nextMs: number;
}

export class Outbox {
  private readonly sent = new Map<Hex, Sent>();

  /** @param everyMs 2Δ: how long an operation may be missing before it is handed to another peer (PROTOCOL §2.3) */
  constructor(private readonly everyMs: number) {}

  get wakeAt(): number | null {
    let least: number | null = null;
    for (const { nextMs } of this.sent.values()) if (least === null || nextMs < least) least = nextMs;
    return least;
  }

  /** Publishes an operation for the first time: on disk, then by gossip, then again and again. */
  post(key: Hex, operation: Operation, bytes: Bytes, nowMs: number, effects: Effects): void {
    if (this.sent.has(key)) return;
    effects.put(operationKey(key), bytes);
    this.publish(key, operation, bytes, nowMs, effects);
  }

  private publish(key: Hex, operation: Operation, bytes: Bytes, nowMs: number, effects: Effects): void {
    this.sent.set(key, { operation, bytes, nextMs: nowMs + this.everyMs });
    effects.send({ to: "topic", topic: operation.body.kind === "evidence" ? "evidence" : "ops", bytes });
  }

  /** An entry holds the operation, or none ever will. */
  settle(key: Hex, effects: Effects): void {
    if (this.sent.delete(key)) effects.delete(operationKey(key));
  }

  tick(nowMs: number, effects: Effects): void {
    for (const key of sortedKeys(this.sent)) {
      const one = this.sent.get(key)!;
      if (one.nextMs > nowMs) continue;
      one.nextMs = nowMs + this.everyMs;
      effects.send({ to: "anyone", message: { kind: "op", op: one.bytes } });
    }
  }
}
