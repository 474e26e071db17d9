// A clock that jumps: whatever waits is woken in order, and no time passes while anything is left to be done.
import { setImmediate as turnOver } from "node:timers/promises";
import { Heap } from "../../../src/base/index.js";
import type { Clock } from "../../upstream/clock.js";

interface Alarm {
  readonly id: string;
  readonly atMs: number;
  readonly nth: number;
  readonly ring: () => void;
}

export class VirtualClock implements Clock {
  private ms = 0;
  private count = 0;
  private readonly alarms = new Heap<Alarm>((a, b) => (a.atMs === b.atMs ? a.nth < b.nth : a.atMs < b.atMs));

  nowMs(): number {
    return this.ms;
  }

  /** Calls at a time, now if that is over. @returns takes the call back */
  at(atMs: number, ring: () => void): () => void {
    const nth = this.count++;
    const id = String(nth);
    this.alarms.set({ id, nth, atMs: Math.max(Math.ceil(atMs), this.ms), ring });
    return () => this.alarms.delete(id);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms <= 0 || signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const leave = (): void => {
        cancel();
        resolve();
      };
      const cancel = this.at(this.ms + ms, () => {
        signal?.removeEventListener("abort", leave);
        resolve();
      });
      signal?.addEventListener("abort", leave, { once: true });
    });
  }

  /** Lets time pass, up to a moment or until nothing waits. */
  async run(untilMs: number): Promise<void> {
    await turnOver();
    for (let next = this.alarms.first; next !== null && next.atMs <= untilMs; next = this.alarms.first) {
      this.ms = next.atMs;
      while (this.alarms.first?.atMs === this.ms) {
        const { id, ring } = this.alarms.first;
        this.alarms.delete(id);
        ring();
      }
      await turnOver();
    }
    this.ms = Math.max(this.ms, untilMs);
  }
}
