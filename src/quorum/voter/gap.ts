// The gap's certificates, which justify a proposal over skipped terms: pushed after it, pulled, gathered and served (R2, R3).
import { equalBytes, type Hash, toHex } from "../../base/index.js";
import { certificatesForAnswer, justifyHashOf, NO_GAP_HASH } from "../log/certificates.js";
import type { KnownEntry } from "../log/entries.js";
import type { Certificate, Header, QuorumMessage } from "../log/message.js";
import { accuseOfGap } from "./accuse.js";
import { judgeCertificate } from "./advance.js";
import type { Want } from "./catch-up.js";
import {
  continuesShare,
  type FramePlace,
  framePlaces,
  heldSkip,
  isSkipAt,
  type JustifyFrame,
  standingOf,
} from "./questions.js";
import type { Voter } from "./state.js";
import { isOpen, type Turn, tellPeer } from "./turn.js";

/** The gap's certificates, if all are here and hash to the header's justifyHash; an empty gap needs none. */
export function justificationOf(voter: Voter, header: Header): readonly Certificate[] | null {
  const gap = header.term - header.parentTerm - 1;
  if (gap === 0) return equalBytes(header.justifyHash, NO_GAP_HASH) ? [] : null;
  return voter.justifications.get(toHex(header.justifyHash))?.skips ?? null;
}

/**
 * A frame of a justification, from a member: taken if it continues what that member has given for the current or a
 * coming candidate. Several may name one justifyHash, so each is offered the frame.
 */
export function receiveJustify(turn: Turn, frame: JustifyFrame, from: number | null, peer: string): void {
  if (from === null) return;
  for (const place of framePlaces(turn.voter, frame, from)) {
    if (turn.voter.justifications.has(toHex(frame.justifyHash))) return;
    const { known, share } = place;
    const before = [...share];
    if (gather(turn, place, frame, from, peer)) continue;
    if (frame.from === before.length && frame.total === before.length + frame.certs.length) {
      accuseOfList(turn, known, [...before, ...frame.certs]);
    }
  }
}

/**
 * Accuses the leader of a list of certificates that does not justify its candidate, if the header commits to it (E6).
 */
function accuseOfList(turn: Turn, { header, leaderSig }: KnownEntry, certs: readonly Certificate[]): void {
  if (leaderSig !== null) accuseOfGap(turn, { header, leaderSig }, certs);
}

/**
 * Adds a frame to its sender's share; asks the same member for the rest, or uses the complete share. False: it adds
 * nothing.
 */
function gather(turn: Turn, place: FramePlace, frame: JustifyFrame, from: number, peer: string): boolean {
  const { voter } = turn;
  const { candidate } = place;
  const { header } = place.known;
  if (!continuesShare(place, frame)) return false;
  const share = [...place.share];
  for (const cert of frame.certs) {
    if (!isSkipAt(header, share.length, cert)) return false;
    const held = heldSkip(voter, cert);
    if (held === null && !judgeCertificate(turn, cert, peer)) return false;
    share.push(held ?? cert);
    if (standingOf(voter, cert) === "new") voter.queue.push({ kind: "cert", cert, trusted: true, peer });
  }
  candidate.gathered.set(from, share);
  if (share.length < frame.total) {
    const { justifyHash } = header;
    tellPeer(turn, peer, { kind: "getJustify", justifyHash, from: share.length });
    return true;
  }
  candidate.gathered.delete(from);
  if (!equalBytes(justifyHashOf(share), header.justifyHash)) return true;
  candidate.gathered.clear();
  voter.justifications.set(toHex(header.justifyHash), { term: header.term, skips: share });
  return true;
}

/**
 * Forgets the justifications of terms that are over and whose entry this member neither made, nor acknowledged, nor
 * knows to be certified. A gap grows with each term that fails, and each of its proposals brings all of it again.
 */
export function forgetGaps({ term: current, sheets, justifications }: Voter): void {
  for (const [name, { term }] of justifications) {
    const sheet = sheets.get(term);
    if (term >= current || sheet === undefined || sheet.ackCert !== null) continue;
    if (sheet.own.acked === null && sheet.own.proposed === null) justifications.delete(name);
  }
}

/** R3's want: the justification of the current candidate. */
export function proposalWants(voter: Voter): Want[] {
  const candidate = voter.sheets.get(voter.term)?.candidate ?? null;
  if (candidate === null || candidate.refused || !isOpen(voter, voter.term)) return [];
  const header = voter.entries.get(candidate.hex)?.header;
  if (header === undefined || voter.justifications.has(toHex(header.justifyHash))) return [];
  if (header.term === header.parentTerm + 1) return [];
  const { justifyHash, leader } = header;
  const name = `justify/${toHex(justifyHash)}`;
  return [{ name, message: { kind: "getJustify", justifyHash, from: 0 }, seat: leader }];
}

/** Serves a justification from an index on, as much as fits a frame. */
export function answerJustify(turn: Turn, justifyHash: Hash, from: number, peer: string): void {
  const frame = justifyFrame(turn.voter, justifyHash, from);
  if (frame !== null) tellPeer(turn, peer, frame);
}

export function justifyFrame(voter: Voter, justifyHash: Hash, from: number): QuorumMessage | null {
  const known = voter.justifications.get(toHex(justifyHash));
  if (known === undefined || from >= known.skips.length) return null;
  const certs = certificatesForAnswer(known.skips, from);
  return { kind: "justify", justifyHash, from, total: known.skips.length, certs };
}
