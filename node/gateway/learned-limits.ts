// The limits of a pool: those that its owner names and those that answers tell, of each the lower (spec/gateway#G24).
import { type Dimension, type Limit, limitName } from "../../src/quota/index.js";
import type { Seen } from "./dialect.js";

/** What a refusal tells holds so long: where no field tells limits, nothing else would ever say that one has been raised. */
const REFUSAL_MS = 3_600_000;

export class LearnedLimits {
  private readonly seen = new Map<string, Limit>();
  /** until when limits hold that refusals have told, by their names */
  private readonly refused = new Map<string, number>();
  private forgetAtMs = Number.POSITIVE_INFINITY;
  private now: readonly Limit[];

  /** @param configured by the owner; none: all are learned */
  constructor(private readonly configured: readonly Limit[]) {
    this.now = configured;
  }

  /** Those that hold. */
  get limits(): readonly Limit[] {
    return this.now;
  }

  /** @param windowMs null: the first of the dimension is meant. @returns null: there is none */
  of(dimension: Dimension, windowMs: number | null): Limit | null {
    return (
      this.now.find(
        (one) => one.dimension === dimension && (windowMs === null || one.windowMs === windowMs),
      ) ?? null
    );
  }

  /** @returns those that hold from now on; null: the same as before */
  see(seen: readonly Seen[]): readonly Limit[] | null {
    for (const { dimension, limit, windowMs } of seen) {
      // Whoever does not tell the window tells of one that is known, or will tell it once something is used.
      const window = windowMs ?? this.of(dimension, null)?.windowMs;
      if (window === undefined) continue;
      const one = { dimension, limit, windowMs: window };
      this.seen.set(limitName(one), one);
    }
    return this.changed();
  }

  /** As a refusal tells them. @returns as `see` */
  refusedBy(limits: readonly Limit[], nowMs: number): readonly Limit[] | null {
    for (const one of limits) {
      this.seen.set(limitName(one), one);
      this.refused.set(limitName(one), nowMs + REFUSAL_MS);
    }
    this.forgetAtMs = Math.min(this.forgetAtMs, nowMs + REFUSAL_MS);
    return this.changed();
  }

  /** What refusals have told long ago is forgotten. @returns as `see` */
  forget(nowMs: number): readonly Limit[] | null {
    if (nowMs < this.forgetAtMs) return null;
    for (const [name, untilMs] of [...this.refused]) {
      if (nowMs < untilMs) continue;
      this.refused.delete(name);
      this.seen.delete(name);
    }
    this.forgetAtMs = Math.min(Number.POSITIVE_INFINITY, ...this.refused.values());
    return this.changed();
  }

  private changed(): readonly Limit[] | null {
    const names = new Set([...this.configured.map(limitName), ...this.seen.keys()]);
    const limits = [...names].map((name) => this.lower(name));
    if (limits.length === this.now.length && limits.every(({ limit }, i) => limit === this.now[i]!.limit))
      return null;
    this.now = limits;
    return limits;
  }

  /** The owner's burst holds of a lower figure too: no answer tells one. */
  private lower(name: string): Limit {
    const configured = this.configured.find((one) => limitName(one) === name);
    const seen = this.seen.get(name);
    if (configured === undefined || seen === undefined) return (configured ?? seen)!;
    return seen.limit < configured.limit ? { ...configured, limit: seen.limit } : configured;
  }
}
