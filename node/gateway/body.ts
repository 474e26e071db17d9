// A request's body, read whole: bounded in size and in time.
import type { IncomingMessage } from "node:http";
import type { GatewayClock } from "./clock.js";

export const MAX_BODY_BYTES = 32 * 1024 * 1024;
/** For all of it: bodies are small, or come at once. */
export const BODY_MS = 60_000;

/** Of all bodies that are in memory at once, beyond what each has for itself. */
export const MOST_HELD_BYTES = 512 * 1024 * 1024;
/** Of each: whoever sends little is let in whatever others send. */
const OWN_BYTES = 64 * 1024;

/** How much of bodies is in memory: while they come, while they wait, and until they are answered. */
export class HeldBodies {
  private bytes = 0;

  constructor(private readonly most = MOST_HELD_BYTES) {}

  /** A body is longer than before. @returns false: there is no room, and it is as before */
  grow(before: number, size: number): boolean {
    const more = beyond(size) - beyond(before);
    if (more > 0 && this.bytes + more > this.most) return false;
    this.bytes += more;
    return true;
  }

  letGo(size: number): void {
    this.bytes -= beyond(size);
  }
}

const beyond = (size: number): number => Math.max(0, size - OWN_BYTES);

/** So many pieces of a body become one: each costs more than the bytes of a small one, and a client chooses how small they are. */
const MOST_PIECES = 256;

/** What becomes of a body. */
export type BodyRead = Buffer | "too large" | "too slow" | "too many";

/** Of what is no body in the end nothing is held. @throws where the client goes away in the middle */
export function readBody(request: IncomingMessage, clock: GatewayClock, held: HeldBodies): Promise<BodyRead> {
  if (Number(request.headers["content-length"] ?? 0) > MAX_BODY_BYTES) return Promise.resolve("too large");
  return new Promise((resolve, reject) => {
    const blocks: Buffer[] = [];
    let pieces: Buffer[] = [];
    let size = 0;
    /** of it, what is held */
    let taken = 0;
    /** Nothing more of it is heard: a client that goes away is told of twice, by its error and by its end. */
    const deafen = () => {
      callOff();
      request.off("data", take).off("end", end).off("error", fail).off("close", leave);
      request.on("error", () => undefined);
    };
    const stop = (read: BodyRead) => {
      deafen();
      if (typeof read === "string") held.letGo(taken);
      // Whatever still comes is let go.
      request.resume();
      resolve(read);
    };
    const take = (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_BODY_BYTES) return stop("too large");
      if (!held.grow(taken, size)) return stop("too many");
      taken = size;
      pieces.push(chunk);
      if (pieces.length < MOST_PIECES) return;
      blocks.push(Buffer.concat(pieces));
      pieces = [];
    };
    const end = () => {
      const all = [...blocks, ...pieces];
      stop(all.length === 1 ? all[0]! : Buffer.concat(all, size));
    };
    const fail = (error: Error) => {
      deafen();
      held.letGo(taken);
      reject(error);
    };
    const leave = () => fail(new Error("the client has gone"));
    const callOff = clock.later(BODY_MS, () => stop("too slow"));
    request.on("data", take).on("end", end).on("error", fail).on("close", leave);
  });
}
