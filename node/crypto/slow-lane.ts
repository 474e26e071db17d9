// The slow lane: signatures that OpenSSL refused wait here, in bounded queues, for noble's verdict in a worker.
import { Worker } from "node:worker_threads";
import type { Bytes } from "../../src/index.js";

interface Job {
  /** what it asks: of equal questions one is judged */
  readonly question: string;
  readonly publicKey: Bytes;
  readonly message: Bytes;
  readonly signature: Bytes;
  /** null: no verdict, the worker died on it */
  readonly settle: (valid: boolean | null) => void;
}

interface Answer {
  readonly id: string;
  readonly valid: boolean;
}

/** Jobs that lie with the worker: enough that it need not wait for a main thread that is busy. */
const AT_ONCE = 16;
/** Who is turned away hears of it after so long: told at once, a forger's next one would come at once. */
const TURNED_AWAY_MS = 500;
/** The queue of all who have none of their own. */
const OTHERS = "";

export interface SlowLimits {
  /** jobs that may wait of all who have no queue of their own; the next one is turned away */
  readonly waitingSlow: number;
  /** and of one sender: two messages full of them, since one that never finds a verdict could come again for ever */
  readonly waitingSlowEach: number;
}

/** Where verdicts are remembered. */
export interface SlowMemory {
  get(question: string): boolean | undefined;
  learn(question: string, valid: boolean): void;
}

/**
 * One worker, one signature at a time, and after each a rest as long as the work was: at most half of one core,
 * whoever floods us with forgeries (spec/network#D2). The queues are served in turn. A job whose question has found its
 * verdict elsewhere when its turn comes, or is with the worker then, is no work: a page of the log comes from many, and
 * each waits in its own queue, so that nobody's queue holds up what others ask too. The worker starts with the first job
 * and keeps no process alive.
 */
export class SlowLane {
  private worker: Worker | null = null;
  /** by question, those that wait for its answer */
  private readonly underWay = new Map<string, Job[]>();
  /** by sender; who was served goes to the end */
  private readonly waiting = new Map<string, Job[]>();
  private readonly turnedAway = new Map<NodeJS.Timeout, () => void>();

  constructor(
    private readonly limits: SlowLimits,
    private readonly memory: SlowMemory,
  ) {}

  /**
   * The verdict; null if the queue is full or the worker died, which says nothing about the signature.
   * @param sender whoever has a queue of its own; null: it waits among all others
   */
  judge(
    question: string,
    publicKey: Bytes,
    message: Bytes,
    signature: Bytes,
    sender: string | null = null,
  ): Promise<boolean | null> {
    const { waitingSlow, waitingSlowEach } = this.limits;
    const name = sender ?? OTHERS;
    const queue = this.waiting.get(name) ?? [];
    if (queue.length >= (sender === null ? waitingSlow : waitingSlowEach)) return this.turnAway();
    this.waiting.set(name, queue);
    return new Promise((settle) => {
      // Copies: to send a view of a large frame would send the frame.
      queue.push({
        question,
        publicKey: new Uint8Array(publicKey),
        message: new Uint8Array(message),
        signature: new Uint8Array(signature),
        settle,
      });
      this.next();
    });
  }

  /** Ends the worker; jobs that wait get no verdict. The lane may be used again. */
  async close(): Promise<void> {
    const worker = this.worker;
    this.worker = null;
    const abandoned = [...this.underWay.values(), ...this.waiting.values()].flat();
    this.underWay.clear();
    this.waiting.clear();
    for (const job of abandoned) job.settle(null);
    for (const [timer, tell] of this.turnedAway) {
      clearTimeout(timer);
      tell();
    }
    await worker?.terminate();
  }

  /** Bounded by what each who asks may have under judgement. */
  private turnAway(): Promise<null> {
    return new Promise((resolve) => {
      const tell = () => {
        this.turnedAway.delete(timer);
        resolve(null);
      };
      const timer = setTimeout(tell, TURNED_AWAY_MS);
      this.turnedAway.set(timer, tell);
    });
  }

  private next(): void {
    while (this.underWay.size < AT_ONCE) {
      const job = this.first();
      if (job === null) break;
      const { question, publicKey, message, signature } = job;
      const known = this.memory.get(question);
      const others = this.underWay.get(question);
      if (known !== undefined) job.settle(known);
      else if (others !== undefined) others.push(job);
      else {
        this.underWay.set(question, [job]);
        this.running().postMessage({ id: question, publicKey, message, signature });
      }
    }
    if (this.underWay.size > 0)
      this.worker?.ref(); // somebody awaits the answers
    else this.worker?.unref();
  }

  private first(): Job | null {
    for (const [sender, queue] of this.waiting) {
      const job = queue.shift()!;
      this.waiting.delete(sender);
      if (queue.length > 0) this.waiting.set(sender, queue);
      return job;
    }
    return null;
  }

  private running(): Worker {
    if (this.worker !== null) return this.worker;
    const worker = new Worker(new URL("./zip215-worker.mjs", import.meta.url), { name: "zip215" });
    worker.on("message", (answer: Answer) => this.answered(answer));
    worker.on("error", () => this.lost(worker));
    worker.on("exit", () => this.lost(worker));
    this.worker = worker;
    return worker;
  }

  private answered({ id, valid }: Answer): void {
    const jobs = this.underWay.get(id) ?? [];
    this.underWay.delete(id);
    this.memory.learn(id, valid);
    this.next();
    for (const job of jobs) job.settle(valid);
  }

  /** A worker that ended takes its jobs with it; the next job starts another. */
  private lost(worker: Worker): void {
    if (this.worker !== worker) return;
    this.worker = null;
    const lost = [...this.underWay.values()].flat();
    this.underWay.clear();
    for (const job of lost) job.settle(null);
    this.next();
  }
}
