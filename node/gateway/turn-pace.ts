// How fast a line moves while somebody waits in it: what one more may expect to wait.

/** Each new distance between two turns counts for this part of the pace. */
const PART = 1 / 5;

export class TurnPace {
  /** between two turns, ms; null: nobody has waited yet */
  private betweenMs: number | null = null;
  private lastMs = 0;

  /** How long one more would wait, whole ms; null: nobody has waited yet. @param waiting how many do already */
  waitMs(waiting: number): number | null {
    return this.betweenMs === null ? null : Math.ceil(this.betweenMs * (waiting + 1));
  }

  /** @param begun how many had their turn now, > 0 @param waiting how many still wait */
  turned(begun: number, waiting: number, nowMs: number): void {
    if (waiting > 0 || this.betweenMs !== null) {
      const each = (nowMs - this.lastMs) / begun;
      this.betweenMs = this.betweenMs === null ? each : this.betweenMs + (each - this.betweenMs) * PART;
    }
    if (waiting === 0) this.betweenMs = null;
    this.lastMs = nowMs;
  }
}
