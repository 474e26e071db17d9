// How fast a line moves while somebody waits in it: what one more may expect to wait.

/** Each new distance between two turns counts for this part of the pace. */
const PART = 1 / 5;

export class TurnPace {
  /** between two turns, ms; null: nobody has waited yet */
  private betweenMs: number | null = null;
  /** when the last turn was, or, if none was since, when somebody began to wait; null: nobody waits */
  private sinceMs: number | null = null;

  /** How long one more would wait, whole ms; null: nobody has waited yet. @param waiting how many do already */
  waitMs(waiting: number): number | null {
    return this.betweenMs === null ? null : Math.ceil(this.betweenMs * (waiting + 1));
  }

  /** Time in which nobody waits is no part of the pace. @param begun how many had their turn now, ≥ 0 @param waiting how many still wait */
  turned(begun: number, waiting: number, nowMs: number): void {
    if (begun > 0 && this.sinceMs !== null) {
      const each = (nowMs - this.sinceMs) / begun;
      this.betweenMs = this.betweenMs === null ? each : this.betweenMs + (each - this.betweenMs) * PART;
    }
    if (begun > 0 || waiting === 0) this.sinceMs = null;
    if (waiting === 0) this.betweenMs = null;
    else this.sinceMs ??= nowMs;
  }
}
