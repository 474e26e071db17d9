// The load of the gossip rows: the same peers, links, rate and message sizes for ours and for the bare one.
import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import type { Dial } from "../dialling.js";
import { costOf } from "./cost.js";
import { until } from "./until.js";

export const GOSSIP_PEERS = 16;
const RATE_PER_SECOND = 40;
/** Each peer dials the next so many around a ring: everyone has twice as many links. */
const RING_REACH = 3;

export const ringOfDials = (): readonly Dial[] =>
  Array.from({ length: GOSSIP_PEERS * RING_REACH }, (_, i) => {
    const from = i % GOSSIP_PEERS;
    return { from, to: (from + 1 + Math.floor(i / GOSSIP_PEERS)) % GOSSIP_PEERS };
  });

/** A gossip network under load. */
export interface Loaded {
  publish(from: number, ordinal: number): void;
  /** deliveries so far, a peer's own messages not counted */
  delivered(): number;
}

/** Publishes messages from the peers in turn, one at a time or several at once. */
export class Load {
  private sent = 0;

  constructor(private readonly network: Loaded) {}

  /** Sends `count` messages at the rate of the rows, and waits for the last. @returns CPU µs for each delivery */
  async run(count: number, atOnce: number): Promise<number> {
    const before = this.network.delivered();
    const wanted = before + count * (GOSSIP_PEERS - 1);
    const { cpuMs } = await costOf(async () => {
      const startedAtMs = performance.now();
      for (let i = 0; i < count; i += atOnce) {
        const dueMs = startedAtMs + (i * 1000) / RATE_PER_SECOND;
        if (dueMs > performance.now()) await pause(dueMs - performance.now());
        const from = Math.floor(this.sent / atOnce) % GOSSIP_PEERS;
        for (let sent = 0; sent < atOnce; sent++) this.network.publish(from, this.sent++);
      }
      await until("every message is delivered", () => this.network.delivered() >= wanted);
    });
    return (cpuMs * 1000) / (this.network.delivered() - before);
  }
}
