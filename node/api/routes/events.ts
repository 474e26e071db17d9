// The stream of events as server-sent events: resumable, heart-beating, and never queueing for a slow reader.
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { z } from "zod";
import { type Api, backendOf, peerQuery, type RouteContext } from "../context.js";
import type { EventFeed } from "../event-feed.js";
import { problem } from "../problem.js";
import {
  type ApiEvent,
  EVENT_TYPES,
  eventTypes,
  matchesTypes,
  problemDocument,
  timeOf,
} from "../shape/index.js";

/** Streams are long: they may not take all connections. */
const MAX_STREAMS = 16;
const HEARTBEAT_MS = 10_000;
/** How long a reader may leave its socket full. */
const STALL_MS = 20_000;
const BATCH = 64;

const eventId = z.string().regex(/^[0-9]{1,16}$/, "the id of an event");

export interface StreamLimits {
  readonly maxStreams: number;
  readonly heartbeatMs: number;
  readonly stallMs: number;
}

export function eventRoutes(app: Api, context: RouteContext, limits: Partial<StreamLimits> = {}): void {
  const { maxStreams = MAX_STREAMS, heartbeatMs = HEARTBEAT_MS, stallMs = STALL_MS } = limits;
  let open = 0;
  app.get(
    "/v1/events",
    {
      schema: {
        tags: ["events"],
        summary: "Follow what happens, as server-sent events",
        description: [
          "Each event is one line of JSON (the schema Event).",
          "`since`, or the header Last-Event-ID, resumes after that id; absent: only what is new.",
          "An id that no event has yet is refused with CURSOR_GONE.",
          "\n\nThe types:\n",
          ...[...EVENT_TYPES].map(([type, says]) => `\n- \`${type}\`: ${says}`),
        ].join(" "),
        querystring: z.strictObject({
          ...peerQuery,
          types: eventTypes.optional(),
          since: eventId.optional(),
        }),
        response: {
          200: { description: "events", content: { "text/event-stream": { schema: z.string() } } },
          default: problemDocument,
        },
      },
    },
    async (request, reply) => {
      const feed = backendOf(context, request).events;
      const since = startingPoint(feed, request.headers["last-event-id"], request.query.since);
      const headers = { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store" };
      if (open >= maxStreams) throw problem("STREAMS_EXHAUSTED");
      reply.hijack();
      if (request.method === "HEAD") {
        reply.raw.writeHead(200, headers).end();
        return;
      }
      open++;
      reply.raw.once("close", () => open--);
      reply.raw.writeHead(200, headers);
      const types = request.query.types ?? null;
      await pump(reply.raw, feed, { since, types, heartbeatMs, stallMs, nowMs: context.nowMs });
    },
  );
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

interface PumpOptions {
  readonly since: number;
  readonly types: string | null;
  readonly heartbeatMs: number;
  readonly stallMs: number;
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
