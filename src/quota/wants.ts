// Who waits for longest among gateways of one key with a request that is greater than its part.

/** A gateway that wants says so this often, and is believed for so long. */
export const WANT_MS = 250;
const BELIEVED_MS = 1_000;

export interface Want {
  readonly gateway: string;
  /** since when its request waits, by the clock of who heard it */
  readonly sinceMs: number;
}

export class Wants {
  private readonly known = new Map<string, Heard>();

  /** @param nth its requests that want are counted @param waitedMs null: it wants nothing any more */
  hear(gateway: string, nth: number, waitedMs: number | null, nowMs: number): void {
    const before = this.known.get(gateway);
    if (waitedMs === null) this.known.delete(gateway);
    else
      this.known.set(gateway, {
        ...{ gateway, nth, sinceMs: nowMs - waitedMs, heardMs: nowMs },
        firstMs: before?.nth === nth ? before.firstMs : null,
      });
  }

  forget(gateway: string): void {
    this.known.delete(gateway);
  }

  /** Who is before all others; null: nobody. @param mostMs who has been first for so long is passed over for as long: not all have lent */
  first(nowMs: number, mostMs: number): Want | null {
    let first: Heard | null = null;
    for (const one of this.known.values()) {
      if (nowMs - one.heardMs >= BELIEVED_MS) continue;
      if (one.firstMs !== null && (nowMs - one.firstMs) % (2 * mostMs) >= mostMs) continue;
      if (first === null || isBefore(one, first)) first = one;
    }
    if (first !== null) first.firstMs ??= nowMs;
    return first;
  }
}

interface Heard extends Want {
  readonly nth: number;
  readonly heardMs: number;
  /** since when it is before all others; null: it never was */
  firstMs: number | null;
}

/** Of two that came together the name decides, alike at all. */
export const isBefore = (a: Want, b: Want): boolean =>
  a.sinceMs < b.sinceMs || (a.sinceMs === b.sinceMs && a.gateway < b.gateway);
