// Transcripts: everything that lets a stranger recompute an auction, from the chain's name alone.
import { type Bytes, encode, type Hex } from "../../base/index.js";
import { certificate, header, type LogEntry } from "../../quorum/index.js";
import { provenRow, type Witness } from "./witness.js";

/** Each part is canonical CBOR; in JSON, base64 of it (ADR 0036). */
export interface Transcript {
  readonly auction: Hex;
  readonly genesis: Bytes;
  /** without gaps, from the entry that created the auction to one that is not below the attesting header */
  readonly entries: readonly TranscriptEntry[];
  /** the commit certificate of the last entry: it makes all of them final */
  readonly certificate: Bytes;
  /** `provenRow`s: the auction's row, and each commit's in the order of their keys */
  readonly proofs: readonly Bytes[];
}

export interface TranscriptEntry {
  readonly header: Bytes;
  readonly ops: readonly Bytes[];
}

/**
 * Puts a transcript together.
 * @param entries final entries without gaps, from the one that created the auction
 * @returns null: no certificate at or above the attesting header is among them
 */
export function assembleTranscript(
  auction: Hex,
  genesis: Bytes,
  entries: readonly LogEntry[],
  { attestedAt, rows }: Witness,
): Transcript | null {
  const end = entries.findIndex((one) => one.header.height >= attestedAt && one.cert !== null);
  const cert = entries[end]?.cert ?? null;
  if (cert === null) return null;
  return {
    auction,
    genesis,
    entries: entries.slice(0, end + 1).map((one) => ({ header: encode(header, one.header), ops: one.ops })),
    certificate: encode(certificate, cert),
    proofs: rows.map((row) => encode(provenRow, row)),
  };
}
