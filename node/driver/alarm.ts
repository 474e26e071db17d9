// The peer's alarm: one timer for the least of its deadlines.

/** The longest wait of a Node timer; a later deadline is waited for in parts. */
const MAX_WAIT_MS = 2 ** 31 - 1;

export class Alarm {
  private timer: NodeJS.Timeout | null = null;
  private atMs: number | null = null;

  /**
   * @param nowMs the peer's clock, by which deadlines are meant; it may run slower than Node's timers
   * @param ring called once for each deadline that was reached, never before its time
   */
  constructor(
    private readonly nowMs: () => number,
    private readonly ring: () => void,
  ) {}

  /** Rings at `atMs`, at once if that is past, and at no earlier setting any more; null: not at all. */
  set(atMs: number | null): void {
    if (atMs === this.atMs) return;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.atMs = atMs;
    if (atMs !== null) this.wait(atMs);
  }

  private wait(atMs: number): void {
    this.timer = setTimeout(
      () => {
        if (this.nowMs() < atMs) return this.wait(atMs);
        this.timer = null;
        this.atMs = null;
        this.ring();
      },
      Math.min(Math.max(atMs - this.nowMs(), 1), MAX_WAIT_MS),
    );
  }
}
