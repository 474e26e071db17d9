// The line before an upstream: a pool driven by the clock, whose turns are promises.
import {
  type Ask,
  type AskFault,
  type Observed,
  Pool,
  type PoolRules,
  type Use,
} from "../../src/quota/index.js";

/** How a wait ended. */
export type Outcome =
  | { readonly kind: "go"; readonly waitedMs: number }
  /** nobody waits any more: its time is over, or who asked has gone */
  | { readonly kind: "late" | "left"; readonly waitedMs: number }
  | { readonly kind: "refused"; readonly fault: AskFault };

interface Waiter {
  readonly sinceMs: number;
  readonly end: (outcome: Outcome) => void;
}

/** A timer of Node's takes no longer delay. */
const MAX_DELAY_MS = 2 ** 31 - 1;

export class Line {
  private readonly pool: Pool;
  private readonly waiters = new Map<string, Waiter>();
  private timer: NodeJS.Timeout | null = null;

  /** @param now ms of a clock that never goes back */
  constructor(
    rules: PoolRules,
    private readonly now: () => number,
  ) {
    this.pool = new Pool(rules);
  }

  /** How many wait, and how many run. */
  get counts(): { readonly waiting: number; readonly running: number } {
    return { waiting: this.pool.waitingCount, running: this.pool.runningCount };
  }

  /** Waits for a turn. @param signal whoever asks has gone: its place is free at once */
  wait(ask: Ask, signal: AbortSignal): Promise<Outcome> {
    const sinceMs = this.now();
    const asked = this.pool.ask(ask, sinceMs);
    if (!asked.ok) return Promise.resolve({ kind: "refused", fault: asked.error });
    return new Promise((resolve) => {
      const leave = () => {
        const nowMs = this.now();
        if (!this.pool.leave(ask.id, nowMs)) return;
        this.end(ask.id, "left", nowMs);
        this.move();
      };
      signal.addEventListener("abort", leave, { once: true });
      this.waiters.set(ask.id, {
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
    this.pool.settle(id, used, this.now());
    this.move();
  }

  /** The upstream has begun to answer one that runs. */
  answered(): void {
    this.pool.answered();
    this.move();
  }

  refused(id: string, retryMs: number | null): void {
    this.pool.refused(id, retryMs, this.now());
  }

  /** @returns what somebody else must have used */
  observe(id: string, observed: Observed): number {
    return this.pool.observe(id, observed, this.now());
  }

  close(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  private move(): void {
    const nowMs = this.now();
    const { begun, expired, wakeAtMs } = this.pool.turn(nowMs);
    for (const { id } of begun) this.end(id, "go", nowMs);
    for (const { id } of expired) this.end(id, "late", nowMs);
    this.close();
    if (wakeAtMs === null) return;
    this.timer = setTimeout(
      () => this.move(),
      Math.min(MAX_DELAY_MS, Math.max(0, Math.ceil(wakeAtMs - nowMs))),
    );
  }

  private end(id: string, kind: "go" | "late" | "left", nowMs: number): void {
    const waiter = this.waiters.get(id);
    this.waiters.delete(id);
    waiter?.end({ kind, waitedMs: nowMs - waiter.sinceMs });
  }
}
