// The driver: the only loop of a peer. It takes an event, steps, makes durable, speaks, sets the alarm, tells.
import { InvariantError } from "../src/base/index.js";
import type { Command, CommandResult, Event } from "../src/peer/event.js";
import type { Notice, Outgoing, Ready } from "../src/peer/ready.js";
import { Accident, messageOf } from "./accident.js";
import { Alarm } from "./driver/alarm.js";
import { bytesOf, planBatches } from "./driver/batches.js";
import { EventQueue, type Lane, type UntimedEvent } from "./driver/event-queue.js";
import { GroupSize, MAX_GROUP_EVENTS } from "./driver/group-size.js";
import { type Joined, joined } from "./driver/joining.js";
import { type Keeping, keepingOf } from "./driver/keeping.js";
import type { Log } from "./log.js";
import type { Store } from "./store/store.js";

/** Writes gathered before the driver syncs, whatever the group still holds. */
const MAX_GROUP_BYTES = 1024 * 1024;
/** Commands that have not been answered; some wait on purpose, as a bid that is published later. */
const MAX_OPEN_COMMANDS = 1024;

type Settle = (keeping: Keeping) => void;

/** Asked right before an event is stepped. False: it is not stepped, and whoever offered it may offer it again. */
export type SecondLook = (nowMs: number) => boolean;

/** The peer, sans I/O. */
export interface Machine {
  step(event: Event): Ready;
}

/** Where messages go. Loss is allowed and reported to nobody; `send` neither waits nor blocks. */
export interface Transport {
  send(outgoing: readonly Outgoing[]): void;
}

/** What the network brings: everything but the driver's own events and commands. */
export type Incoming = Extract<UntimedEvent, { kind: "message" | "operation" | "connected" }>;

/**
 * - `closed`: by `close()`, with nothing left to do
 * - `accident`: the disk refused a batch; nothing of that batch was said
 * - `bug`: the machine broke an invariant while it stepped `during`; its state is not to be trusted
 */
export type StopReason =
  | { readonly kind: "closed" }
  | { readonly kind: "accident"; readonly error: Error }
  | { readonly kind: "bug"; readonly error: Error; readonly during: Event["kind"] | "persist" };

export interface DriverParts {
  readonly machine: Machine;
  readonly store: Pick<Store, "write">;
  readonly transport: Transport;
  /** milliseconds since 1970, as of `steadyClock`; the driver never hands on a smaller time than before */
  readonly nowMs: () => number;
  readonly log: Log;
}

export interface DriverCounts {
  readonly steps: number;
  readonly batches: number;
  /** events turned away, by lane */
  readonly dropped: Readonly<Record<Lane, number>>;
  readonly failedListeners: number;
  readonly failedSends: number;
}

/**
 * Drives one machine over one store and one transport until closed, or until the disk or the machine fails.
 *
 * *Durable before audible* (spec/persistence#P0): of a step, nothing is sent or told before all it asked to persist,
 * and all that earlier steps asked, is on the disk. Steps that wait together share batches by the rule of `planBatches`;
 * a step that persists nothing, with nothing before it still to be written, speaks at once.
 */
export class Driver {
  /** Resolves once, with why the loop has ended for ever; exiting the process is for whoever composed it. */
  readonly stopped: Promise<StopReason>;
  private resolveStopped!: (reason: StopReason) => void;
  private readonly queue = new EventQueue();
  private readonly groupSize = new GroupSize();
  private readonly alarm: Alarm;
  private readonly listeners = new Set<Listener>();
  private readonly openCommands = new Map<number, Deferred<CommandResult>>();
  private readonly unsettled = new Map<UntimedEvent, Settle>();
  private readonly looks = new Map<UntimedEvent, SecondLook>();
  private readonly tally = { steps: 0, batches: 0, failedListeners: 0, failedSends: 0 };
  private state: "open" | "closing" | "stopped" = "open";
  private running = false;
  private lastMs = 0;
  private lastRef = 0;
  private wakeAt: number | null = null;

