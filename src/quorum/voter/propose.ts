// R2: the leader of a term proposes once, on the last certified entry that only skipped terms follow.
import { encode, equalBytes, type Hash, toHex } from "../../base/index.js";
import { certificatesForAnswer, justifyHashOf } from "../log/certificates.js";
import { bodyOf, type KnownEntry, knownEntry, opsBytesOf, opsRootOf } from "../log/entries.js";
import { MAX_ENTRY_OPS, MAX_ENTRY_OPS_BYTES, MAX_JUSTIFY_ITEMS, MAX_UNFINALISED } from "../log/limits.js";
import type { Certificate, Header, Propose } from "../log/message.js";
import { KEY, ownProposalRow } from "../log/rows.js";
import { proposeDigest } from "../log/signing.js";
import { receiveCertificate } from "./advance.js";
import type { Want } from "./catch-up.js";
import { justifyFrame } from "./gap.js";
import { inFlightTo } from "./in-flight.js";
import { rememberEntry } from "./memory.js";
import { excludedOps, leaderClockMs, proposeAtMs } from "./pacing.js";
import { storeEntry } from "./proposal.js";
import { awaitsCertificates } from "./questions.js";
import { genesisFacts, type ParentFacts, sheetOf, type Voter } from "./state.js";
import { endOf } from "./term-sheet.js";
import { isOpen, markSigned, putForTerm, type Turn, tellMembers, tellPeer } from "./turn.js";

/** The parent R2 names, with the gap's SkipCerts; or the least term of which the certificate is missing. */
type Parent =
  | {
      readonly kind: "found";
      readonly id: Hash;
      readonly facts: ParentFacts;
      readonly known: KnownEntry | null;
      readonly cert: Certificate | null;
      readonly skips: readonly Certificate[];
    }
  | { readonly kind: "noCert"; readonly fromTerm: number; readonly toTerm: number }
  | { readonly kind: "noHeader"; readonly id: Hash; readonly seat: number };

/** Walks back over skipped terms to the greatest certified one; the chain itself qualifies at term 0 (R2). */
function parentFor(voter: Voter, term: number): Parent {
  const { lastFinal, config } = voter;
  const skips: Certificate[] = [];
  for (let p = term - 1; ; p--) {
    if (p === lastFinal.term) {
      const known = voter.entries.get(lastFinal.hex) ?? null;
      const facts = known?.header ?? genesisFacts(config);
      const cert = lastFinal.cert ?? voter.sheets.get(p)?.ackCert ?? null;
      if (known !== null && cert === null) return { kind: "noCert", fromTerm: p, toTerm: p };
      return { kind: "found", id: lastFinal.id, facts, known, cert, skips: skips.reverse() };
    }
    const sheet = voter.sheets.get(p);
    const cert = sheet?.commitCert ?? sheet?.ackCert ?? null;
    if (cert !== null) {
      const known = voter.entries.get(toHex(cert.entryId));
      if (known === undefined) return { kind: "noHeader", id: cert.entryId, seat: cert.signers[0]! };
      return { kind: "found", id: known.id, facts: known.header, known, cert, skips: skips.reverse() };
    }
    if (sheet === undefined || sheet.skipCert === null) {
      return { kind: "noCert", fromTerm: lastFinal.term + 1, toTerm: p };
    }
    skips.push(sheet.skipCert);
  }
}

/** True if this member leads the term and nothing forbids it to propose. */
export function isToPropose(voter: Voter): boolean {
  return (
    voter.electorate.leaderOf(voter.term) === voter.seat &&
    isOpen(voter, voter.term) &&
    voter.config.rules.mayPropose(sheetOf(voter, voter.term).own) &&
    // Execution follows in the same batch: a leader that waits for it attests its newest root, and repeats no op.
    voter.executedHeight === voter.lastFinal.height
  );
}

/** R2: proposes if it is time; true if it did. */
export function proposeIfDue(turn: Turn): boolean {
  const { voter, nowMs } = turn;
  if (!isToPropose(voter) || nowMs < proposeAtMs(turn)) return false;
  const parent = parentFor(voter, voter.term);
  if (parent.kind !== "found") return false;
  propose(turn, parent);
  return true;
}

function propose(turn: Turn, parent: Extract<Parent, { kind: "found" }>): void {
  const { voter } = turn;
  const known = makeEntry(turn, parent);
  const { term, justifyHash } = known.header;
  markSigned(turn, "propose", term, known.id);
  known.leaderSig = voter.config.signer!.sign(proposeDigest(known.id));
  rememberEntry(voter, known);
  const row = { entryId: known.id, leaderSig: known.leaderSig };
  putForTerm(turn, sheetOf(voter, term), KEY.own(term, "propose"), encode(ownProposalRow, row));
  storeEntry(turn, known);
  if (parent.skips.length > 0) {
    voter.justifications.set(toHex(justifyHash), { term, skips: parent.skips });
  }
  const message = proposeMessage(voter, known)!;
  tellPropose(turn, message);
  voter.queue.push({ kind: "propose", propose: message, id: known.id });
}

/** A PROPOSE, and after it the first of the gap's certificates; the rest is pulled (R2). */
export function tellPropose(turn: Turn, propose: Propose): void {
  tellMembers(turn, { kind: "propose", propose });
  const frame = justifyFrame(turn.voter, propose.entry.header.justifyHash, 0);
  if (frame !== null) tellMembers(turn, frame);
}

