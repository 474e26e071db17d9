// Transcripts, streamed: a log of days is never in memory, and a few readers at once are served (ADR 0048).
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { FastifyReply, FastifyRequest } from "fastify";
import { MAX_TRANSCRIPT_BYTES } from "../contract/auction.js";
import { problem } from "./problem.js";
import { documentPieces, documentSize, type TranscriptParts } from "./transcript-json.js";

export interface TranscriptLimits {
  /** readers that are served at once */
  readonly maxReaders: number;
  /** how long a reader may leave its socket full */
  readonly stallMs: number;
  /** of the document */
  readonly maxBytes: number;
}

const LIMITS: TranscriptLimits = { maxReaders: 2, stallMs: 20_000, maxBytes: MAX_TRANSCRIPT_BYTES };

/** The readers of a server's transcripts. */
export class Transcripts {
  private readonly limits: TranscriptLimits;
  private readers = 0;

  constructor(
    wanted: Partial<TranscriptLimits>,
    private readonly onAccident: (error: unknown) => void,
  ) {
    this.limits = { ...LIMITS, ...wanted };
  }

  /** Writes what `find` finds. @throws Problem TRANSCRIPTS_EXHAUSTED, TRANSCRIPT_TOO_LARGE */
  async serve(
    request: FastifyRequest,
    reply: FastifyReply,
    find: () => Promise<TranscriptParts>,
  ): Promise<void> {
    const { maxReaders, maxBytes, stallMs } = this.limits;
    // Turned away and not kept waiting: a transcript is minutes of reading at most, and another peer has it too.
    if (this.readers >= maxReaders) throw problem("TRANSCRIPTS_EXHAUSTED");
    this.readers++;
    try {
      const parts = await find();
      const size = await documentSize(parts, maxBytes, () => !reply.raw.destroyed);
      if (size === null) throw problem("TRANSCRIPT_TOO_LARGE", tooLarge(parts, maxBytes));
      reply.hijack();
      reply.raw.writeHead(200, {
        "content-type": "application/json; charset=utf-8",
        "content-length": size,
        "cache-control": "no-store",
      });
      if (request.method === "HEAD") reply.raw.end();
      else await send(reply.raw, parts, stallMs, this.onAccident);
    } finally {
      this.readers--;
    }
  }
}

const tooLarge = ({ entryCount }: TranscriptParts, most: number): string =>
  `the log of this auction has ${entryCount} entries, and a transcript has at most ${most} bytes, so that a verifier can hold it`;

/**
 * Writes piece by piece, each when the socket has taken the one before. A reader that leaves its socket full is cut off, and
 * so is one that a damaged row cuts short: the announced length tells it that something is missing.
 */
async function send(
  raw: ServerResponse,
  parts: TranscriptParts,
  stallMs: number,
  onAccident: (error: unknown) => void,
): Promise<void> {
  const gone = new AbortController();
  raw.once("close", () => gone.abort());
  try {
    for await (const piece of documentPieces(parts)) {
      if (raw.destroyed) return;
      if (raw.write(piece)) continue;
      await once(raw, "drain", { signal: AbortSignal.any([gone.signal, AbortSignal.timeout(stallMs)]) });
    }
    raw.end();
  } catch (error) {
    raw.destroy();
    if ((error as Error).name !== "AbortError") onAccident(error);
  }
}
