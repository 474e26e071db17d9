// The clock of a simulated machine: it may be off, run fast or slow, and be set; the process reads it as a real one does.
import { steadyClock } from "../../../../node/clock.js";

/** What one machine takes for the date. It goes on while the process is down. */
export class MachineClock {
  private setMs = 0;

  /**
   * @param epochMs what it shows at virtual time 0
   * @param driftPpm by how many millionths it runs fast; above −1,000,000
   * @param virtualMs the true time since the world began
   */
  constructor(
    private readonly epochMs: number,
    private readonly driftPpm: number,
    private readonly virtualMs: () => number,
  ) {}

  /** ms of this machine's oscillator for one true ms */
  get rate(): number {
    return 1 + this.driftPpm / 1_000_000;
  }

  get wallMs(): number {
    return this.epochMs + this.setMs + this.uptimeMs;
  }

  /** As NTP or a person sets it: forwards, or backwards where negative. */
  step(byMs: number): void {
    this.setMs += byMs;
  }

  /** Right again but for what it was off at the beginning and its drift. */
  mend(): void {
    this.setMs = 0;
  }

  /** What a process that starts now goes by: the very clock of the daemon. */
  ofProcess(): () => number {
    return steadyClock(
      () => this.wallMs,
      () => this.uptimeMs,
    );
  }

  private get uptimeMs(): number {
    return this.virtualMs() * this.rate;
  }
}
