// Transcripts in JSON: each part is canonical CBOR, as base64.
import { Buffer } from "node:buffer";
import type { Transcript } from "../../src/peer/transcript.js";
import type { TranscriptView } from "../contract/index.js";

/** What the API answers. */
export const transcriptToView = (transcript: Transcript): TranscriptView => ({
  auction: transcript.auction,
  genesis: textOf(transcript.genesis),
  entries: transcript.entries.map((one) => ({
    header: textOf(one.header),
    ops: one.ops.map(textOf),
  })),
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
