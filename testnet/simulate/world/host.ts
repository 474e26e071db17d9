// One simulated process: the driver's loop around a machine, with a disk that takes time and crashes that do not wait.
import { type Batch, planBatches } from "../../../node/driver/batches.js";
import type { Event } from "../../../src/peer/event.js";
import type { Ready } from "../../../src/peer/ready.js";
import type { Boot, Happening, Machine } from "../machine.js";
import type { Agenda } from "./agenda.js";
import { Disk } from "./disk.js";
import type { Random } from "./random.js";

/** Where a crash strikes in the driver's order: step → guard → batch → send → wake → notify. */
export const CRASH_POINTS = [
  "idle",
  "beforeGuard",
  "beforeBatch",
  "beforeSend",
  "amidSend",
  "beforeNotify",
] as const;
export type CrashPoint = (typeof CRASH_POINTS)[number];

/** What a host does to the world. */
export interface Surroundings {
  stepped(host: Host, ready: Ready): void;
  send(host: Host, ready: Ready, limit: number): void;
  notify(host: Host, ready: Ready): void;
  crashed(host: Host, point: CrashPoint): void;
  started(host: Host): void;
  /** the machine threw: a bug, whoever caused it */
  failed(host: Host, happening: Happening, error: unknown): void;
}

/** Events stepped before a sync, as in the real driver. */
const MAX_GROUP_EVENTS = 64;

export interface HostConfig {
  readonly index: number;
  readonly boot: Boot;
  /** what this host's clock shows at virtual time 0 */
  readonly epochMs: number;
  /** the mean time of one synced batch; 0: none */
  readonly syncMs: number;
}

export class Host {
  readonly disk = new Disk();
  readonly index: number;
  machine: Machine | null = null;
  private life = 0;
  private inbox: Happening[] = [];
  private writing: Batch | null = null;
  /** the machine's latest deadline, on this host's clock */
  private wakeAt: number | null = null;
  private paused = false;
  private doom: { readonly point: CrashPoint; readonly downMs: number } | null = null;
  private wakeMs: number | null = null;
  private alarmMs: number | null = null;

  constructor(
    private readonly config: HostConfig,
    private readonly agenda: Agenda,
    private readonly random: Random,
    private readonly world: Surroundings,
  ) {
    this.index = config.index;
  }

  get isUp(): boolean {
    return this.machine !== null;
  }

  /** What the host's clock shows. */
  get clockMs(): number {
    return Math.floor(this.agenda.nowMs + this.config.epochMs);
  }

  start(): void {
    if (this.machine !== null) return;
    this.life++;
    this.machine = this.config.boot(this.disk.rows(), this.disk.guard);
    this.deliver({ kind: "start" });
    this.world.started(this);
  }

  /** An event reaches this host; it waits while the disk is busy or the process is stopped. */
  deliver(happening: Happening): void {
    if (this.machine === null) return;
    this.inbox.push(happening);
    this.drain();
  }

  /** Stops the process for a while, as SIGSTOP does. */
  pause(durationMs: number): void {
    this.paused = true;
    this.agenda.after(durationMs, () => this.resume());
  }

  resume(): void {
    this.paused = false;
    this.drain();
  }

  /** Crashes at once, or at the next occasion of `point`; starts again after `downMs`. */
  crash(point: CrashPoint, downMs: number): void {
    if (this.machine === null) return;
    this.doom = { point, downMs };
    if (point === "idle") this.die();
  }

  /** Takes back a crash that has not struck yet. */
  spare(): void {
    this.doom = null;
  }

  private drain(): void {
    while (this.machine !== null && this.writing === null && !this.paused && this.inbox.length > 0) {
      this.serve(this.machine, this.inbox.splice(0, MAX_GROUP_EVENTS));
    }
  }

