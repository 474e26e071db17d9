// The way out: an answer's bytes, no faster than they are taken, cut where a fault says so.
import type { ServerResponse } from "node:http";
import type { Headers } from "./dialect.js";
import type { Visit } from "./journal.js";

export class Outgoing {
  private readonly leaving = new AbortController();
  private isCut = false;
  /** what waits for room, or for the end */
  private waiting: () => void = () => undefined;

  /** @param cutAfter bytes of the body after which the connection is reset; null: it is not */
  constructor(
    private readonly response: ServerResponse,
    private readonly visit: Visit,
    private readonly cutAfter: number | null,
  ) {
    response.on("close", () => {
      this.leaving.abort();
      this.waiting();
    });
    response.on("drain", () => this.waiting());
  }

  /** Given once nobody takes what is sent any more. */
  get gone(): AbortSignal {
    return this.leaving.signal;
  }

  /** How it ended, once it is over. */
  get end(): "whole" | "cut" | "left" {
    if (this.isCut) return "cut";
    return this.response.writableFinished ? "whole" : "left";
  }

  head(status: number, headers: Headers): void {
    if (this.cutAfter === 0) {
      this.reset();
      return;
    }
    this.visit.status = status;
    this.response.writeHead(status, headers);
  }

  /** Ends once there is room for more, or nobody takes it. */
  async send(bytes: string | Buffer): Promise<void> {
    if (this.gone.aborted || this.isCut) return;
    const all = typeof bytes === "string" ? Buffer.from(bytes) : bytes;
    if (this.cutAfter === null) {
      this.visit.sent += all.length;
      if (all.length > 0 && !this.response.write(all)) await this.until();
      return;
    }
    const part = all.subarray(0, this.cutAfter - this.visit.sent);
    this.visit.sent += part.length;
    // What is sent before a reset is to arrive before it.
    await this.until((done) => this.response.write(part, done));
    if (this.visit.sent === this.cutAfter) this.reset();
  }

  /** Ends once all is handed to the network. What was too short to be cut is reset here, before its end is told. */
  async finish(): Promise<void> {
    if (this.gone.aborted || this.isCut) return;
    if (this.cutAfter !== null) {
      this.reset();
      return;
    }
    await this.until((done) => this.response.end(done));
  }

  private async until(begin: (done: () => void) => void = () => undefined): Promise<void> {
    await new Promise<void>((resolve) => {
      this.waiting = resolve;
      begin(resolve);
    });
  }

  private reset(): void {
    this.isCut = true;
    this.response.socket?.resetAndDestroy();
  }
}
