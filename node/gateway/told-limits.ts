// What answers tell of a line's limits: how large they are, and how much of them was used that did not come through here.
import { type Limit, limitName, type Pool } from "../../src/quota/index.js";
import type { GatewayClock } from "./clock.js";
import type { Seen } from "./dialect.js";
import { Drift, type DriftEvent, type Foreign } from "./drift.js";
import { LearnedLimits } from "./learned-limits.js";

export type LimitsEvent =
  /** answers tell other limits than were known: all that hold now */
  { readonly kind: "limits"; readonly limits: readonly Limit[] } | DriftEvent;

export class ToldLimits {
  private readonly learned: LearnedLimits;
  private readonly drift: Drift;
  /** by name, limits of which somebody else has used some: by less than their grain more than answers tell, till none is used */
  private readonly blurred = new Set<string>();

  /** @param configured by the owner */
  constructor(
    configured: readonly Limit[],
    private readonly pool: Pick<Pool, "relimit" | "observe" | "leaveAhead">,
    private readonly clock: GatewayClock,
    private readonly told: (event: LimitsEvent) => void,
  ) {
    this.learned = new LearnedLimits(configured);
    this.drift = new Drift(clock, told);
  }

  /** Those that hold: the lower of what was configured and what answers tell. */
  get limits(): readonly Limit[] {
    return this.learned.limits;
  }

  /** What somebody else uses of the key, as long as it lasts. */
  get foreign(): readonly Foreign[] {
    return this.drift.episodes;
  }

  /** The answer to one that runs tells figures, and by them what somebody else must have used. */
  see(id: string, seen: readonly Seen[]): void {
    this.hold(this.learned.forget(this.clock.nowMs()));
    if (seen.length > 0) this.hold(this.learned.see(seen));
    for (const one of seen) this.compare(id, one);
  }

  /**
   * One that runs is refused, and the refusal says how large limits are: with what it asked for they are full, at least. Who
   * used the rest is not asked: an estimate of what it asked for is no figure to suspect anybody by.
   */
  refusedBy(id: string, limits: readonly Limit[]): void {
    const nowMs = this.clock.nowMs();
    this.hold(this.learned.refusedBy(limits, nowMs));
    for (const { dimension, limit, windowMs } of limits)
      this.pool.observe(id, { dimension, windowMs, used: limit }, nowMs);
  }

  /** @param limits from now on; null: those that hold */
  private hold(limits: readonly Limit[] | null): void {
    if (limits === null) return;
    this.pool.relimit(limits, this.clock.nowMs());
    this.told({ kind: "limits", limits });
  }

  /** What the upstream has counted of a limit, and what was counted here: the difference is somebody else's. */
  private compare(id: string, { dimension, limit, remaining, grain, windowMs }: Seen): void {
    const known = this.learned.of(dimension, windowMs);
    const used = limit - remaining - grain;
    if (known === null) return;
    const observed = { dimension, windowMs: known.windowMs, used };
    const foreign = used > 0 ? this.pool.observe(id, observed, this.clock.nowMs()) : 0;
    if (foreign > 0) this.drift.see(known, foreign);
    else this.drift.agree(known);
    const name = limitName(known);
    if (foreign > 0) this.blurred.add(name);
    if (used <= 0) this.blurred.delete(name);
    this.pool.leaveAhead(known, this.drift.aheadOf(known) + (this.blurred.has(name) ? grain : 0));
  }
}

const MINUTE_MS = 60_000;

/** In which one request flows off, of limits that are refilled within a minute. */
export function oneRequestMs(limits: readonly Limit[]): number {
  const ms = limits
    .filter(({ dimension, windowMs }) => dimension === "requests" && windowMs <= MINUTE_MS)
    .map(({ limit, windowMs }) => Math.ceil(windowMs / limit));
  return Math.max(0, ...ms);
}
