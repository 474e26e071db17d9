// The transcript of an auction, streamed: a log of days is never in memory, and a few readers at once are served (ADR 0048).
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { Backend } from "../backend.js";
import { type Api, auctionNamed, backendOf, bytesOf, type RouteContext } from "../context.js";
import { problem } from "../problem.js";
import { transcriptDocument } from "../shape/index.js";
import {
  documentPieces,
  documentSize,
  MAX_TRANSCRIPT_BYTES,
  type TranscriptParts,
} from "../transcript-json.js";
import { readOf } from "./auctions.js";

export interface TranscriptLimits {
  /** readers that are served at once */
  readonly maxReaders: number;
  /** how long a reader may leave its socket full */
  readonly stallMs: number;
  /** of the document */
  readonly maxBytes: number;
}

const LIMITS: TranscriptLimits = { maxReaders: 2, stallMs: 20_000, maxBytes: MAX_TRANSCRIPT_BYTES };

export function transcriptRoute(
  app: Api,
  context: RouteContext,
  wanted: Partial<TranscriptLimits> = {},
): void {
  const limits = { ...LIMITS, ...wanted };
  let readers = 0;
  app.get(
    "/v1/auctions/:id/transcript",
    readOf("What proves its outcome to anyone", transcriptDocument),
    async (request, reply) => {
      // Turned away and not kept waiting: a transcript is minutes of reading at most, and another peer has it too.
      if (readers >= limits.maxReaders) throw problem("TRANSCRIPTS_EXHAUSTED");
      readers++;
      try {
        const parts = await transcriptNamed(backendOf(context, request), request.params.id);
        const size = await documentSize(parts, limits.maxBytes, () => !reply.raw.destroyed);
        if (size === null) throw problem("TRANSCRIPT_TOO_LARGE", tooLarge(parts, limits.maxBytes));
        reply.hijack();
        reply.raw.writeHead(200, {
          "content-type": "application/json; charset=utf-8",
          "content-length": size,
          "cache-control": "no-store",
        });
        if (request.method === "HEAD") reply.raw.end();
        else await send(reply.raw, parts, limits.stallMs, context.onUnshown);
      } finally {
        readers--;
      }
    },
  );
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

/** The transcript of an auction, one that the ledger has forgotten and this peer has not included. */
async function transcriptNamed(backend: Backend, text: string): Promise<TranscriptParts> {
  const kept = /^[0-9a-f]{64}$/.test(text) ? await backend.transcript(bytesOf(text)) : null;
  if (kept !== null) return kept;
  const id = await auctionNamed(backend, text);
  const transcript = await backend.transcript(id);
  if (transcript !== null) return transcript;
  const outcome = await backend.outcome(id);
  if (outcome === null) throw problem("OUTCOME_PENDING");
  throw problem(outcome.status === "cancelled" ? "AUCTION_CANCELLED" : "PROOF_PENDING");
}
