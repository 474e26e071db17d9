// Proofs about the log that need nothing but a member set: chains of headers, and batches of final entries.
import { equalBytes, err, type Hash, ok, type Result } from "../../base/index.js";
import type { Verifier } from "../../crypto/index.js";
import {
  type CertificateRefusal,
  type CertificateVerdict,
  judgeCertificateShape,
  verifyCertificate,
} from "./certificates.js";
import { bodyFor, type KnownEntry, knownEntry } from "./entries.js";
import type { Electorate } from "./member-set.js";
import type { Certificate, Header, QuorumMessage } from "./message.js";

/** Where a proof begins: the id and height that the first header must follow; null for the first of a bare chain. */
export interface ChainStart {
  readonly height: number;
  readonly id: Hash;
}

/** The members, chain and market against which headers and certificates are judged. */
export interface LogTrust {
  readonly electorate: Electorate;
  readonly chain: Hash;
  readonly market: Hash;
  readonly verifier: Verifier;
}

export type LogRefusal =
  | "EMPTY"
  | "WRONG_CHAIN"
  | "WRONG_EPOCH"
  | "WRONG_LEADER"
  | "BAD_LINK"
  | "BAD_BODY"
  | "NO_CERTIFICATE"
  | "BAD_CERTIFICATE"
  | "CONFLICT";

/** Headers that a certificate makes final, ids computed, ascending. */
export interface HeaderChain {
  readonly entries: readonly KnownEntry[];
  /** F: with 0, one Byzantine member could have made another chain (spec/log#Z5) */
  readonly byzantineTolerance: number;
}

/** A fault in a list of headers, and the index of the header that has it. */
export interface ChainFault {
  readonly refusal: LogRefusal;
  readonly index: number;
}

/** Headers of this chain, market and set, each by the leader of its term and following the one before: with their ids. */
export function linkHeaders(
  headers: readonly Header[],
  trust: Omit<LogTrust, "verifier">,
): Result<readonly KnownEntry[], ChainFault> {
  const entries = headers.map((header) => knownEntry(header));
  if (entries.length === 0) return err({ refusal: "EMPTY", index: 0 });
  for (const [index, { header }] of entries.entries()) {
    const place = judgePlace(header, trust);
    if (place !== null) return err({ refusal: place, index });
    if (index > 0 && !follows(header, entries[index - 1]!)) return err({ refusal: "BAD_LINK", index });
  }
  return ok(entries);
}

/** Judges a CommitCert on an entry: valid, it makes the entry final with all ancestors. */
export function verifyCommit(
  { header, id }: KnownEntry,
  cert: Certificate,
  { electorate, chain, market, verifier }: LogTrust,
): Result<CertificateVerdict, CertificateRefusal> {
  if (cert.type !== "commit" || cert.term !== header.term || !equalBytes(cert.entryId, id)) {
    return err("BAD_ENTRY_ID");
  }
  return verifyCertificate(cert, electorate, chain, market, verifier);
}

/**
 * Light verification (spec/log#light-proof): each header is of this chain, market and set and follows the one before. The
 * certificate is a CommitCert on the last. Then all of them are final.
 * @param start the entry that the first header must follow; null: any place in the chain
 */
export function verifyHeaderChain(
  headers: readonly Header[],
  cert: Certificate,
  trust: LogTrust,
  start: ChainStart | null = null,
): Result<HeaderChain, LogRefusal> {
  const judged = judgeHeaders(headers, cert, trust, start);
  if (!judged.ok) return judged;
  const verdict = verifyCommit(judged.value.at(-1)!, cert, trust);
  if (!verdict.ok) return err("BAD_CERTIFICATE");
  // All else is right and a quorum signed it: two final chains leave the same place.
  if (start !== null && !equalBytes(headers[0]!.parent, start.id)) return err("CONFLICT");
  return ok({ entries: judged.value, byzantineTolerance: verdict.value.byzantineTolerance });
}

/** Judges such a chain without a signature check, the shape of its certificate included. */
export function judgeHeaders(
  headers: readonly Header[],
  cert: Certificate,
  trust: Omit<LogTrust, "verifier">,
  start: Pick<ChainStart, "height"> | null,
): Result<readonly KnownEntry[], LogRefusal> {
  const linked = linkHeaders(headers, trust);
  if (!linked.ok) return err(linked.error.refusal);
  const last = linked.value.at(-1)!;
  if (cert.type !== "commit" || cert.term !== last.header.term || !equalBytes(cert.entryId, last.id)) {
    return err("BAD_CERTIFICATE");
  }
  if (start !== null && headers[0]!.height !== start.height + 1) return err("BAD_LINK");
  return judgeCertificateShape(cert, trust.electorate).ok ? linked : err("BAD_CERTIFICATE");
}

function judgePlace(
  header: Header,
  { electorate, chain, market }: Omit<LogTrust, "verifier">,
): LogRefusal | null {
  if (!equalBytes(header.chain, chain) || !equalBytes(header.market, market)) return "WRONG_CHAIN";
  if (header.epoch !== electorate.set.epoch || !equalBytes(header.setHash, electorate.setHash)) {
    return "WRONG_EPOCH";
  }
  return header.leader === electorate.leaderOf(header.term) ? null : "WRONG_LEADER";
}

function follows(header: Header, parent: KnownEntry): boolean {
  return (
    equalBytes(header.parent, parent.id) &&
    header.height === parent.header.height + 1 &&
    header.parentTerm === parent.header.term &&
    header.term > header.parentTerm &&
    header.timeMs > parent.header.timeMs
  );
}

type LogMessage = Extract<QuorumMessage, { kind: "log" }>;

/** A verified `log` answer: entries with their bodies, to be made final, and the descendants that prove them. */
export interface LogBatch {
  readonly entries: readonly KnownEntry[];
  readonly descendants: readonly KnownEntry[];
  readonly cert: Certificate;
}

/**
 * Judges a `log` answer from `start` on, or, where it is null, one that begins anywhere in the log: hash links, bodies against their roots, the CommitCert on its last header.
 * Justifications and certificates inside the batch are not looked at: the last certificate vouches for all (R10).
 * CONFLICT: a valid certificate on a chain that leaves `start`'s height from another entry (R12).
 */
export function verifyLogBatch(
  batch: Pick<LogMessage, "entries" | "descendants" | "cert">,
  trust: LogTrust,
  start: ChainStart | null,
): Result<LogBatch, LogRefusal> {
  if (batch.entries.length === 0) return err("EMPTY");
  if (batch.cert === null) return err("NO_CERTIFICATE");
  const headers = [...batch.entries.map((entry) => entry.header), ...batch.descendants];
  const proven = verifyHeaderChain(headers, batch.cert, trust, start);
  if (!proven.ok) return proven;
  const entries = proven.value.entries.slice(0, batch.entries.length);
  for (const [i, known] of entries.entries()) {
    known.body = bodyFor(known.header, batch.entries[i]!.ops);
    if (known.body === null) return err("BAD_BODY");
  }
  const descendants = proven.value.entries.slice(batch.entries.length);
  return ok({ entries, descendants, cert: batch.cert });
}
