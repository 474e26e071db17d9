// Justifications: the SkipCerts of the terms between an entry and its parent, bound by one hash in its header.
import { encode, type Hash, u32be } from "../base/index.js";
import { leafHash, merkleRoot, taggedHash } from "../crypto/index.js";
import { MAX_ANSWER_BYTES, MAX_JUSTIFY_ITEMS, MAX_KEPT_JUSTIFICATION_BYTES } from "./limits.js";
import { type Certificate, certificate } from "./message.js";

/** H('justify', count ‖ Merkle root over the encoded SkipCerts in term order) (PROTOCOL §1.3). */
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

/** Whether a justification stays with its final entry: the row in the log must fit a frame, with all its operations. */
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
