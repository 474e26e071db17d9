// Transcripts: everything that lets a stranger recompute an auction, from the chain's name alone.
import { type Bytes, encode, type Hex } from "../base/index.js";
import { certificate, header, type LogEntry } from "../quorum/message.js";
import { provenRow, type Witness } from "./witness.js";

/** Each part is canonical CBOR; in JSON, base64 of it. */
export interface Transcript {
  readonly auction: Hex;
  readonly genesis: Bytes;
  /** without gaps, from the entry that created the auction to one whose certificate covers the attesting header */
  readonly entries: readonly TranscriptEntry[];
  /** `provenRow`s: the auction's row and each commit's */
  readonly proofs: readonly Bytes[];
}

export interface TranscriptEntry {
  readonly header: Bytes;
  /** absent where a descendant's certificate finalised the entry */
  readonly cert: Bytes | null;
  readonly ops: readonly Bytes[];
}

/**
 * Puts a transcript together.
 * @param entries final entries without gaps, of which the last has a certificate and is not below `witness.attestedAt`
 */
export const assembleTranscript = (
  auction: Hex,
  genesis: Bytes,
  entries: readonly LogEntry[],
  witness: Witness,
): Transcript => ({
  auction,
  genesis,
  entries: entries.map((one) => ({
    header: encode(header, one.header),
    cert: one.cert === null ? null : encode(certificate, one.cert),
    ops: one.ops,
  })),
  proofs: witness.rows.map((row) => encode(provenRow, row)),
});
