// What waits to be written to one member: bounded, written in as few pieces as its stream takes.
import type { Stream } from "@libp2p/interface";
import type { Bytes } from "../../src/base/index.js";

export interface OutboxLimits {
  readonly memberQueueFrames: number;
  readonly memberQueueBytes: number;
}

/** One write takes as many waiting frames as fit here, or a single larger one. */
const MAX_WRITE_BYTES = 1024 * 1024;
/** Above so much unsent in the stream itself, frames wait here, where they are bounded. */
const STREAM_BACKLOG_BYTES = 256 * 1024;

/**
 * A member that does not read makes its queue full; then the oldest frames go, of whatever kind. Newer terms supersede
 * older ones, what still matters is sent again by R8, and answers are asked for again; dropping the newest instead
 * would keep a slow member on terms that the others have left.
 */
export class MemberOutbox {
  private frames: Bytes[] = [];
  private bytes = 0;

  constructor(
    private readonly stream: Stream,
    private readonly limits: OutboxLimits,
    private readonly dropped: (frames: number) => void,
  ) {
    // The stream's own listener sends what it holds in a microtask; ours comes after it.
    const flushSoon = () => queueMicrotask(() => queueMicrotask(() => this.flush()));
    stream.addEventListener("drain", flushSoon);
    stream.addEventListener("idle", flushSoon);
  }

  /** Bytes that wait here and in the stream. */
  get waitingBytes(): number {
    return this.bytes + this.stream.writeBufferLength;
  }

  /** Takes the frames of one step and writes them together, if the stream takes any now. */
  push(frames: readonly Bytes[]): void {
    for (const frame of frames) {
      this.frames.push(frame);
      this.bytes += frame.length;
    }
    this.trim();
    this.flush();
  }

  private trim(): void {
    let count = 0;
    while (
      this.frames.length - count > 1 &&
      (this.bytes > this.limits.memberQueueBytes ||
        this.frames.length - count > this.limits.memberQueueFrames)
    ) {
      this.bytes -= this.frames[count]!.length;
      count++;
    }
    if (count === 0) return;
    this.frames.splice(0, count);
    this.dropped(count);
  }

  private flush(): void {
    while (this.frames.length > 0 && this.ready()) {
      const batch = this.nextBatch();
      try {
        this.stream.send(batch.length === 1 ? batch[0]! : Buffer.concat(batch));
      } catch {
        return; // closed under our hands: its `close` event ends the link
      }
    }
  }

  private ready(): boolean {
    const { stream } = this;
    return (
      stream.status === "open" &&
      !stream.writableNeedsDrain &&
      stream.writeBufferLength < STREAM_BACKLOG_BYTES
    );
  }

  private nextBatch(): Bytes[] {
    let count = 1;
    let size = this.frames[0]!.length;
    while (count < this.frames.length && size + this.frames[count]!.length <= MAX_WRITE_BYTES) {
      size += this.frames[count]!.length;
      count++;
    }
    this.bytes -= size;
    return this.frames.splice(0, count);
  }
}
