// A request's body, read whole: bounded in size and in time.
import type { IncomingMessage } from "node:http";
import type { GatewayClock } from "./clock.js";

export const MAX_BODY_BYTES = 32 * 1024 * 1024;
/** For all of it: bodies are small, or come at once. */
export const BODY_MS = 60_000;

/** What becomes of a body. */
export type BodyRead = Buffer | "too large" | "too slow";

/** Of what is too large or too slow nothing is kept. @throws where the client goes away in the middle */
export function readBody(request: IncomingMessage, clock: GatewayClock): Promise<BodyRead> {
  if (Number(request.headers["content-length"] ?? 0) > MAX_BODY_BYTES) return Promise.resolve("too large");
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const stop = (read: BodyRead) => {
      callOff();
      request.off("data", take).off("end", end).off("error", fail).off("close", leave);
      // Whatever still comes is let go.
      request.on("error", () => undefined).resume();
      resolve(read);
    };
    const take = (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_BODY_BYTES) stop("too large");
      else chunks.push(chunk);
    };
    const end = () => stop(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size));
    const fail = (error: Error) => {
      callOff();
      reject(error);
    };
    const leave = () => fail(new Error("the client has gone"));
    const callOff = clock.later(BODY_MS, () => stop("too slow"));
    request.on("data", take).on("end", end).on("error", fail).on("close", leave);
  });
}
