// Certificates: how votes form one, what makes one valid, and the SkipCerts that justify the gap below an entry.
import { encode, equalBytes, err, type Hash, ok, type Result, u32be, ZERO_HASH } from "../../base/index.js";
import { leafHash, merkleRoot, taggedHash, type Verifier } from "../../crypto/index.js";
import { CERTIFICATE_RULES } from "../rules.js";
import { MAX_ANSWER_BYTES, MAX_JUSTIFY_ITEMS, MAX_KEPT_JUSTIFICATION_BYTES } from "./limits.js";
import type { Electorate } from "./member-set.js";
import { type Certificate, certificate, type Vote } from "./message.js";
import { voteDigest, voteDomain } from "./signing.js";

export type CertificateRefusal =
  | "WRONG_EPOCH"
  | "BAD_SIGNERS"
  | "NO_QUORUM"
  | "BAD_ENTRY_ID"
  | "BAD_SIGNATURE";

/** The power behind a valid certificate, and how far to trust it: with tolerance 0, one Byzantine member may lie. */
export interface CertificateVerdict {
  readonly power: number;
  readonly byzantineTolerance: number;
}

/** Everything about a certificate that needs no signature check: epoch, set, order of signers, power ≥ Q. */
export function judgeCertificateShape(
  cert: Certificate,
  electorate: Electorate,
  rules = CERTIFICATE_RULES,
): Result<CertificateVerdict, CertificateRefusal> {
  if (cert.epoch !== electorate.set.epoch || !equalBytes(cert.setHash, electorate.setHash)) {
    return err("WRONG_EPOCH");
  }
  if ((cert.type === "skip") !== equalBytes(cert.entryId, ZERO_HASH)) return err("BAD_ENTRY_ID");
  if (cert.signers.length !== cert.sigs.length || !rules.maySign(cert.signers)) return err("BAD_SIGNERS");
  let power = 0;
  for (const signer of cert.signers) {
    const member = electorate.set.members[signer];
    if (member === undefined) return err("BAD_SIGNERS");
    power += member.power;
  }
  if (power < electorate.quorum) return err("NO_QUORUM");
  return ok({ power, byzantineTolerance: electorate.tolerance });
}

/**
 * Judges a certificate (spec/log#K2): its epoch and set, signers ascending, unique and seated, power ≥ Q, every
 * signature valid for this chain and market.
 */
export function verifyCertificate(
  cert: Certificate,
  electorate: Electorate,
  chain: Hash,
  market: Hash,
  verifier: Verifier,
  rules = CERTIFICATE_RULES,
): Result<CertificateVerdict, CertificateRefusal> {
  const shape = judgeCertificateShape(cert, electorate, rules);
  if (!shape.ok) return shape;
  const digest = voteDigest(voteDomain(electorate, chain, market), cert.type, cert.term, cert.entryId);
  for (const [i, signer] of cert.signers.entries()) {
    const sig = cert.sigs[i]!;
    if (!verifier.verify(electorate.set.members[signer]!.key, digest, sig)) return err("BAD_SIGNATURE");
  }
  return shape;
}

/** The certificate that votes of one kind, term and entry make; by any order of `votes`, signers ascend. */
export function formCertificate(votes: Iterable<Vote>): Certificate {
  const sorted = [...votes].sort((a, b) => a.signer - b.signer);
  const { type, epoch, setHash, term, entryId } = sorted[0]!;
  return {
    type,
    epoch,
    setHash,
    term,
    entryId,
    signers: sorted.map((vote) => vote.signer),
    sigs: sorted.map((vote) => vote.sig),
  };
}

/** The votes that a certificate holds. */
export function votesOf(cert: Certificate): Vote[] {
  const { type, epoch, setHash, term, entryId } = cert;
  return cert.signers.map((signer, i) => ({
    type,
    epoch,
    setHash,
    term,
    entryId,
    signer,
    sig: cert.sigs[i]!,
  }));
}

export function sameCertificate(a: Certificate, b: Certificate): boolean {
  return (
    a === b ||
    (a.type === b.type &&
      a.term === b.term &&
      a.epoch === b.epoch &&
      equalBytes(a.entryId, b.entryId) &&
      equalBytes(a.setHash, b.setHash) &&
      a.signers.length === b.signers.length &&
      a.signers.every((signer, i) => signer === b.signers[i] && equalBytes(a.sigs[i]!, b.sigs[i]!)))
  );
}

/** H('justify', count ‖ Merkle root over the encoded SkipCerts in term order) (spec/log#K2). */
export function justifyHashOf(skips: readonly Certificate[]): Hash {
  if (skips.length === 0) return NO_GAP_HASH;
  return hashOf(skips);
}

const hashOf = (skips: readonly Certificate[]): Hash =>
  taggedHash(
    "justify",
    u32be(skips.length),
    merkleRoot(skips.map((skip) => leafHash(encode(certificate, skip)))),
  );

/** The justifyHash of an entry whose parent is of the term before. */
export const NO_GAP_HASH: Hash = hashOf([]);

/** Bytes of a certificate on the wire, from above. */
const roomOf = (cert: Certificate): number => 160 + 72 * cert.signers.length;

/** True if a justification stays with its final entry: the row of the log, operations included, must fit a frame. */
export function isKeptWithEntry(skips: readonly Certificate[]): boolean {
  if (skips.length > MAX_JUSTIFY_ITEMS) return false;
  return skips.reduce((sum, skip) => sum + roomOf(skip), 0) <= MAX_KEPT_JUSTIFICATION_BYTES;
}

/** As many certificates from index `from` on as fit one answer; at least one if there is one. */
export function certificatesForAnswer(certs: readonly Certificate[], from: number): readonly Certificate[] {
  let room = MAX_ANSWER_BYTES;
  let end = from;
  while (end < certs.length && end - from < MAX_JUSTIFY_ITEMS) {
    room -= roomOf(certs[end]!);
    if (room < 0 && end > from) break;
    end++;
  }
  return certs.slice(from, end);
}
