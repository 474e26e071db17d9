// Books for tests of spending: dull ones, which add up all that ever was each time somebody asks.
import type { Purse } from "../../../node/gateway/spending/bounds.js";

const DAY_MS = 86_400_000;

export interface Charge {
  readonly payers: readonly string[];
  readonly cost: number;
  /** null: it runs */
  readonly endedMs: number | null;
}

/** In which of its kind a moment lies. */
export function windowAt(window: "day" | "week" | "month" | "all", atMs: number): string {
  const date = new Date(atMs);
  switch (window) {
    case "day":
      return date.toISOString().slice(0, 10);
    case "week":
      // Monday's.
      return new Date(atMs - ((date.getUTCDay() + 6) % 7) * DAY_MS).toISOString().slice(0, 10);
    case "month":
      return date.toISOString().slice(0, 7);
    case "all":
      return "";
  }
}

export class DullBooks implements Purse {
  readonly charges: Charge[] = [];

  setAside(who: string): number {
    return sum(this.charges.filter(({ payers, endedMs }) => endedMs === null && payers.includes(who)));
  }

  spent(who: string, window: "day" | "week" | "month" | "all", nowMs: number): number {
    const counts = ({ payers, endedMs }: Charge) =>
      payers.includes(who) && (endedMs === null || windowAt(window, endedMs) === windowAt(window, nowMs));
    return sum(this.charges.filter(counts));
  }

  begin(payers: readonly string[], cost: number): number {
    return this.charges.push({ payers, cost, endedMs: null }) - 1;
  }

  end(nth: number, cost: number, endedMs: number): void {
    this.charges[nth] = { ...this.charges[nth]!, cost, endedMs };
  }

  get running(): readonly number[] {
    return this.charges.flatMap(({ endedMs }, nth) => (endedMs === null ? [nth] : []));
  }
}

const sum = (charges: readonly Charge[]): number => charges.reduce((all, { cost }) => all + cost, 0);
