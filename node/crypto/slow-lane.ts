// The slow lane: signatures that OpenSSL refused wait here, in a bounded queue, for noble's verdict in a worker.
import { Worker } from "node:worker_threads";
import type { Bytes } from "../../src/index.js";

interface Job {
  readonly publicKey: Bytes;
  readonly message: Bytes;
  readonly signature: Bytes;
  /** null: no verdict, the worker died on it */
  readonly settle: (valid: boolean | null) => void;
}

interface Answer {
  readonly id: number;
  readonly valid: boolean;
  readonly tookMs: number;
}

/**
 * One worker, one signature at a time, and after each a rest as long as the work was: at most half of one core,
 * whoever floods us with forgeries (PROTOCOL §4.6). The worker starts with the first job and keeps no process alive.
 */
export class SlowLane {
  private worker: Worker | null = null;
  private rest: NodeJS.Timeout | null = null;
  private current: { readonly id: number; readonly job: Job } | null = null;
  private readonly waiting: Job[] = [];
  private lastId = 0;

  /** @param maxWaiting jobs that may wait; the next one is turned away */
  constructor(private readonly maxWaiting: number) {}

  /** The verdict; null if the queue is full or the worker died, which says nothing about the signature. */
  judge(publicKey: Bytes, message: Bytes, signature: Bytes): Promise<boolean | null> {
    if (this.waiting.length >= this.maxWaiting) return Promise.resolve(null);
    return new Promise((settle) => {
      // Copies: to send a view of a large frame would send the frame.
      this.waiting.push({
        publicKey: new Uint8Array(publicKey),
        message: new Uint8Array(message),
        signature: new Uint8Array(signature),
        settle,
      });
      this.rest?.ref();
      this.next();
    });
  }

  /** Ends the worker; jobs that wait get no verdict. The lane may be used again. */
  async close(): Promise<void> {
    const worker = this.worker;
    this.abandon();
    await worker?.terminate();
  }

  private next(): void {
    if (this.current !== null || this.rest !== null) return;
    const job = this.waiting.shift();
    if (job === undefined) return;
    this.current = { id: ++this.lastId, job };
    const { publicKey, message, signature } = job;
    const worker = this.running();
    worker.ref(); // somebody awaits the answer
    worker.postMessage({ id: this.lastId, publicKey, message, signature });
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

  private answered(answer: Answer): void {
    if (this.current === null || this.current.id !== answer.id) return;
    const { settle } = this.current.job;
    this.current = null;
    this.rest = setTimeout(() => {
      this.rest = null;
      this.next();
    }, Math.ceil(answer.tookMs));
    if (this.waiting.length === 0) {
      this.rest.unref();
      this.worker?.unref();
    }
    settle(answer.valid);
  }

  /** A worker that ended takes its job with it; the next job starts another. */
  private lost(worker: Worker): void {
    if (this.worker !== worker) return;
    this.worker = null;
    const lost = this.current;
    this.current = null;
    lost?.job.settle(null);
    this.next();
  }

  private abandon(): void {
    this.worker = null;
    if (this.rest !== null) clearTimeout(this.rest);
    this.rest = null;
    const abandoned = this.waiting.splice(0);
    if (this.current !== null) abandoned.push(this.current.job);
    this.current = null;
    for (const job of abandoned) job.settle(null);
  }
}
