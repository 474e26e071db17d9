// How many requests may run at once, and when none may begin: learned from refusals (additive increase, multiplicative decrease).
import { invariant } from "../base/index.js";

export interface CongestionRules {
  /** requests at once with which one begins, ≥ 1 */
  readonly first: number;
  /** requests at once that are never passed, ≥ first */
  readonly most: number;
  /** of a pause whose end the upstream did not say, ms > 0 */
  readonly pauseMs: number;
}

/** Whatever an upstream says, it is looked at again by then: one word of a month would stop all until a restart. */
const MOST_PAUSE_MS = 300_000;

/** Slots are counted in thousandths, so that a success adds a part of one. */
const SLOT = 1_000;

/** After a refusal one request goes first; once it succeeds the others follow, half as many as before. */
export class Congestion {
  private slots: number;
  private slowStartUpTo: number;
  private pausedUntilMs: number | null = null;
  private isProbing = false;
  /** refusals of requests that were sent before this are about the same crowd */
  private lastRefusedMs: number | null = null;

  constructor(private readonly rules: CongestionRules) {
    invariant(rules.first >= 1 && rules.most >= rules.first, "the first slots are among the most");
    this.slots = rules.first * SLOT;
    this.slowStartUpTo = rules.most * SLOT;
  }

  /** How many may run at once. */
  get width(): number {
    return this.isProbing ? 1 : Math.floor(this.slots / SLOT);
  }

  /** Time from which requests may begin again; null: now. */
  blockedUntil(nowMs: number): number | null {
    return this.pausedUntilMs !== null && nowMs < this.pausedUntilMs ? this.pausedUntilMs : null;
  }

  /** A request was answered. */
  succeeded(): void {
    this.isProbing = false;
    const more = this.slots < this.slowStartUpTo ? SLOT : Math.floor((SLOT * SLOT) / this.slots);
    this.slots = Math.min(this.rules.most * SLOT, this.slots + more);
  }

  /** A request was refused for what all of them do. @param retryMs by the upstream, null: it does not say */
  refused({ sentMs, nowMs, retryMs }: { sentMs: number; nowMs: number; retryMs: number | null }): void {
    const untilMs = nowMs + Math.min(MOST_PAUSE_MS, retryMs ?? this.rules.pauseMs);
    this.pausedUntilMs = Math.max(this.pausedUntilMs ?? untilMs, untilMs);
    this.isProbing = true;
    if (this.lastRefusedMs !== null && sentMs <= this.lastRefusedMs) return;
    this.lastRefusedMs = nowMs;
    this.slots = Math.max(SLOT, Math.floor(this.slots / 2));
    this.slowStartUpTo = this.slots;
  }
}
