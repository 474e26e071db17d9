// Requests that run: what each holds of the limits and is charged, by its estimate, by what is known of it, and in the end.
import { invariant } from "../base/index.js";
import type { Accounts } from "./accounts.js";
import { costOf, type OutputCount, type Use } from "./amounts.js";
import type { Bands } from "./bands.js";
import type { Limits, Reservation } from "./limits.js";
import type { Entry, Running } from "./request.js";

export class Runs {
  private readonly running = new Map<string, Running>();

  constructor(
    private readonly bands: Bands<Entry>,
    private readonly limits: Limits,
    private readonly accounts: Accounts,
    private readonly output: OutputCount,
  ) {}

  get size(): number {
    return this.running.size;
  }

  get all(): readonly Running[] {
    return [...this.running.values()];
  }

  has(id: string): boolean {
    return this.running.has(id);
  }

  of(id: string): Running {
    const one = this.running.get(id);
    invariant(one !== undefined, "it runs");
    return one;
  }

  /** @param entry was served by its band */
  begin(entry: Entry, reservation: Reservation, nowMs: number, sentMs = nowMs): void {
    const taken = this.accounts.begin(entry, nowMs);
    this.running.set(entry.id, { ...entry, sentMs, reservation, taken });
  }

  /** So much of one is known: all of its input, and of its output at least so much, where that is counted as it is written. */
  heard(id: string, { inputTokens, outputTokens }: Use, nowMs: number): void {
    const one = this.of(id);
    const least = this.output === "written" ? outputTokens : 0;
    const estimate = { inputTokens, outputTokens: Math.max(one.estimate.outputTokens, least) };
    const cost = costOf(one.weights, estimate);
    const difference = cost - one.cost;
    this.limits.correct(one.reservation, estimate, nowMs);
    this.accounts.correct(one, estimate, difference, false, nowMs);
    this.bands.of(one.band).correct(one.flow, id, difference);
    this.running.set(id, { ...one, estimate, cost });
  }

  /** One is over. @param used by its upstream; null: it never reached it */
  settle(id: string, used: Use | null, nowMs: number): void {
    const one = this.of(id);
    this.running.delete(id);
    const counted = used === null ? null : this.countedOf(one, used);
    const difference = (counted === null ? 0 : costOf(one.weights, counted)) - one.cost;
    this.limits.settle(one.reservation, counted, nowMs);
    this.accounts.correct(one, counted, difference, true, nowMs);
    this.bands.of(one.band).settle(one.flow, id, difference, nowMs);
  }

  /** Output that was asked for stays counted, whatever was written. */
  private countedOf({ estimate }: Running, used: Use): Use {
    return this.output === "written" ? used : { ...used, outputTokens: estimate.outputTokens };
  }
}
