// The line of those who are served large answers: few at once, and so many bytes a second for each and for all.
import type { Bytes } from "../../src/base/index.js";
import { TokenBuckets } from "./token-bucket.js";

export interface ServingLimits {
  /** answers that are made at the same time, and that may wait for their turn */
  readonly atOnce: number;
  readonly waiting: number;
  /** of those that wait, what one asker may have: the line is for more than one */
  readonly waitingEach: number;
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
  private readonly places = new Map<string, number>();
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
    let count = 0;
    for (const places of this.places.values()) count += places;
    return count;
  }

  /**
   * What `make` makes, when it is this asker's turn; null: the line is too long, or the asker had too much.
   * @param asker whoever is one to this line: a peer, or a seat under whatever peers' names
   */
  async serve(asker: string, make: () => Promise<Bytes>): Promise<Bytes | null> {
    const { waiting, waitingEach, patienceMs, atOnce } = this.limits;
    const debtMs = Math.max(this.each.spend(asker, 0), this.all.spend(ALL, 0));
    const isFull = this.waiting >= waiting || (this.places.get(asker) ?? 0) >= waitingEach;
    if (debtMs > patienceMs || isFull) return null;
    if (debtMs > 0) await this.inPlace(asker, this.pause(debtMs));
    if (this.working >= atOnce) await this.inPlace(asker, new Promise((turn) => this.turns.push(turn)));
    else this.working++;
    try {
      const bytes = await make();
      this.each.spend(asker, bytes.length);
      this.all.spend(ALL, bytes.length);
      return bytes;
    } finally {
      const next = this.turns.shift(); // takes over the place
      if (next === undefined) this.working--;
      else next();
    }
  }

  /** Waits for `turn`, and takes up a place meanwhile. */
  private async inPlace(asker: string, turn: Promise<void>): Promise<void> {
    this.places.set(asker, (this.places.get(asker) ?? 0) + 1);
    await turn;
    const left = this.places.get(asker)! - 1;
    if (left === 0) this.places.delete(asker);
    else this.places.set(asker, left);
  }
}