function makeEntry(turn: Turn, { id, facts, skips }: Extract<Parent, { kind: "found" }>): KnownEntry {
  const { voter } = turn;
  const { chain, market, application } = voter.config;
  const { electorate, term } = voter;
  const timeMs = Math.max(facts.timeMs + 1, leaderClockMs(turn));
  const isFull = facts.height - voter.lastFinal.height > MAX_UNFINALISED;
  const { canJudge, ...room } = roomUpon(voter, id, facts);
  const ops = isFull ? [] : application.collect(excludedOps(voter), { timeMs, ...room });
  const body = bodyOf(ops);
  // One that may have left openings out attests nothing new: counted, it would end a REVEAL that still awaits them.
  const exec = canJudge && !isFull ? attestation(voter, facts) : facts;
  const header: Header = {
    v: 1,
    chain,
    market,
    epoch: electorate.set.epoch,
    setHash: electorate.setHash,
    term,
    leader: electorate.leaderOf(term),
    height: facts.height + 1,
    parent: id,
    parentTerm: facts.term,
    timeMs,
    opsRoot: opsRootOf(body),
    opsCount: ops.length,
    opsBytes: opsBytesOf(ops),
    justifyHash: justifyHashOf(skips),
    execHeight: exec.execHeight,
    execRoot: exec.execRoot,
    kind: "normal",
    nextSetHash: null,
  };
  const known = knownEntry(header);
  known.body = body;
  return known;
}

/**
 * A leader that does not know what lies between its own state and the new entry might repeat it. What it includes is
 * then so little that nobody asks whether it counts (R3).
 */
function roomUpon(voter: Voter, parent: Hash, { height, execHeight }: ParentFacts) {
  const below = inFlightTo(voter, parent, height);
  if (below.kind === "whole" && voter.executedHeight >= execHeight) {
    const [maxOps, maxBytes, maxBulk] = [MAX_ENTRY_OPS, MAX_ENTRY_OPS_BYTES, voter.bulkBound];
    return { canJudge: true, maxOps, maxBytes, maxBulk, inFlight: below.ops };
  }
  const { operations, bytes } = voter.config.rules.unjudged;
  return { canJudge: false, maxOps: operations, maxBytes: bytes, maxBulk: operations, inFlight: [] };
}

/** Own newest root, or the parent's pair where own execution is behind it (R2). */
function attestation(voter: Voter, parent: ParentFacts): Pick<Header, "execHeight" | "execRoot"> {
  const own = voter.roots.get(voter.executedHeight);
  if (own === undefined || voter.executedHeight <= parent.execHeight) return parent;
  return { execHeight: voter.executedHeight, execRoot: own };
}

/** The PROPOSE of an own entry, with its parent as far as it is known; null without body or signature. */
export function proposeMessage(voter: Voter, known: KnownEntry): Propose | null {
  if (known.body === null || known.leaderSig === null) return null;
  const { header, leaderSig } = known;
  const sheet = voter.sheets.get(header.parentTerm);
  const held = [sheet?.commitCert, sheet?.ackCert, voter.lastFinal.cert];
  const cert = held.find((one) => one && equalBytes(one.entryId, header.parent)) ?? null;
  return {
    entry: { header, ops: known.body.ops, leaderSig },
    parentHeader: voter.entries.get(known.parentHex)?.header ?? null,
    parentCert: cert,
  };
}

/** R2's wants: certificates of the gap, or the header of the parent. */
export function proposeWants(turn: Turn): Want[] {
  const { voter } = turn;
  if (!isToPropose(voter)) return [];
  const parent = parentFor(voter, voter.term);
  if (parent.kind === "found") return [];
  if (parent.kind === "noHeader") {
    const { id, seat } = parent;
    return [{ name: `entry/${toHex(id)}`, message: { kind: "getEntry", entryId: id }, seat }];
  }
  const { fromTerm, toTerm } = parent;
  return [{ name: `certs/${toTerm}`, message: { kind: "getCerts", fromTerm, toTerm }, seat: null }];
}

/** Serves the certificates that ended terms, from the last term asked for downwards: a leader walks back. */
export function answerCerts(turn: Turn, fromTerm: number, toTerm: number, peer: string): void {
  const { voter } = turn;
  const certs: Certificate[] = [];
  const last = Math.min(toTerm, voter.maxTermSeen);
  for (let term = last; term >= Math.max(fromTerm, 1) && certs.length < MAX_JUSTIFY_ITEMS; term--) {
    const sheet = voter.sheets.get(term);
    if (sheet === undefined && last - term > voter.config.keepTerms) break;
    const cert = sheet === undefined ? null : endOf(sheet);
    if (cert !== null) certs.push(cert);
    if (cert !== null && cert.type !== "skip") break;
  }
  if (certs.length > 0) tellPeer(turn, peer, { kind: "certs", certs: certificatesForAnswer(certs, 0) });
}

/** Certificates that were asked for; the first that is none ends it, so that a frame of forgeries costs one check. */
export function receiveCerts(turn: Turn, certs: readonly Certificate[], peer: string): void {
  if (!awaitsCertificates(turn.voter)) return;
  for (const cert of certs) if (!receiveCertificate(turn, cert, false, peer)) return;
}
