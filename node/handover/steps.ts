// One step of a stream: a frame that comes in time, decoded, or the end of the stream.
import type { Stream } from "@libp2p/interface";
import { type Bytes, type Codec, decode } from "../../src/index.js";
import { CallAborted } from "../net/call.js";
import type { FrameStream } from "../net/frame-stream.js";

/** What a step of an opening, or a question, may take; and a chunk to be read (spec/handover#O3). */
export const STEP_MS = 10_000;
export const CHUNK_MS = 30_000;

/** What the other side said is no word of this protocol, or a refusal. */
export class StepFault extends Error {
  override readonly name = "StepFault";
  constructor(
    readonly code: string,
    /** whether the other side could have known better */
    readonly isBlamed: boolean,
    /** the other side said it: it is shown, and not counted under its name */
    readonly isTheirs = false,
  ) {
    super(code);
  }
}

/** A refusal of the other side's, whose words are its own. */
export const theirRefusal = (code: string): StepFault =>
  new StepFault(/^[A-Z_]{1,40}$/.test(code) ? code : "REFUSED", false, true);

/** Cuts the stream if `work` takes longer than `ms`. */
export async function inTime<T>(stream: Stream, ms: number, work: Promise<T>): Promise<T> {
  const timer = setTimeout(() => stream.abort(new CallAborted("TIMEOUT")), ms);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}

/** The next frame. @throws StepFault BAD_FRAME, FrameError */
export async function readStep<T>(frames: FrameStream, codec: Codec<T>, ms = STEP_MS): Promise<T> {
  const decoded = decode(codec, await inTime(frames.stream, ms, frames.read()), frames.maxBytes);
  if (decoded.ok) return decoded.value;
  throw new StepFault("BAD_FRAME", true);
}

/** Sends a frame, and waits until the other side has taken enough for another. @throws what libp2p throws */
export async function sendStep(frames: FrameStream, bytes: Bytes, ms = STEP_MS): Promise<void> {
  frames.send(bytes);
  if (frames.stream.writableNeedsDrain) await inTime(frames.stream, ms, frames.stream.onDrain());
}
