// Bands: the higher first, and yet none below it starves.
import { type Fairness, FairQueue, type Memory } from "./fair-queue.js";
import type { Queued } from "./flow.js";

/** The higher first. */
export const BANDS = ["interactive", "normal", "batch"] as const;
export type Band = (typeof BANDS)[number];

const WHOLE_BP = 10_000;

interface Row<T extends Queued> {
  readonly band: Band;
  readonly queue: FairQueue<T>;
  /** of what higher bands were served while this one waited: its floor, in costs times 10,000 */
  owed: number;
}

export class Bands<T extends Queued> {
  private readonly rows: readonly Row<T>[];

  /** @param floorBp of what is served above it, a band that waits gets at least this part */
  constructor(
    private readonly floorBp: number,
    memory: Memory,
  ) {
    this.rows = BANDS.map((band) => ({ band, queue: new FairQueue<T>(memory), owed: 0 }));
  }

  of(band: Band): FairQueue<T> {
    return this.row(band).queue;
  }

  /** Who is next, or null: nobody waits. */
  get head(): { readonly band: Band; readonly flow: string; readonly item: T } | null {
    let next: { readonly band: Band; readonly flow: string; readonly item: T } | null = null;
    for (const { band, queue, owed } of this.rows) {
      const { head } = queue;
      if (head === null) continue;
      if (next === null || owed >= head.item.cost * WHOLE_BP) next = { band, ...head };
    }
    return next;
  }

  /** Flows that wait in a band and above. */
  flowCountUpTo(band: Band): number {
    const rows = this.rows.slice(0, BANDS.indexOf(band) + 1);
    return rows.reduce((sum, { queue }) => sum + queue.flowCount, 0);
  }

  /** Requests that wait in the bands above one. */
  countAbove(band: Band): number {
    return this.rows.slice(0, BANDS.indexOf(band)).reduce((sum, { queue }) => sum + queue.size, 0);
  }

  /** Of the bands' own, the greatest. */
  get fairness(): Fairness {
    const all = this.rows.map(({ queue }) => queue.fairness);
    return all.reduce((a, b) => ({
      gap: Math.max(a.gap, b.gap),
      bound: Math.max(a.bound, b.bound),
    }));
  }

  /** Forgets flows of which nothing is left to remember. */
  forget(nowMs: number): void {
    for (const { queue } of this.rows) queue.forget(nowMs);
  }

  /** Takes who is next. */
  serve({ band, flow }: { readonly band: Band; readonly flow: string }): T {
    const served = this.row(band);
    const item = served.queue.serve(flow);
    served.owed = Math.max(0, served.owed - item.cost * WHOLE_BP);
    let isBelow = false;
    for (const row of this.rows) {
      if (row.queue.size === 0) row.owed = 0;
      else if (isBelow) row.owed += item.cost * this.floorBp;
      if (row === served) isBelow = true;
    }
    return item;
  }

  private row(band: Band): Row<T> {
    return this.rows[BANDS.indexOf(band)]!;
  }
}
