// A pool whose key is used up, until somebody pays or a window is over: nobody waits for it, and one request at a time looks.
import type { Failure } from "./dialect.js";

export type Exhausted = Extract<Failure, { kind: "exhausted" }>;

/** How long after a refusal that does not say when it ends one request may look whether it has. */
const LOOK_MS = 60_000;
/** Whatever a refusal says of its end, so often one looks: somebody may pay before, and what an upstream says may be wrong by years. */
const MOST_MS = 3_600_000;

export class Parking {
  private exhausted: Exhausted | null = null;
  /** by the clock of waits: from when on a request may look */
  private lookAtMs = 0;
  private looking: string | null = null;

  /** Why nobody may wait; null: it is not parked. */
  get why(): Exhausted | null {
    return this.exhausted;
  }

  /** @returns why a request may not even wait; null: it may, as any other, or to look */
  admit(id: string, nowMs: number): Exhausted | null {
    if (this.exhausted === null) return null;
    if (this.looking !== null || nowMs < this.lookAtMs) return this.exhausted;
    this.looking = id;
    return null;
  }

  /** @param wallMs since 1970, the same moment as `nowMs` */
  park(exhausted: Exhausted, nowMs: number, wallMs: number): void {
    this.exhausted = exhausted;
    this.looking = null;
    const { untilMs } = exhausted;
    const leftMs = untilMs === null ? LOOK_MS : Math.max(LOOK_MS / 60, untilMs - wallMs);
    this.lookAtMs = nowMs + Math.min(MOST_MS, leftMs);
  }

  /** @returns whether the request was the one that looked: the key may be used again */
  answered(id: string): boolean {
    if (this.looking !== id) return false;
    this.looking = null;
    this.exhausted = null;
    return true;
  }

  /** A request is over, or waits no more: if it looked and saw nothing, another may. */
  over(id: string): void {
    if (this.looking === id) this.looking = null;
  }
}
