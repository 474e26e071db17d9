// The one thread of a process whose work takes time: the driver's group, step by step, between what its sockets bring.
import { GroupSize } from "../../../../node/driver/group-size.js";
import { COST_US } from "../costs.js";
import type { Happening, Thread } from "../machine.js";
import type { Agenda } from "./agenda.js";
import { Cpu } from "./cpu.js";

/** What the thread is there for. */
export interface Work {
  /** nothing is done while it is not: the disk is busy, or the process has ended */
  isFree(): boolean;
  /** The next group of events, with so many of them that begin new work. */
  takeGroup(mostNew: number): readonly Happening[];
  step(happening: Happening): void;
  /** How to make durable what was stepped; null if nothing is to be. */
  commitment(): (() => void) | null;
  /** Whether what a socket brings is read. */
  reads(socket: string): boolean;
}

/** Signatures that are verified in one turn of the event loop, as in node/crypto/turns.ts. */
const VERIFIED_EACH_TURN = 12;

export class ProcessThread implements Thread {
  private readonly cpu: Cpu;
  private readonly groupSize: GroupSize;
  /** of the driver's group under way, what is still to be stepped */
  private group: Happening[] = [];
  private groupBegan = { events: 0, atMs: 0 };
  /** one a turn */
  private hadGroup = false;
  /** signatures verified in this turn; what is more waits for the next */
  private verified = 0;

  constructor(
    private readonly agenda: Agenda,
    speed: number,
    groupMs: number,
    private readonly work: Work,
  ) {
    this.groupSize = new GroupSize(groupMs);
    this.cpu = new Cpu(agenda, speed, {
      driver: () => this.nextPiece(),
      turned: () => {
        this.verified = 0;
        this.hadGroup = false;
      },
      reads: (socket) => work.reads(socket),
    });
  }

  /** How much later than the agenda's time is what is done right now. */
  get aheadMs(): number {
    return this.cpu.aheadMs;
  }

  spend(us: number): void {
    this.cpu.spend(us);
  }

  verify(): void {
    this.verified++;
    this.cpu.spend(COST_US.verification);
  }

  hasRoom(): boolean {
    return this.verified < VERIFIED_EACH_TURN;
  }

  next(go: () => void): void {
    this.cpu.receive("turn", 0, Number.POSITIVE_INFINITY, go);
  }

  /** @returns false: more than `most` bytes would wait */
  receive(socket: string, bytes: number, most: number, piece: () => void): boolean {
    return this.cpu.receive(socket, bytes, most, piece);
  }

  /** There may be something to do. */
  wake(): void {
    this.cpu.wake();
  }

  stop(): void {
    this.cpu.stop();
  }

  goOn(): void {
    this.cpu.goOn();
  }

  end(): void {
    this.cpu.end();
  }

  /** What the driver does next: a step of its group, then what the steps want written. */
  private nextPiece(): (() => void) | null {
    if (!this.work.isFree()) return null;
    const next = this.group.shift();
    if (next !== undefined) return () => this.step(next);
    const commitment = this.work.commitment();
    if (commitment !== null || this.hadGroup) return commitment;
    this.group = [...this.work.takeGroup(this.groupSize.mostNew)];
    const first = this.group.shift();
    if (first === undefined) return null;
    this.hadGroup = true;
    this.groupBegan = { events: this.group.length + 1, atMs: this.agenda.nowMs };
    return () => this.step(first);
  }

  private step(happening: Happening): void {
    this.work.step(happening);
    const { events, atMs } = this.groupBegan;
    if (this.group.length === 0) this.groupSize.took(events, this.agenda.nowMs + this.aheadMs - atMs);
  }
}
