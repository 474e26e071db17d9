// The line of those who are served large answers: few at once, and so many bytes a second for each and for all.
import type { Bytes } from "../../src/base/index.js";
import type { PeerRef } from "../../src/peer/event.js";
import { TokenBuckets } from "./token-bucket.js";

export interface ServingLimits {
  /** answers that are made at the same time, and that may wait for their turn */
  readonly atOnce: number;
  readonly waiting: number;
  /** bytes per second and at once, of one asker and of all together: names are free */
  readonly bytesPerSecond: number;
  readonly burstBytes: number;
  readonly allBytesPerSecond: number;
  readonly allBurstBytes: number;
  /** whoever would have to wait longer, in ms, is told to come again */
  readonly patienceMs: number;
}

const ALL = "";

export class ServingLine {
  private readonly each: TokenBuckets;
  private readonly all: TokenBuckets;
  private readonly turns: (() => void)[] = [];
  private paused = 0;
  private working = 0;

  constructor(
    private readonly limits: ServingLimits,
    steadyMs: () => number,
    private readonly pause: (ms: number) => Promise<void>,
  ) {
    this.each = new TokenBuckets(limits.bytesPerSecond, limits.burstBytes, steadyMs);
    this.all = new TokenBuckets(limits.allBytesPerSecond, limits.allBurstBytes, steadyMs);
  }

  /** How many wait, for their turn or for what they had before. */
  get waiting(): number {
    return this.turns.length + this.paused;
  }

  /** What `make` makes, when it is this asker's turn; null: the line is too long, or the asker had too much. */
  async serve(from: PeerRef, make: () => Promise<Bytes>): Promise<Bytes | null> {
    const { waiting, patienceMs, atOnce } = this.limits;
    const debtMs = Math.max(this.each.spend(from, 0), this.all.spend(ALL, 0));
    if (debtMs > patienceMs || this.waiting >= waiting) return null;
    if (debtMs > 0) await this.pausing(debtMs);
    if (this.working >= atOnce) await new Promise<void>((turn) => this.turns.push(turn));
    else this.working++;
    try {
      const bytes = await make();
      this.each.spend(from, bytes.length);
      this.all.spend(ALL, bytes.length);
      return bytes;
    } finally {
      const next = this.turns.shift(); // takes over the place
      if (next === undefined) this.working--;
      else next();
    }
  }

  private async pausing(ms: number): Promise<void> {
    this.paused++;
    await this.pause(ms);
    this.paused--;
  }
}
