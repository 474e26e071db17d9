// A call: one stream, one question, one answer, ten seconds.
import type { Connection, Stream } from "@libp2p/interface";
import type { Bytes } from "../../src/base/index.js";
import { FrameStream } from "./frame-stream.js";
import { CALL_LIMIT_MS } from "./limits.js";

/** Why a stream was cut short by this side. */
export class CallAborted extends Error {
  override readonly name = "CallAborted";
  constructor(readonly code: string) {
    super(code);
  }
}

/** Cuts the stream at `limitMs` unless it has closed by itself; the other side cannot make it linger. */
export function limitTime(stream: Stream, limitMs: number): void {
  const timer = setTimeout(() => stream.abort(new CallAborted("TIMEOUT")), limitMs);
  stream.addEventListener("close", () => clearTimeout(timer), { once: true });
}

/**
 * Asks and reads the answer, on a stream of its own, within `limitMs`.
 * @throws FrameError, or whatever libp2p throws when it cannot open a stream
 */
export async function ask(
  connection: Connection,
  protocol: string,
  question: Bytes,
  maxAnswerBytes: number,
  limitMs = CALL_LIMIT_MS,
): Promise<Bytes> {
  const signal = AbortSignal.timeout(limitMs);
  const stream = await connection.newStream(protocol, { signal, maxOutboundStreams: 64 });
  limitTime(stream, limitMs);
  const frames = new FrameStream(stream, maxAnswerBytes);
  try {
    frames.send(question);
    const answer = await frames.read();
    // The answer is here: a close that lingers must not hold it back, nor lose it.
    stream.close({ signal }).catch(() => stream.abort(new CallAborted("CLOSE_LINGERED")));
    return answer;
  } catch (error) {
    stream.abort(error instanceof Error ? error : new CallAborted("FAILED"));
    throw error;
  }
}

/** Reads one question and answers it, within the limits. @throws FrameError and what `answer` throws */
export async function answer(
  stream: Stream,
  maxQuestionBytes: number,
  reply: (question: Bytes) => Bytes | Promise<Bytes>,
): Promise<void> {
  limitTime(stream, CALL_LIMIT_MS);
  const frames = new FrameStream(stream, maxQuestionBytes);
  try {
    frames.send(await reply(await frames.read()));
    await stream.close({ signal: AbortSignal.timeout(CALL_LIMIT_MS) });
  } catch (error) {
    stream.abort(error instanceof Error ? error : new CallAborted("FAILED"));
    throw error;
  }
}