  constructor(private readonly parts: DriverParts) {
    this.alarm = new Alarm(
      () => this.now(),
      () => this.accept({ kind: "tick" }, 0),
    );
    this.stopped = new Promise((resolve) => {
      this.resolveStopped = resolve;
    });
  }

  get counts(): DriverCounts {
    return { ...this.tally, dropped: this.queue.dropped };
  }

  /** The first event of the machine. Call once, when the transport can be spoken to. */
  start(): void {
    this.accept({ kind: "start" }, 0);
  }

  /**
   * Hands in what the network brought. False: turned away, since the driver is closing or the event's lane is full;
   * the transport does well to read more slowly from where it came.
   * @param bytes the length of the frame or message, for the bounds of the queue
   * @param settle of an operation that was taken in: told once whether the machine keeps it
   * @param look asked once; null: the event is stepped in any case
   */
  offer(event: Incoming, bytes: number, settle?: Settle, look: SecondLook | null = null): boolean {
    if (!this.accept(event, bytes)) return false;
    if (settle !== undefined) this.unsettled.set(event, settle);
    if (look !== null) this.looks.set(event, look);
    return true;
  }

  /**
   * The answer to a wish, when the machine has given it and it is durable. BUSY: too many wait, and nothing happened.
   * @throws DRIVER_STOPPED when the loop ends first: the wish may or may not have been granted
   */
  submit(command: Command): Promise<CommandResult> {
    if (this.state !== "open") return Promise.reject(stoppedError());
    const ref = ++this.lastRef;
    const bytes = weightOf(command);
    const busy =
      this.openCommands.size >= MAX_OPEN_COMMANDS || !this.accept({ kind: "command", ref, command }, bytes);
    if (busy) {
      return Promise.resolve({
        ok: false,
        refusal: { code: "BUSY", detail: { waiting: this.openCommands.size } },
      });
    }
    return new Promise((resolve, reject) => this.openCommands.set(ref, { resolve, reject }));
  }

