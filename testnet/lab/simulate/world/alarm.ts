// The alarm of a simulated process: it rings as `Alarm` of node/ does, by a timer of virtual time.
import type { Agenda } from "./agenda.js";

/** The same deadline is not set anew, and a timer that the clock belies waits again. */
export class VirtualAlarm {
  /** the deadline, on the process's clock, and when its timer runs out in virtual time */
  private ringAt: number | null = null;
  private wakeMs: number | null = null;
  /** what the agenda has been told: never later than `wakeMs` */
  private toldMs: number | null = null;

  /**
   * @param clockMs the process's clock
   * @param rate ms of the machine's oscillator for one true ms
   * @param ring called once for each deadline that was reached, never before its time
   */
  constructor(
    private readonly agenda: Agenda,
    private readonly clockMs: () => number,
    private readonly rate: number,
    private readonly ring: () => void,
  ) {}

  /** Rings at `ringAt`, at once if that is past, and at no earlier setting any more; null: not at all. */
  set(ringAt: number | null): void {
    if (ringAt === this.ringAt) return;
    this.ringAt = ringAt;
    this.wakeMs = null;
    if (ringAt !== null) this.wait(ringAt);
  }

  /** The process has ended: what the agenda was told is nothing to it. */
  end(): void {
    this.toldMs = null;
  }

  private wait(ringAt: number): void {
    this.wakeMs = this.agenda.nowMs + Math.max(ringAt - this.clockMs(), 1) / this.rate;
    if (this.toldMs === null || this.toldMs > this.wakeMs) this.tell(this.wakeMs);
  }

  /** The agenda takes nothing back: what it was told too early is told again for the right time. */
  private tell(atMs: number): void {
    this.toldMs = atMs;
    this.agenda.at(atMs, () => {
      if (this.toldMs !== atMs) return;
      this.toldMs = null;
      if (this.wakeMs === null || this.ringAt === null) return;
      if (this.wakeMs > this.agenda.nowMs) return this.tell(this.wakeMs);
      if (this.clockMs() < this.ringAt) return this.wait(this.ringAt);
      this.ringAt = null;
      this.wakeMs = null;
      this.ring();
    });
  }
}
