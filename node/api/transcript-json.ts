// Transcripts in JSON: each part is canonical CBOR, as base64; and how long one may be (ADR 0048).
import { Buffer } from "node:buffer";
import { setImmediate as othersGoFirst } from "node:timers/promises";
import type { Transcript, TranscriptEntry } from "../../src/peer/proof/transcript.js";
import type { TranscriptView } from "../contract/index.js";

/** A transcript whose entries come one by one. */
export interface TranscriptParts extends Omit<Transcript, "entries"> {
  readonly entryCount: number;
  entries(): AsyncIterable<TranscriptEntry>;
}

/** A piece of a document, in characters, after which others have their turn. */
const PIECE = 64 * 1024;
/** No entry is shorter: a header has seven hashes. */
const LEAST_ENTRY = '{"header":"","ops":[]},'.length + Math.ceil((7 * 32) / 3) * 4;

/**
 * The bytes of a transcript's document, which are its characters; null: it is longer than `most`, or nobody waits for it.
 * Reads all entries, but for a log that is too long by their number alone.
 */
export async function documentSize(
  parts: TranscriptParts,
  most: number,
  isWanted: () => boolean,
): Promise<number | null> {
  if (parts.entryCount * LEAST_ENTRY > most) return null;
  let size = 0;
  for await (const piece of documentPieces(parts)) {
    size += piece.length;
    if (size > most || !isWanted()) return null;
  }
  return size;
}

/** The document Transcript, in pieces of 64 KiB and what its last entry has beyond; before each, others have their turn. */
export async function* documentPieces(parts: TranscriptParts): AsyncGenerator<string> {
  let piece = "";
  for await (const text of documentTexts(parts)) {
    piece += text;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = "";
    await othersGoFirst();
  }
  yield piece;
}

async function* documentTexts(parts: TranscriptParts): AsyncGenerator<string> {
  const { auction, genesis, certificate, proofs } = parts;
  const head = { apiVersion: "v1", kind: "Transcript", auction, genesis: textOf(genesis) };
  yield `${JSON.stringify(head).slice(0, -1)},"entries":[`;
  let before = "";
  for await (const one of parts.entries()) {
    yield before + JSON.stringify(entryView(one));
    before = ",";
  }
  yield `],"certificate":"${textOf(certificate)}","proofs":[`;
  for (const [i, proof] of proofs.entries()) yield `${i === 0 ? "" : ","}"${textOf(proof)}"`;
  yield "]}";
}

const entryView = ({ header, ops }: TranscriptEntry) => ({ header: textOf(header), ops: ops.map(textOf) });

/** A transcript that is held whole, as its view. */
export const transcriptToView = (transcript: Transcript): TranscriptView => ({
  auction: transcript.auction,
  genesis: textOf(transcript.genesis),
  entries: transcript.entries.map(entryView),
  certificate: textOf(transcript.certificate),
  proofs: transcript.proofs.map(textOf),
});

/** What a verifier reads; the view has passed its schema. */
export const transcriptFromView = (view: TranscriptView): Transcript => ({
  auction: view.auction,
  genesis: bytesOf(view.genesis),
  entries: view.entries.map((one) => ({
    header: bytesOf(one.header),
    ops: one.ops.map(bytesOf),
  })),
  certificate: bytesOf(view.certificate),
  proofs: view.proofs.map(bytesOf),
});

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "base64"));
