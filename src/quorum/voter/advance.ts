// Certificates received or formed: judged once, then R5 (AckCert), R6 (SkipCert), or R10 (CommitCert, `finality.ts`).
import { votesOf } from "../log/certificates.js";
import { MAX_REFUSED_CERTIFICATES } from "../log/limits.js";
import { epochRefusal } from "../log/member-set.js";
import type { Certificate } from "../log/message.js";
import { certificateName } from "../log/rows.js";
import { finaliseBy, onCommitCertificate } from "./finality.js";
import { enterAfter } from "./pacing.js";
import { holds, questionsOf, standingOf } from "./questions.js";
import { sheetOf, type Voter } from "./state.js";
import { certOf, type TermSheet } from "./term-sheet.js";
import { castVote, isOpen, keepCertificate, refuse, type Turn } from "./turn.js";
import { recordVote } from "./votes.js";

/**
 * Takes a certificate by the rule of its kind; true if its entry or skip is certified, known already or verified now.
 * Nothing is verified twice. A certified term needs no second certificate, votes already checked are not checked again,
 * and a certificate that failed is remembered by its hash.
 */
export function receiveCertificate(
  turn: Turn,
  cert: Certificate,
  trusted: boolean,
  peer: string | null,
): boolean {
  const { voter } = turn;
  const standing = standingOf(voter, cert);
  if (standing !== "new") return standing === "held";
  const held = voter.sheets.get(cert.term);
  const same = held === undefined ? null : certOf(held, cert.type);
  if (!trusted && !judgeCertificate(turn, cert, peer)) return false;
  for (const vote of votesOf(cert)) if (voter.seat !== null || cert.type === "commit") recordVote(turn, vote);
  const sheet = sheetOf(voter, cert.term);
  if (cert.type === "commit") {
    onCommitCertificate(turn, sheet, cert, peer);
  } else if (same === null) {
    keepCertificate(turn, sheet, cert);
    if (cert.type === "ack") onAckCertificate(turn, sheet, cert);
    else onSkipCertificate(turn, cert);
    if (voter.config.rules.makesFinal(cert.type)) finaliseBy(turn, cert, peer);
  }
  return true;
}

/** R5: COMMIT unless the term was skipped or another entry acknowledged, even when the term is long over. */
function onAckCertificate(turn: Turn, sheet: TermSheet, cert: Certificate): void {
  const { voter, nowMs } = turn;
  sheet.ackCertAtMs = nowMs;
  learnPace(turn, cert);
  voter.certified = null;
  if (cert.term > voter.lastFinal.term) {
    voter.ackedTerms.add(cert.term);
    voter.excluded = null;
  }
  voter.queue.push({ kind: "commit", term: cert.term });
  enterAfter(turn, cert.term);
}

/** Y10, of an entry that this member has acknowledged in a term that ends now: others' garbage is no measure. */
function learnPace({ voter, nowMs }: Turn, { type, term }: Certificate): void {
  const { candidate = null, own } = voter.sheets.get(term) ?? {};
  if (candidate === null || own?.acked == null || term < voter.term) return;
  const known = voter.entries.get(candidate.hex);
  if (known === undefined) return;
  const { rules, timing } = voter.config;
  const course = {
    operations: known.header.opsCount,
    tookMs: type === "skip" ? null : nowMs - voter.clock.enteredAtMs,
    deltaMs: timing.deltaMs,
  };
  voter.bulkBound = rules.bulkBound(voter.bulkBound, course);
}

/**
 * R5's COMMIT, from the queue, so that there is room to sign. For every AckCert above the floor it is queued again once
 * a start's query is over (R13).
 * A lone member certifies by itself, so it commits one batch after it proposed. Otherwise the guard could hold the
 * COMMIT of an entry whose body a crash kept from the disk. Its term could then neither be skipped nor its entry be
 * executed.
 */
export function commitIfAllowed(turn: Turn, sheet: TermSheet): void {
  const { voter } = turn;
  const { ackCert, term } = sheet;
  if (ackCert === null || !isOpen(voter, term)) return;
  if (!voter.config.rules.mayCommit(sheet.own, ackCert.entryId)) return;
  if (voter.electorate.quorum === 1 && voter.marks.length > 0) {
    voter.batchClosed = true;
    voter.queue.push({ kind: "commit", term });
    return;
  }
  castVote(turn, "commit", term, ackCert.entryId);
}

/** R6: the term is over without an entry, as far as this certificate shows. */
function onSkipCertificate(turn: Turn, cert: Certificate): void {
  if (cert.term >= turn.voter.term) turn.voter.failures += 1;
  learnPace(turn, cert);
  enterAfter(turn, cert.term);
}

/** Verifies a certificate; votes that were checked before are not checked again. */
export function judgeCertificate(turn: Turn, cert: Certificate, peer: string | null): boolean {
  const { voter } = turn;
  const ofEpoch = epochRefusal(voter.electorate, cert);
  if (ofEpoch !== null) {
    refuse(turn, peer, ofEpoch);
    return false;
  }
  const questions = questionsOf(voter, cert);
  if (questions?.every((one) => holds(voter, one))) return true;
  if (questions !== null) rememberRefused(voter, certificateName(cert));
  refuse(turn, peer, "BAD_CERTIFICATE");
  return false;
}

function rememberRefused(voter: Voter, name: string): void {
  if (voter.refusedCerts.size >= MAX_REFUSED_CERTIFICATES) {
    for (const oldest of voter.refusedCerts) {
      voter.refusedCerts.delete(oldest);
      break;
    }
  }
  voter.refusedCerts.add(name);
}
