// Own operations on their way into the log: kept on disk, and carried to more peers until an entry holds them.
import type { Bytes, Hex } from "../base/index.js";
import { type Operation, topicOf } from "../market/index.js";
import type { Effects } from "./effects.js";
import { operationKey } from "./keyspace.js";
import { REPETITION, type RepetitionRules } from "./repetition.js";

interface Sent {
  readonly bytes: Bytes;
  readonly times: number;
  readonly nextMs: number;
}

/** Operations that wait for as many intervals, in the order of their next repetition. */
type Row = Map<Hex, Sent>;

/** Pressing operations repeated in one step at most: the rest follows in the next ones. */
const MAX_REPEATED = 64;

export class Outbox {
  private readonly pressing: Row = new Map();
  /** by intervals: each that is repeated goes to the end of its next row */
  private readonly rows = new Map<number, Row>();
  /** since when operations that do not press were counted, and how many were repeated */
  private countedFromMs = 0;
  private repeated = 0;

  /**
   * @param everyMs 2Δ: how long an operation may be missing before it is handed to other peers (spec/money#K12)
   * @param copies F+1: to how many, so that one of them is honest
   */
  constructor(
    private readonly everyMs: number,
    private readonly copies: number,
    private readonly rules: RepetitionRules = REPETITION,
  ) {}

  get wakeAt(): number | null {
    const dueMs = [...this.rows.values()].map((row) => firstOf(row)?.nextMs ?? Number.POSITIVE_INFINITY);
    const restMs = this.repeated < this.rules.most ? 0 : this.countedFromMs + this.everyMs;
    const pressingMs = firstOf(this.pressing)?.nextMs ?? Number.POSITIVE_INFINITY;
    const wakeAt = Math.min(pressingMs, Math.max(restMs, Math.min(...dueMs)));
    return wakeAt === Number.POSITIVE_INFINITY ? null : wakeAt;
  }

  has(key: Hex): boolean {
    return this.allRows().some((row) => row.has(key));
  }

  /** Publishes an operation for the first time: on disk, then by gossip, then again and again. */
  post(key: Hex, operation: Operation, bytes: Bytes, nowMs: number, effects: Effects): void {
    if (this.has(key)) return;
    effects.put(operationKey(key), bytes);
    const sent = { bytes, times: 0, nextMs: nowMs + this.everyMs };
    if (this.rules.isPressing(operation)) this.pressing.set(key, sent);
    else this.wait(key, sent, nowMs);
    effects.send({ to: "topic", topic: topicOf(operation.body), bytes });
  }

  /** An entry holds the operation, or none ever will. */
  settle(key: Hex, effects: Effects): void {
    if (this.allRows().some((row) => row.delete(key))) effects.delete(operationKey(key));
  }

  tick(nowMs: number, effects: Effects): void {
    let left = MAX_REPEATED;
    for (const [key, sent] of this.pressing) {
      if (sent.nextMs > nowMs || left-- === 0) break;
      this.pressing.delete(key);
      this.pressing.set(key, { ...sent, nextMs: nowMs + this.everyMs });
      this.handOver(sent, effects);
    }
    if (nowMs >= this.countedFromMs + this.everyMs) {
      this.countedFromMs = nowMs;
      this.repeated = 0;
    }
    for (const row of [...this.rows.values()]) this.repeat(row, nowMs, effects);
  }

  private repeat(row: Row, nowMs: number, effects: Effects): void {
    for (const [key, sent] of row) {
      if (sent.nextMs > nowMs || this.repeated >= this.rules.most) return;
      this.repeated++;
      row.delete(key);
      this.wait(key, { ...sent, times: sent.times + 1 }, nowMs);
      this.handOver(sent, effects);
    }
  }

  private wait(key: Hex, sent: Sent, nowMs: number): void {
    const intervals = this.rules.intervals(sent.times);
    let row = this.rows.get(intervals);
    if (row === undefined) {
      row = new Map();
      this.rows.set(intervals, row);
    }
    row.set(key, { ...sent, nextMs: nowMs + intervals * this.everyMs });
  }

  private handOver({ bytes }: Sent, effects: Effects): void {
    for (let copy = 0; copy < this.copies; copy++) {
      effects.send({ to: "anyone", message: { kind: "op", op: bytes } });
    }
  }

  private allRows(): readonly Row[] {
    return [this.pressing, ...this.rows.values()];
  }
}

function firstOf(row: Row): Sent | undefined {
  for (const sent of row.values()) return sent;
  return undefined;
}
