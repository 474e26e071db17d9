// What is certified in this voter's eyes: certificates judged once, kept on disk, passed on once.
import { epochRefusal } from "./epochs.js";
import { MAX_REFUSED_CERTIFICATES } from "./limits.js";
import type { Certificate } from "./message.js";
import { certificateName, encodeCertificate, KEY } from "./rows.js";
import { holds, questionsOf } from "./screening.js";
import type { Voter } from "./state.js";
import { endOf, type TermSheet } from "./term-sheet.js";
import { putForTerm, refuse, type Turn, tellMembers } from "./turn.js";

/** Verifies a certificate, using what is known about its votes already. */
export function judge(turn: Turn, cert: Certificate, peer: string | null): boolean {
  const { voter } = turn;
  const ofEpoch = epochRefusal(voter.electorate, cert);
  if (ofEpoch !== null) {
    refuse(turn, peer, ofEpoch);
    return false;
  }
  const questions = questionsOf(voter, cert);
  if (questions?.every((one) => holds(voter, one))) return true;
  if (questions !== null) remember(voter, certificateName(cert));
  refuse(turn, peer, "BAD_CERTIFICATE");
  return false;
}

function remember(voter: Voter, name: string): void {
  if (voter.refusedCerts.size >= MAX_REFUSED_CERTIFICATES) {
    for (const oldest of voter.refusedCerts) {
      voter.refusedCerts.delete(oldest);
      break;
    }
  }
  voter.refusedCerts.add(name);
}

/** Persists a certificate (P6) and passes it on once. */
export function keepCertificate(turn: Turn, sheet: TermSheet, cert: Certificate): void {
  const { voter } = turn;
  if (cert.type === "ack") sheet.ackCert = cert;
  else if (cert.type === "skip") sheet.skipCert = cert;
  else sheet.commitCert = cert;
  voter.maxTermSeen = Math.max(voter.maxTermSeen, cert.term);
  putForTerm(turn, sheet, KEY.cert(cert.term, cert.type), encodeCertificate(cert));
  if (cert.term > voter.lastFinal.term) tellMembers(turn, { kind: "cert", cert });
}

/** The certificate that brought this member to its term; null in term 1. */
export function certificateIntoTerm(voter: Voter): Certificate | null {
  const sheet = voter.sheets.get(voter.term - 1);
  return sheet === undefined ? null : endOf(sheet);
}
