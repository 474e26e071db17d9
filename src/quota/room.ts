// What of each limit lower bands leave to the interactive one, so that it need not wait for room (spec/gateway#G20).
import type { Band } from "./bands.js";
import type { Kept } from "./ready.js";

/** So long after it asked last, the interactive band is one that asks. */
const INTERACTIVE_MS = 600_000;

export class Room {
  private lastMs = Number.NEGATIVE_INFINITY;

  /** @param bp of each limit, 0 to 9,999 */
  constructor(private readonly bp: number) {}

  asked(band: Band, nowMs: number): void {
    if (band === "interactive") this.lastMs = nowMs;
  }

  /** What is kept from a band; null: nothing. */
  keptFrom(band: Band, nowMs: number): Kept | null {
    const untilMs = this.lastMs + INTERACTIVE_MS;
    return band !== "interactive" && nowMs < untilMs ? { bp: this.bp, untilMs } : null;
  }
}
