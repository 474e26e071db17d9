// The lookout: looks every second whether this peer may be cut off, tells so, and has all that is known dialled again.
import type { Counters } from "./counters.js";
import { type EclipseAlarm, EclipseWatch } from "./eclipse-watch.js";
import type { NetworkHandlers, NetworkLog } from "./ports.js";
import type { Roster } from "./roster.js";

export interface LookoutPort {
  readonly roster: Roster;
  readonly counters: Counters;
  readonly log: NetworkLog;
  /** between two final entries of an idle market; absent: nobody looks */
  readonly expectedEntryMs?: number;
  readonly steadyMs: () => number;
  readonly onEclipse?: (alarm: EclipseAlarm | null) => void;
  readonly handlers: Pick<NetworkHandlers, "height">;
  /** see `Dialer.bootstrapAgain` */
  bootstrapAgain(alarmed: boolean): boolean;
  later(ms: number, work: () => void): void;
}

const LOOK_EVERY_MS = 1000;

/** An alarm is told and answered with new connections; nobody is judged by it, for whoever disagrees may be right. */
export class Lookout {
  private current: EclipseAlarm | null = null;

  constructor(private readonly port: LookoutPort) {}

  begin(): void {
    const { expectedEntryMs, steadyMs } = this.port;
    if (expectedEntryMs !== undefined) this.again(new EclipseWatch(expectedEntryMs, steadyMs()));
  }

  get alarm(): EclipseAlarm | null {
    return this.current;
  }

  private again(watch: EclipseWatch): void {
    this.port.later(LOOK_EVERY_MS, () => {
      this.look(watch);
      this.again(watch);
    });
  }

  private look(watch: EclipseWatch): void {
    const { handlers, roster, counters, log, onEclipse } = this.port;
    const alarm = watch.look(this.port.steadyMs(), handlers.height(), roster.size);
    if (alarm !== this.current) {
      this.current = alarm;
      if (alarm !== null) counters.add("peers", alarm);
      onEclipse?.(alarm);
    }
    if (this.port.bootstrapAgain(alarm !== null)) {
      log.warn({ alarm, peers: roster.size }, "this peer may be cut off: it dials all it knows");
    }
  }
}
