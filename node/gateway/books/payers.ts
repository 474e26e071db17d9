// Who pays, and what each has spent: charged already, or set aside for what runs.
import { charged, NO_SUMS, type Sums, spentIn } from "./sums.js";
import type { Window } from "./windows.js";

/** Callers that only their clients name come and go, under an agent's key or without one: a session, a client. */
export const isPassing = (who: string): boolean => !/^agent:[^/]*$/.test(who);

export class Payers {
  private readonly lasting = new Map<string, Sums>();
  /** who was charged longest ago first */
  private readonly passing = new Map<string, Sums>();
  /** exact: what is set aside may be more in all than a number holds, and is let go of to the last micro-credit */
  private readonly setAside = new Map<string, bigint>();

  constructor(
    known: Iterable<readonly [who: string, sums: Sums]>,
    /** of those so many are remembered: who were charged last */
    private readonly mostPassing: number,
  ) {
    const sorted = [...known].sort(([, a], [, b]) => a.lastMs - b.lastMs);
    for (const [who, sums] of sorted) this.placeOf(who).set(who, sums);
  }

  /** Sets aside, or, below 0, lets go. */
  reserve(payers: readonly string[], cost: number): void {
    for (const who of payers) {
      const left = (this.setAside.get(who) ?? 0n) + BigInt(cost);
      if (left === 0n) this.setAside.delete(who);
      else this.setAside.set(who, left);
    }
  }

  /** @returns what each has spent now; null: it is forgotten */
  charge(payers: readonly string[], cost: number, atMs: number): ReadonlyMap<string, Sums | null> {
    const changed = new Map<string, Sums | null>();
    for (const who of payers) {
      const place = this.placeOf(who);
      const sums = charged(place.get(who) ?? NO_SUMS, cost, atMs);
      place.delete(who);
      place.set(who, sums);
      changed.set(who, sums);
    }
    while (this.passing.size > this.mostPassing) {
      const [oldest] = this.passing.keys();
      this.passing.delete(oldest!);
      changed.set(oldest!, null);
    }
    return changed;
  }

  /** What is set aside for what runs. */
  setAsideFor(who: string): number {
    return Number(least(this.setAside.get(who) ?? 0n, MOST));
  }

  /** What runs is spent until it is over. */
  spent(who: string, window: Window, nowMs: number): number {
    const sums = this.placeOf(who).get(who) ?? NO_SUMS;
    return Number(least(BigInt(spentIn(sums, window, nowMs)) + (this.setAside.get(who) ?? 0n), MOST));
  }

  private placeOf(who: string): Map<string, Sums> {
    return isPassing(who) ? this.passing : this.lasting;
  }
}

const MOST = BigInt(Number.MAX_SAFE_INTEGER);

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
