// One simulated process: the driver's loop around a machine, with a disk that takes time and crashes that do not wait.
import { type Batch, planBatches } from "../../../../node/driver/batches.js";
import { EventQueue } from "../../../../node/driver/event-queue.js";
import { MAX_GROUP_EVENTS } from "../../../../node/driver/group-size.js";
import { type Keeping, keepingOf } from "../../../../node/driver/keeping.js";
import { SLOT_BYTES } from "../../../../node/store/guard-slot.js";
import type { Event } from "../../../../src/peer/event.js";
import type { Ready, Write } from "../../../../src/peer/ready.js";
import { COST_US, stepUs } from "../costs.js";
import type { Boot, Happening, Machine } from "../machine.js";
import type { Agenda } from "./agenda.js";
import { VirtualAlarm } from "./alarm.js";
import type { MachineClock } from "./clock.js";
import { Disk } from "./disk.js";
import { ProcessThread } from "./process-thread.js";
import type { Random } from "./random.js";

/** Where a crash strikes in the driver's order: step → guard → batch → send → wake → notify. */
export const CRASH_POINTS = [
  "idle",
  "beforeGuard",
  "amidGuard",
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
  /** the disk refused a write, and the process ended before it said anything of it */
  filled(host: Host): void;
  /** the store could not be opened for damage, and was put aside */
  gaveUpStore(host: Host): void;
  started(host: Host): void;
  /** the machine threw: a bug, whoever caused it */
  failed(host: Host, happening: Happening, error: unknown): void;
}

export interface HostConfig {
  readonly index: number;
  readonly boot: Boot;
  readonly clock: MachineClock;
  /** the mean time of one synced batch; 0: none */
  readonly syncMs: number;
  /** how fast it works, 1 being the machine on which costs were measured; null: work takes no time */
  readonly speed: number | null;
  /** how long one group of events is to be stepped */
  readonly groupMs: number;
}

/**
 * The order is that of node/driver.ts: step the group, then for each batch guard, rows, and of each step of it send, alarm,
 * notices; a step that writes nothing with nothing before it speaks at once. Lanes, batches, alarm and clock are the
 * driver's own code or its rule. It differs where ADR 0016 says: above all, events of one instant are stepped one by one
 * unless the disk is busy, and guard and rows share one delay, of which a crash may find any stage.
 */
export class Host {
  readonly disk = new Disk();
  readonly index: number;
  machine: Machine | null = null;
  private life = 0;
  private inbox = new EventQueue();
  private readonly unsettled = new Map<Happening, (keeping: Keeping) => void>();
  /** how many events the inbox holds */
  private waiting = 0;
  private processClock: () => number;
  private alarm: VirtualAlarm | null = null;
  private writing: Batch | null = null;
  /** the machine's latest deadline, on this host's clock */
  private wakeAt: number | null = null;
  private paused = false;
  /** null: work takes no time, or the process does not run */
  private thread: ProcessThread | null = null;
  /** where work takes time: what was stepped and waits for the disk */
  private unwritten: Ready[] = [];
  private doom: { readonly point: CrashPoint; readonly downMs: number } | null = null;

  constructor(
    private readonly config: HostConfig,
    private readonly agenda: Agenda,
    private readonly random: Random,
    private readonly world: Surroundings,
  ) {
    this.index = config.index;
    this.processClock = config.clock.ofProcess();
  }

  get isUp(): boolean {
    return this.machine !== null;
  }

  /** What the process takes for the time: it never runs backwards while the process lives. */
  get clockMs(): number {
    return this.processClock();
  }

  /** The clock of the machine, which the process reads when it starts. */
  get clock(): MachineClock {
    return this.config.clock;
  }

  /** How much later than the agenda's time is what the process does right now. */
  get aheadMs(): number {
    return this.thread?.aheadMs ?? 0;
  }

  /** What is being done costs so much of the CPU. */
  spend(us: number): void {
    this.thread?.spend(us);
  }

  /**
   * Something has come by a socket, which is read when its turn comes; at once where work takes no time.
   * @returns false: more than `most` bytes would wait
   */
  read(socket: string, bytes: number, most: number, us: number, piece: () => void): boolean {
    if (this.thread === null) {
      piece();
      return true;
    }
    return this.thread.receive(socket, bytes, most, () => {
      this.spend(us);
      piece();
    });
  }

  /** Opens the store and starts the process; not while the disk is full, for opening writes. */
  start(): void {
    if (this.machine !== null || this.disk.isFull) return;
    if (this.disk.isCorrupt) {
      this.disk.moveAside();
      this.world.gaveUpStore(this);
    }
    this.life++;
    this.processClock = this.config.clock.ofProcess();
    this.alarm = new VirtualAlarm(
      this.agenda,
      () => this.clockMs,
      this.clock.rate,
      () => void this.deliver({ kind: "tick" }, 0),
    );
    this.thread = this.config.speed === null ? null : this.newThread(this.config.speed);
    this.machine = this.config.boot(this.disk.rows(), this.disk.guard, this.disk.isNew, {
      offer: (happening, bytes, settle) => this.deliver(happening, bytes, settle),
      wallMs: () => this.clockMs,
      steadyMs: () => this.agenda.nowMs + this.aheadMs,
      thread: this.thread,
    });
    this.deliver({ kind: "start" }, 0);
    this.world.started(this);
  }

