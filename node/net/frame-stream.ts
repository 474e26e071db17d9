// Frames over a stream: four bytes of length, big-endian, then the bytes. Bounded before anything is buffered.
import type { Stream } from "@libp2p/interface";
import type { Bytes } from "../../src/base/index.js";

export const FRAME_HEAD_BYTES = 4;

/** ENDED: the other side closed between frames. RESET: the stream was aborted by either side. */
export type FrameFault = "OVERSIZE" | "TRUNCATED" | "ENDED" | "RESET";

export class FrameError extends Error {
  override readonly name = "FrameError";
  constructor(readonly code: FrameFault) {
    super(code);
  }
}

/** One frame's bytes on the wire. */
export function frameOf(payload: Bytes): Bytes {
  const frame = Buffer.allocUnsafe(FRAME_HEAD_BYTES + payload.length);
  frame.writeUInt32BE(payload.length);
  frame.set(payload, FRAME_HEAD_BYTES);
  return frame;
}

/** Reads frames one at a time, holding the stream back while one lies unread; sends frames whole. */
export class FrameStream {
  private chunks: Bytes[] = [];
  private buffered = 0;
  private fault: FrameFault | null = null;
  private wake: (() => void) | null = null;
  private paused = false;

  constructor(
    readonly stream: Stream,
    /** a longer frame is refused as soon as its head is read; may be raised between reads */
    public maxBytes: number,
  ) {
    stream.addEventListener("message", (event) => this.take(event.data.subarray()));
    stream.addEventListener("end", () => this.finish("ENDED"));
    stream.addEventListener("close", (event) => this.finish(event.error === undefined ? "ENDED" : "RESET"));
    if (stream.readableEnded) this.finish("ENDED");
  }

  /** @throws FrameError: nothing further can be read */
  async read(): Promise<Bytes> {
    for (;;) {
      const frame = this.next();
      if (frame !== null) return frame;
      if (this.fault !== null)
        throw new FrameError(this.fault === "ENDED" && this.buffered > 0 ? "TRUNCATED" : this.fault);
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  /** @throws StreamStateError if the stream is closed for writing */
  send(payload: Bytes): void {
    this.stream.send(frameOf(payload));
  }

  private take(chunk: Bytes): void {
    // A plain view: Buffer's `slice` would make every field that the codec copies a window into this chunk.
    this.chunks.push(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    this.buffered += chunk.byteLength;
    if (this.buffered > FRAME_HEAD_BYTES + this.maxBytes) this.hold(true);
    this.rouse();
  }

  private finish(fault: FrameFault): void {
    this.fault ??= fault;
    this.rouse();
  }

  private rouse(): void {
    const wake = this.wake;
    this.wake = null;
    wake?.();
  }

  /** More than a whole frame lies here: the other side must wait until it is read. */
  private hold(paused: boolean): void {
    const { readStatus } = this.stream;
    if (paused === this.paused || (readStatus !== "readable" && readStatus !== "paused")) return;
    this.paused = paused;
    if (paused) this.stream.pause();
    else this.stream.resume();
  }

  private next(): Bytes | null {
    if (this.buffered < FRAME_HEAD_BYTES) return null;
    const head = this.joined();
    const length = new DataView(head.buffer, head.byteOffset).getUint32(0);
    if (length > this.maxBytes) throw new FrameError("OVERSIZE");
    if (this.buffered < FRAME_HEAD_BYTES + length) {
      this.hold(false);
      return null;
    }
    const all = this.joined(FRAME_HEAD_BYTES + length);
    const frame = all.subarray(FRAME_HEAD_BYTES, FRAME_HEAD_BYTES + length);
    this.chunks[0] = all.subarray(FRAME_HEAD_BYTES + length);
    this.buffered -= FRAME_HEAD_BYTES + length;
    if (this.chunks[0]!.length === 0) this.chunks.shift();
    if (this.buffered <= FRAME_HEAD_BYTES + this.maxBytes) this.hold(false);
    return frame;
  }

  /** The first chunk, joined with those after it until it has `length` bytes. */
  private joined(length: number = FRAME_HEAD_BYTES): Bytes {
    let have = 0;
    let count = 0;
    while (have < length) have += this.chunks[count++]!.length;
    if (count === 1) return this.chunks[0]!;
    const joined = new Uint8Array(have);
    let at = 0;
    for (const chunk of this.chunks.splice(0, count)) {
      joined.set(chunk, at);
      at += chunk.length;
    }
    this.chunks.unshift(joined);
    return joined;
  }
}
