// An upstream's answer as it arrives: its body is handed on chunk by chunk, and read no further ahead than it is taken.
import type { IncomingHttpHeaders } from "node:http";
import type { Dispatcher } from "undici";
import type { Fields } from "./dialect.js";

/** Takes a chunk. What it returns is waited for before the next; nothing: there is no need to. */
export type Take = (chunk: Uint8Array) => Promise<void> | undefined;

/** A body that nobody has taken yet. */
export interface IncomingBody {
  /** Hands on each chunk in its order, from the first. Resolves at its end, or once it is stopped. @throws where it breaks off, and what the taker throws */
  each(take: Take): Promise<void>;
  /** Nothing of it is wanted any more. */
  stop(): void;
}

export interface Incoming {
  readonly status: number;
  readonly fields: Fields;
  readonly body: IncomingBody;
}

interface Waiting<T> {
  resolve(value: T): void;
  reject(error: unknown): void;
}

type Controller = Dispatcher.DispatchController;

/** It was broken off before any of it was sent. */
export class Unsent extends Error {
  override readonly name = "Unsent";
}

/** What undici tells of one request. */
export class Arrival implements Dispatcher.DispatchHandler, IncomingBody {
  /** null: it is not on its way yet */
  private controller: Controller | null = null;
  private brokenOff: Error | null = null;
  /** chunks that nobody could take as they came: those that came with the head, or while another was taken */
  private readonly early: Uint8Array[] = [];
  private take: Take | null = null;
  private isTaking = false;
  private isWhole = false;
  private isStopped = false;
  /** who waits for the body's end */
  private ending: Waiting<void> | null = null;

  /** @param head who waits for the answer's beginning */
  constructor(private readonly head: Waiting<Incoming>) {}

  each(take: Take): Promise<void> {
    return new Promise((resolve, reject) => {
      this.take = take;
      this.ending = { resolve, reject };
      this.handOn();
    });
  }

  stop(): void {
    this.isStopped = true;
    this.early.length = 0;
    this.ending?.resolve();
    this.breakOff(new Error("the rest of the answer is not wanted"));
  }

  /** Whatever comes of it from now on is not wanted: nothing, if it is over. */
  breakOff(why: Error): void {
    this.brokenOff ??= this.controller === null ? new Unsent(why.message) : why;
    this.controller?.abort(this.brokenOff);
  }

  onRequestStart(controller: Controller): void {
    this.controller = controller;
    if (this.brokenOff !== null) controller.abort(this.brokenOff);
  }

  onResponseStart(_controller: Controller, status: number, fields: IncomingHttpHeaders): void {
    // What precedes an answer (1xx) is none.
    if (status >= 200) this.head.resolve({ status, fields, body: this });
  }

  onResponseData(controller: Controller, chunk: Uint8Array): void {
    // Of a chunk that was read to its end before a pause the parser tells once more, as of nothing.
    if (this.isStopped || chunk.length === 0) return;
    if (this.take !== null && !this.isTaking) this.hand(this.take, chunk);
    else {
      this.early.push(chunk);
      if (this.isTaking) controller.pause();
    }
  }

  onResponseEnd(): void {
    this.isWhole = true;
    if (!this.isTaking && this.early.length === 0) this.ending?.resolve();
  }

  onResponseError(_controller: Controller, error: Error): void {
    this.brokenOff ??= error;
    this.head.reject(error);
    this.ending?.reject(error);
  }

  private hand(take: Take, chunk: Uint8Array): void {
    const taken = take(chunk);
    if (taken === undefined) return;
    this.isTaking = true;
    this.controller?.pause();
    taken.then(
      () => {
        this.isTaking = false;
        this.handOn();
      },
      (error) => this.fail(error),
    );
  }

  /** Hands on what is early, then goes on. */
  private handOn(): void {
    try {
      while (!this.isTaking && this.early.length > 0) this.hand(this.take!, this.early.shift()!);
    } catch (error) {
      this.fail(error);
      return;
    }
    if (this.isTaking) return;
    if (this.isWhole) this.ending?.resolve();
    else if (this.brokenOff !== null) this.ending?.reject(this.brokenOff);
    else this.controller?.resume();
  }

  private fail(error: unknown): void {
    this.ending?.reject(error);
    this.breakOff(error instanceof Error ? error : new Error(String(error)));
  }
}
