// A process's one thread in virtual time: work is done piece after piece, and each piece takes its time.
import type { Agenda } from "./agenda.js";

type Piece = () => void;

/** What one connection, or one kind of request, has brought and the process has not read yet. */
interface Socket {
  readonly waiting: { readonly piece: Piece; readonly bytes: number }[];
  bytes: number;
  /** how much of it this turn reads */
  quota: number;
}

export interface Loop {
  /** the next piece of the driver's group under way; null: there is none, and what waits comes in the next turn */
  driver(): Piece | null;
  /** a turn of the event loop begins */
  turned(): void;
  /** whether a socket is read further in this turn */
  reads(socket: string): boolean;
}

/**
 * Turns as Node has them: all that the sockets held when the turn began, then one group of the driver's. A piece runs when
 * its time begins; what it says leaves when its time is over.
 */
export class Cpu {
  private readonly sockets = new Map<string, Socket>();
  private phase: "read" | "driver" = "driver";
  private isBusy = false;
  private isStopped = false;
  private spentUs = 0;
  /** µs that pieces have cost since the process started, at speed 1 */
  totalUs = 0;

  /** @param speed 1: the machine on which costs were measured; 0.25: four processes share it */
  constructor(
    private readonly agenda: Agenda,
    private readonly speed: number,
    private readonly loop: Loop,
  ) {}

  /** How long after the beginning of the running piece that is which is done now. */
  get aheadMs(): number {
    return this.spentUs / 1000 / this.speed;
  }

  /** The running piece costs so much more. */
  spend(us: number): void {
    this.spentUs += us;
    this.totalUs += us;
  }

  /** Something has come by a socket. False: more than `most` bytes would wait there. */
  receive(name: string, bytes: number, most: number, piece: Piece): boolean {
    let socket = this.sockets.get(name);
    if (socket === undefined) {
      socket = { waiting: [], bytes: 0, quota: 0 };
      this.sockets.set(name, socket);
    }
    if (socket.waiting.length > 0 && socket.bytes + bytes > most) return false;
    socket.waiting.push({ piece, bytes });
    socket.bytes += bytes;
    this.wake();
    return true;
  }

  /** There may be something to do. */
  wake(): void {
    if (!this.isBusy && !this.isStopped) this.go();
  }

  /** The process is stopped, as by SIGSTOP: what runs is finished, and nothing begins. */
  stop(): void {
    this.isStopped = true;
  }

  goOn(): void {
    this.isStopped = false;
    this.wake();
  }

  /** The process has ended. */
  end(): void {
    this.isStopped = true;
    this.sockets.clear();
  }

  private go(): void {
    // Busy already while it chooses: what is asked meanwhile may bring more to choose from.
    this.isBusy = true;
    this.spentUs = 0;
    const piece = this.next();
    if (piece === null) {
      this.isBusy = false;
      return;
    }
    // In a place of its own on the agenda, so that no piece runs within another's step.
    this.agenda.after(0, () => {
      if (!this.isStopped) piece();
      const tookMs = this.aheadMs;
      this.agenda.after(tookMs, () => {
        this.spentUs = 0;
        this.isBusy = false;
        this.wake();
      });
    });
  }

  private next(): Piece | null {
    for (let turns = 0; turns < 2; turns++) {
      if (this.phase === "read") {
        const piece = this.read();
        if (piece !== null) return piece;
        this.phase = "driver";
      }
      const piece = this.loop.driver();
      if (piece !== null) return piece;
      this.phase = "read";
      this.loop.turned();
      for (const socket of this.sockets.values()) socket.quota = socket.waiting.length;
    }
    return null;
  }

  private read(): Piece | null {
    for (const [name, socket] of this.sockets) {
      if (socket.quota === 0 || !this.loop.reads(name)) continue;
      const { piece, bytes } = socket.waiting.shift()!;
      socket.quota--;
      socket.bytes -= bytes;
      return piece;
    }
    return null;
  }
}
