// The lookout: looks every second whether this peer may be cut off, tells so, and has all that is known dialled again.
import type { Counters } from "./counters.js";
import { type EclipseAlarm, EclipseWatch } from "./eclipse-watch.js";
import type { NetworkLog } from "./ports.js";
import type { Roster } from "./roster.js";

export interface LookoutPort {
  readonly roster: Roster;
  readonly counters: Counters;
  readonly log: NetworkLog;
  /** between two final entries of an idle market */
  readonly expectedEntryMs: number;
  readonly steadyMs: () => number;
  /** of this peer's last final entry */
  height(): number;
  /** see `Dialer.bootstrapAgain` */
  bootstrapAgain(alarmed: boolean): boolean;
  told(alarm: EclipseAlarm | null): void;
  later(ms: number, work: () => void): void;
}

const LOOK_EVERY_MS = 1000;

/** An alarm is told and answered with new connections; nobody is judged by it, for whoever disagrees may be right. */
export class Lookout {
  private readonly watch: EclipseWatch;
  private current: EclipseAlarm | null = null;

  constructor(private readonly port: LookoutPort) {
    this.watch = new EclipseWatch(port.expectedEntryMs, port.steadyMs());
    this.again();
  }

  get alarm(): EclipseAlarm | null {
    return this.current;
  }

  private again(): void {
    this.port.later(LOOK_EVERY_MS, () => {
      this.look();
      this.again();
    });
  }

  private look(): void {
    const { roster, counters, log } = this.port;
    const alarm = this.watch.look(this.port.steadyMs(), this.port.height(), roster.size);
    if (alarm !== this.current) {
      this.current = alarm;
      if (alarm !== null) counters.add("peers", alarm);
      this.port.told(alarm);
    }
    if (this.port.bootstrapAgain(alarm !== null)) {
      log.warn({ alarm, peers: roster.size }, "this peer may be cut off: it dials all it knows");
    }
  }
}
