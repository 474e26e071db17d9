// Streams of events as server-sent events: resumable, heart-beating, and never queueing for a slow reader.
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type ApiEvent, eventId, matchesTypes, timeOf } from "../contract/index.js";
import type { EventFeed } from "./event-feed.js";
import { problem } from "./problem.js";

export interface StreamLimits {
  /** streams are long: they may not take all connections */
  readonly maxStreams: number;
  readonly heartbeatMs: number;
  /** how long a reader may leave its socket full */
  readonly stallMs: number;
}

const LIMITS: StreamLimits = { maxStreams: 16, heartbeatMs: 10_000, stallMs: 20_000 };
const BATCH = 64;
const HEADERS = { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store" };

/** The streams of a server. */
export class Streams {
  private readonly limits: StreamLimits;
  private open = 0;

  constructor(
    limits: Partial<StreamLimits>,
    private readonly nowMs: () => number,
  ) {
    this.limits = { ...LIMITS, ...limits };
  }

  /** Tells the reader of `reply` what `feed` has, until it is gone. @throws Problem CURSOR_GONE, STREAMS_EXHAUSTED */
  async serve(feed: EventFeed, request: FastifyRequest, reply: FastifyReply, wish: Wish): Promise<void> {
    const since = startingPoint(feed, request.headers["last-event-id"], wish.since);
    if (this.open >= this.limits.maxStreams) throw problem("STREAMS_EXHAUSTED");
    reply.hijack();
    if (request.method === "HEAD") {
      reply.raw.writeHead(200, HEADERS).end();
      return;
    }
    this.open++;
    reply.raw.once("close", () => this.open--);
    reply.raw.writeHead(200, HEADERS);
    await pump(reply.raw, feed, { ...this.limits, since, types: wish.types ?? null, nowMs: this.nowMs });
  }
}

interface Wish {
  readonly types?: string | undefined;
  readonly since?: string | undefined;
}

/** What the browser remembers goes before what the address says: it is newer. */
function startingPoint(feed: EventFeed, lastEventId: unknown, since: string | undefined): number {
  if (lastEventId !== undefined && !eventId.safeParse(lastEventId).success)
    throw problem("REQUEST_INVALID", "Last-Event-ID is the id of an event");
  const text = (lastEventId as string | undefined) ?? since;
  if (text === undefined) return feed.newestId();
  // Of another run, or of none: whoever waited for what follows it would wait for ever.
  if (Number(text) > feed.newestId()) throw problem("CURSOR_GONE", `no event has the id ${text} yet`);
  return Number(text);
}

interface PumpOptions extends StreamLimits {
  readonly since: number;
  readonly types: string | null;
  readonly nowMs: () => number;
}

/** Writes what the feed has, waits for more, until the reader is gone or stalls. */
async function pump(raw: ServerResponse, feed: EventFeed, options: PumpOptions): Promise<void> {
  const bell = new Bell(feed);
  raw.once("close", () => bell.close());
  let cursor = options.since;
  raw.write(`id: ${cursor}\n: mabeam events\n\n`);
  try {
    while (!raw.destroyed) {
      const { events, gap } = await feed.read(cursor, BATCH);
      if (gap !== null) raw.write(frame(gapEvent(gap, options.nowMs())));
      for (const event of events) if (matchesTypes(event.type, options.types)) raw.write(frame(event));
      cursor = events.at(-1)?.id ?? gap?.to ?? cursor;
      if (raw.writableNeedDrain) await once(raw, "drain", { signal: AbortSignal.timeout(options.stallMs) });
      if (events.length > 0) continue;
      // An id without data is no event, and moves the reader's Last-Event-ID past what its filter hid.
      if (!(await bell.rings(options.heartbeatMs))) raw.write(`id: ${cursor}\n: still here\n\n`);
    }
  } catch {
    // The reader stalled, or its socket died: it resumes from its last id.
    raw.destroy();
  } finally {
    bell.close();
  }
}

const gapEvent = (gap: { readonly from: number; readonly to: number }, nowMs: number): ApiEvent => ({
  id: gap.to,
  type: "stream.gap",
  time: timeOf(nowMs),
  ...gap,
});

const frame = (event: ApiEvent): string =>
  `id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;

/** Rings when the feed has something new, also for a listener that was busy when it came. */
class Bell {
  #rung = false;
  #wake: (() => void) | null = null;
  #closed = false;
  readonly #stop: () => void;

  constructor(feed: EventFeed) {
    this.#stop = feed.onAppend(() => this.#ring());
  }

  #ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /** Waits for the bell, at most `ms`; says whether it rang (or will never again). */
  async rings(ms: number): Promise<boolean> {
    if (!this.#rung && !this.#closed) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = null;
    }
    const rung = this.#rung || this.#closed;
    this.#rung = false;
    return rung;
  }

  close(): void {
    this.#closed = true;
    this.#stop();
    this.#wake?.();
  }
}