  /**
   * An event reaches this host; it waits while the disk is busy or the process is stopped. False: there is no room.
   * @param bytes what it weighs in the driver's queue
   * @param settle of an operation that was taken in: told whether the machine keeps it
   */
  deliver(happening: Happening, bytes: number, settle?: (keeping: Keeping) => void): boolean {
    if (this.machine === null) return false;
    // Most of the time nothing waits, and the queue would only hand back what it was given.
    const isIdle = this.thread === null && this.writing === null && !this.paused && this.waiting === 0;
    if (!isIdle && !this.inbox.offer(happening, bytes)) return false;
    if (settle !== undefined) this.unsettled.set(happening, settle);
    if (isIdle) this.serve(this.machine, [happening]);
    else this.waiting++;
    this.drain();
    return true;
  }

  /** Stops the process for a while, as SIGSTOP does. */
  pause(durationMs: number): void {
    this.paused = true;
    this.thread?.stop();
    this.agenda.after(durationMs, () => this.resume());
  }

  resume(): void {
    this.paused = false;
    this.thread?.goOn();
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

  private newThread(speed: number): ProcessThread {
    return new ProcessThread(this.agenda, speed, this.config.groupMs, {
      isFree: () => this.machine !== null && this.writing === null,
      takeGroup: (mostNew) => this.takeGroup(mostNew),
      step: (happening) => this.stepAlone(happening),
      commitment: () => this.commitment(),
      reads: (socket) => this.machine?.reads(socket) ?? true,
    });
  }

  private stepAlone(happening: Happening): void {
    const ready = this.step(this.machine!, happening);
    if (ready === null) return;
    if (ready.persist.length > 0 || this.unwritten.length > 0) this.unwritten.push(ready);
    else this.speak(ready);
  }

  private commitment(): (() => void) | null {
    if (this.unwritten.length === 0) return null;
    const batches = planBatches(this.unwritten.splice(0));
    return () => this.commit(batches);
  }

  private takeGroup(mostNew?: number): readonly Happening[] {
    const group = this.inbox.takeGroup(MAX_GROUP_EVENTS, mostNew);
    this.waiting -= group.length;
    return group;
  }

  private drain(): void {
    this.thread?.wake();
    if (this.thread !== null) return;
    while (this.machine !== null && this.writing === null && !this.paused && this.waiting > 0) {
      this.serve(this.machine, this.takeGroup());
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
      this.spend(stepUs(happening, ready));
      this.world.stepped(this, ready);
      if (happening.kind === "operation") {
        this.unsettled.get(happening)?.(keepingOf(happening.bytes, ready));
        this.unsettled.delete(happening);
      }
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
    this.agenda.after(this.aheadMs - this.config.syncMs * Math.log(1 - this.random.unit()), () => {
      if (life !== this.life) return;
      this.read("disk", 0, Number.POSITIVE_INFINITY, COST_US.batch, () => {
        if (life !== this.life) return;
        this.writing = null;
        if (!this.conclude(first)) return;
        this.commit(rest);
        this.drain();
      });
    });
  }

  /** Guard, batch, then each step's speech. False: a crash struck in between. */
  private conclude({ writes, then }: Batch): boolean {
    if (writes.length > 0) {
      if (this.disk.isFull) return this.refused(writes);
      if (this.strikes("beforeGuard")) return false;
      if (this.doom?.point === "amidGuard") this.disk.writeGuard(writes, this.someBytes());
      if (this.strikes("amidGuard")) return false;
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
    this.alarm?.set(this.wakeAt);
    if (ready.notify.length > 0 && this.strikes("beforeNotify")) return false;
    this.world.notify(this, ready);
    if (ready.notify.length > 0) this.tellMachine(ready.notify);
    return true;
  }

  /** The gate hears of it when this turn is over, as the daemon's: what it then lets in is a step of its own. */
  private tellMachine(notices: Ready["notify"]): void {
    const { life } = this;
    this.agenda.after(this.aheadMs, () => {
      if (life !== this.life) return;
      this.read("turn", 0, Number.POSITIVE_INFINITY, 0, () => {
        if (life === this.life) this.machine?.told(notices);
      });
    });
  }

  private strikes(point: CrashPoint): boolean {
    if (this.doom?.point !== point) return false;
    this.die();
    return true;
  }

  private die(): void {
    const { point, downMs } = this.doom!;
    if (this.writing !== null) this.interrupt(this.writing.writes);
    this.life++;
    this.machine = null;
    this.inbox = new EventQueue();
    this.unsettled.clear();
    this.unwritten = [];
    this.thread?.end();
    this.thread = null;
    this.waiting = 0;
    this.writing = null;
    this.doom = null;
    this.alarm?.end();
    this.world.crashed(this, point);
    if (downMs !== Number.POSITIVE_INFINITY) this.agenda.after(downMs, () => this.start());
  }

  /** A crash that nobody timed finds a write at any of its stages: nothing yet, part of the guard, the guard, all. */
  private interrupt(writes: readonly Write[]): void {
    const stage = this.random.between(0, 3);
    if (stage >= 1) this.disk.writeGuard(writes, stage === 1 ? this.someBytes() : undefined);
    if (stage === 3) this.disk.writeBatch(writes);
  }

  /** How far into a slot a torn write came: mostly into the record, for the rest is padding. */
  private someBytes(): number {
    return this.random.between(0, this.random.chance(0.9) ? 256 : SLOT_BYTES - 1);
  }

  /** The disk took the guard, or not even that, and no batch: the process ends, and is started when there is space. */
  private refused(writes: readonly Write[]): false {
    if (this.random.chance(0.5)) this.disk.writeGuard(writes);
    this.doom = { point: "idle", downMs: Number.POSITIVE_INFINITY };
    this.world.filled(this);
    this.die();
    return false;
  }
}