  /** Tells `listener` of everything but answers to commands, in order, after it is durable. Returns the way to end that. */
  onNotice(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Takes in nothing more, steps what waits, and ends. Closing twice is closing once. */
  async close(): Promise<void> {
    if (this.state === "open") {
      this.state = "closing";
      this.alarm.set(null);
      if (!this.running) this.stop({ kind: "closed" });
    }
    await this.stopped;
  }

  private accept(event: UntimedEvent, bytes: number): boolean {
    if (this.state !== "open" || !this.queue.offer(event, bytes)) return false;
    if (!this.running) {
      this.running = true;
      // What arrives in the same turn of the event loop is stepped, and synced, together.
      queueMicrotask(() => void this.run());
    }
    return true;
  }

  private async run(): Promise<void> {
    while (this.state !== "stopped" && this.queue.length > 0) {
      await this.serve(this.queue.takeGroup(MAX_GROUP_EVENTS, this.groupSize.mostNew));
      // Sockets and timers get their turn even while every step is answered from memory.
      if (this.queue.length > 0) await new Promise((resolve) => setImmediate(resolve));
    }
    this.running = false;
    if (this.state === "closing") this.stop({ kind: "closed" });
  }

  private async serve(group: readonly UntimedEvent[]): Promise<void> {
    const startedMs = performance.now();
    let waiting: Ready[] = [];
    let bytes = 0;
    for (const one of joined(group)) {
      const ready = this.step(one);
      if (ready === "bug") return;
      if (ready === "taken back") continue;
      if (ready.persist.length === 0 && waiting.length === 0) {
        this.speak(ready);
        continue;
      }
      waiting.push(ready);
      bytes += bytesOf(ready.persist);
      if (bytes >= MAX_GROUP_BYTES) {
        if (!(await this.commit(waiting))) return;
        waiting = [];
        bytes = 0;
      }
    }
    this.groupSize.took(group.length, performance.now() - startedMs);
    await this.commit(waiting);
  }

  /** One step; after a bug what earlier steps of the group wait for is not written either. */
  private step({ event, parts }: Joined): Ready | "taken back" | "bug" {
    try {
      if (!this.mayStep(parts[0]!)) return "taken back";
      const ready = this.parts.machine.step({ ...event, nowMs: this.now() } as Event);
      this.tally.steps++;
      this.wakeAt = ready.wakeAt;
      for (const part of parts) this.settle(part, ready);
      return ready;
    } catch (error) {
      this.stop({ kind: "bug", error: asError(error), during: event.kind });
      return "bug";
    }
  }

  private mayStep(event: UntimedEvent): boolean {
    const look = this.looks.get(event);
    this.looks.delete(event);
    return look === undefined || look(this.now());
  }

  /** Makes steps durable and lets them speak, in order; false when the loop has ended. */
  private async commit(readies: readonly Ready[]): Promise<boolean> {
    for (const { writes, then } of planBatches(readies)) {
      try {
        if (writes.length > 0) await this.parts.store.write(writes);
      } catch (error) {
        if (error instanceof InvariantError) this.stop({ kind: "bug", error, during: "persist" });
        else this.stop({ kind: "accident", error: asError(error) });
        return false;
      }
      this.tally.batches++;
      for (const ready of then) this.speak(ready);
    }
    return true;
  }

  /** The rest of a step that is durable. The alarm is the machine's latest: of deadlines, its state knows the least. */
  private speak(ready: Ready): void {
    if (ready.send.length > 0) this.send(ready.send);
    this.alarm.set(this.wakeAt);
    for (const notice of ready.notify) this.tell(notice);
  }

  private send(outgoing: readonly Outgoing[]): void {
    try {
      this.parts.transport.send(outgoing);
    } catch (error) {
      this.tally.failedSends++;
      this.parts.log.error({ err: error, messages: outgoing.length }, "the transport failed to send");
    }
  }

  private tell(notice: Notice): void {
    if (notice.kind === "done") {
      this.openCommands.get(notice.ref)?.resolve(notice.result);
      this.openCommands.delete(notice.ref);
      return;
    }
    const failed = (error: unknown) => {
      this.tally.failedListeners++;
      this.parts.log.error({ err: error, notice: notice.kind }, "a listener failed");
    };
    for (const listener of this.listeners) {
      try {
        const told = listener(notice);
        if (told instanceof Promise) told.catch(failed);
      } catch (error) {
        failed(error);
      }
    }
  }

  /** What waits in the machine's memory is kept; nothing of it was promised to be on the disk. Null: it was not stepped. */
  private settle(event: UntimedEvent, ready: Ready | null): void {
    const settle = this.unsettled.get(event);
    if (settle === undefined || event.kind !== "operation") return;
    this.unsettled.delete(event);
    settle(ready === null ? "full" : keepingOf(event.bytes, ready));
  }

  private stop(reason: StopReason): void {
    if (this.state === "stopped") return;
    this.state = "stopped";
    this.alarm.set(null);
    const { log } = this.parts;
    if (reason.kind === "bug") log.fatal({ err: reason.error, during: reason.during }, "the peer has a bug");
    if (reason.kind === "accident")
      log.fatal({ err: reason.error }, `the peer stops: ${messageOf(reason.error)}`);
    for (const { reject } of this.openCommands.values()) reject(stoppedError());
    this.openCommands.clear();
    this.looks.clear();
    for (const event of [...this.unsettled.keys()]) this.settle(event, null);
    this.resolveStopped(reason);
  }

  private now(): number {
    this.lastMs = Math.max(this.lastMs, Math.floor(this.parts.nowMs()));
    return this.lastMs;
  }
}

/** Its failure, thrown or by promise, is logged and counted, and hinders nobody. */
export type Listener = (notice: Notice) => void | Promise<void>;

/** What a wish weighs while it waits: the operations that it brings. */
function weightOf(command: Command): number {
  if (command.kind === "submitAll") return command.operations.reduce((sum, { length }) => sum + length, 0);
  return command.kind === "submit" ? command.bytes.length : 0;
}

interface Deferred<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

const stoppedError = (): Accident =>
  new Accident(
    "DRIVER_STOPPED",
    "could not answer",
    "the peer has stopped",
    "start the daemon and look before trying again",
  );

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(messageOf(error)));