  /** Steps what waits together, then makes it durable batch by batch, as the real driver does. */
  private serve(machine: Machine, group: readonly Happening[]): void {
    const { life } = this;
    const waiting: Ready[] = [];
    for (const happening of group) {
      const ready = this.step(machine, happening);
      if (ready === null) return;
      if (ready.persist.length > 0 || waiting.length > 0) waiting.push(ready);
      else this.speak(ready);
      if (life !== this.life) return;
    }
    this.commit(planBatches(waiting));
  }

  private step(machine: Machine, happening: Happening): Ready | null {
    try {
      const ready = machine.step({ ...happening, nowMs: this.clockMs } as Event);
      this.wakeAt = ready.wakeAt;
      this.world.stepped(this, ready);
      return ready;
    } catch (error) {
      this.world.failed(this, happening, error);
      this.doom = { point: "idle", downMs: Number.POSITIVE_INFINITY };
      this.die();
      return null;
    }
  }

  private commit(batches: readonly Batch[]): void {
    const [first, ...rest] = batches;
    if (first === undefined) return;
    if (first.writes.length === 0 || this.config.syncMs === 0) {
      if (this.conclude(first)) this.commit(rest);
      return;
    }
    this.writing = first;
    const { life } = this;
    this.agenda.after(-this.config.syncMs * Math.log(1 - this.random.unit()), () => {
      if (life !== this.life) return;
      this.writing = null;
      if (!this.conclude(first)) return;
      this.commit(rest);
      this.drain();
    });
  }

  /** Guard, batch, then each step's speech. False: a crash struck in between. */
  private conclude({ writes, then }: Batch): boolean {
    if (writes.length > 0) {
      if (this.strikes("beforeGuard")) return false;
      this.disk.writeGuard(writes);
      if (this.strikes("beforeBatch")) return false;
      this.disk.writeBatch(writes);
      if (this.strikes("beforeSend")) return false;
    }
    return then.every((ready) => this.speak(ready));
  }

  /** Send, wake, notify. False: a crash struck in between. */
  private speak(ready: Ready): boolean {
    if (ready.send.length > 0 && this.doom?.point === "amidSend") {
      this.world.send(this, ready, this.random.between(0, ready.send.length - 1));
      return !this.strikes("amidSend");
    }
    this.world.send(this, ready, ready.send.length);
    this.setAlarm(this.wakeAt);
    if (ready.notify.length > 0 && this.strikes("beforeNotify")) return false;
    this.world.notify(this, ready);
    return true;
  }

  private strikes(point: CrashPoint): boolean {
    if (this.doom?.point !== point) return false;
    this.die();
    return true;
  }

  private die(): void {
    const { point, downMs } = this.doom!;
    // A crash that nobody timed falls between guard and batch as often as before both.
    if (this.writing !== null && this.random.chance(0.5)) this.disk.writeGuard(this.writing.writes);
    this.life++;
    this.machine = null;
    this.inbox = [];
    this.writing = null;
    this.doom = null;
    this.wakeMs = null;
    this.alarmMs = null;
    this.world.crashed(this, point);
    if (downMs !== Number.POSITIVE_INFINITY) this.agenda.after(downMs, () => this.start());
  }

  private setAlarm(wakeAt: number | null): void {
    this.wakeMs = wakeAt === null ? null : Math.max(wakeAt - this.config.epochMs, this.agenda.nowMs + 1);
    if (this.wakeMs === null || (this.alarmMs !== null && this.alarmMs <= this.wakeMs)) return;
    this.schedule(this.wakeMs);
  }

  private schedule(atMs: number): void {
    this.alarmMs = atMs;
    const { life } = this;
    this.agenda.at(atMs, () => {
      if (life !== this.life || this.alarmMs !== atMs) return;
      this.alarmMs = null;
      if (this.wakeMs === null) return;
      if (this.wakeMs > this.agenda.nowMs) return this.schedule(this.wakeMs);
      this.wakeMs = null;
      this.deliver({ kind: "tick" });
    });
  }
}
