// Finality: R10 makes certified entries final in height order; R12 finds what conflicts with them, X2 a wrong root.
import { encode, equalBytes, toHex } from "../../base/index.js";
import { isKeptWithEntry } from "../log/certificates.js";
import type { KnownEntry } from "../log/entries.js";
import type { Certificate, Header, LogEntry } from "../log/message.js";
import { KEY, rootRow } from "../log/rows.js";
import { haltForCorruption, haltForFork } from "./halt.js";
import { dropBelowFinal } from "./memory.js";
import { enterAfter } from "./pacing.js";
import type { Voter } from "./state.js";
import type { TermSheet } from "./term-sheet.js";
import { keepCertificate, put, type Turn } from "./turn.js";

/** R10: keeps the certificate; finalises its entry with all ancestors, or gathers the missing headers and bodies. */
export function onCommitCertificate(
  turn: Turn,
  sheet: TermSheet,
  cert: Certificate,
  peer: string | null,
): void {
  const { voter } = turn;
  if (sheet.commitCert !== null) {
    haltForFork(turn, [cert, sheet.commitCert], []);
    return;
  }
  keepCertificate(turn, sheet, cert);
  if (cert.term <= voter.lastFinal.term) {
    compareWithChain(turn, cert);
    return;
  }
  finaliseBy(turn, cert, peer);
  enterAfter(turn, cert.term);
}

/** R10: the certified entry and its ancestors become final, now or when the missing headers and bodies are here. */
export function finaliseBy(turn: Turn, cert: Certificate, peer: string | null): void {
  const { voter } = turn;
  if (voter.target === null || cert.term > voter.target.cert.term) {
    voter.target = { cert, hex: toHex(cert.entryId), peer };
  }
  finaliseTarget(turn);
}

/**
 * R12 for a certificate of a final term: it conflicts unless the final chain has its entry for that term. With one
 * epoch there are no tails, so the id decides and no header needs to be fetched.
 */
function compareWithChain(turn: Turn, cert: Certificate): void {
  const { voter } = turn;
  if (cert.term <= voter.finalFromTerm) return;
  if (voter.finalTerms.get(cert.term) === toHex(cert.entryId)) return;
  haltForFork(turn, [cert, ...ownCertificates(voter)], chainHeaders(voter, cert.term));
}

/** A CommitCert on the final chain: of the last entry, or of the descendant that made it final. */
export function ownCertificates(voter: Voter): Certificate[] {
  if (voter.lastFinal.cert !== null) return [voter.lastFinal.cert];
  for (const sheet of voter.sheets.values()) {
    if (sheet.commitCert !== null && sheet.term >= voter.lastFinal.term) return [sheet.commitCert];
  }
  return [];
}

/** The final chain's headers from `term` on, as far as they are known, ascending. */
function chainHeaders(voter: Voter, term: number): Header[] {
  const headers: Header[] = [];
  for (let at = voter.entries.get(voter.lastFinal.hex); at !== undefined && at.header.term >= term; ) {
    headers.push(at.header);
    at = voter.entries.get(at.parentHex);
  }
  return headers.reverse();
}

/** A header or body that the target lacks before it can be final. */
export type Missing = { readonly kind: "header" | "body"; readonly id: Uint8Array };

/**
 * Walks from the certified entry to the last final one; finalises if everything is there. Returns the missing part;
 * null if the target is final, or has led to a halt.
 */
export function finaliseTarget(turn: Turn): Missing | null {
  const { voter } = turn;
  const { target, lastFinal } = voter;
  if (target === null) return null;
  if (target.cert.term <= lastFinal.term) {
    voter.target = null;
    compareWithChain(turn, target.cert);
    return null;
  }
  const path: KnownEntry[] = [];
  let missing: Missing | null = null;
  let hex = target.hex;
  let id = target.cert.entryId;
  while (hex !== lastFinal.hex) {
    const known = voter.entries.get(hex);
    if (known === undefined) return { kind: "header", id };
    path.push(known);
    const { height } = known.header;
    if (
      height <= lastFinal.height ||
      (height === lastFinal.height + 1 && known.parentHex !== lastFinal.hex)
    ) {
      haltForFork(turn, [target.cert, ...ownCertificates(voter)], path.map((one) => one.header).reverse());
      return null;
    }
    if (known.body === null) missing = { kind: "body", id: known.id };
    hex = known.parentHex;
    id = known.header.parent;
  }
  if (missing !== null) return missing;
  voter.target = null;
  makeFinal(turn, path.reverse());
  return null;
}

/** Makes consecutive entries with bodies, which follow the last final one, final; the floor rises (I7). */
export function makeFinal(turn: Turn, path: readonly KnownEntry[]): void {
  const { voter, nowMs } = turn;
  const before = voter.lastFinal.term;
  for (const known of path) {
    const { header } = known;
    const sheet = voter.sheets.get(header.term);
    const held = sheet?.commitCert ?? null;
    const cert = held !== null && equalBytes(held.entryId, known.id) ? held : null;
    turn.finalised.push(logEntryOf(voter, known, cert));
    voter.lastFinal = { height: header.height, term: header.term, id: known.id, hex: known.hex, cert };
    voter.finalTerms.set(header.term, known.hex);
    compareRoot(turn, header);
    announce(turn, header, cert);
  }
  voter.failures = 0;
  voter.newsAtMs = nowMs;
  voter.excluded = null;
  dropBelowFinal(turn);
  compareSince(turn, before);
}

/** R12 for certificates that waited: of several above the last final entry, only the greatest was the target. */
function compareSince(turn: Turn, before: number): void {
  const { voter } = turn;
  for (const { term, commitCert } of voter.sheets.values()) {
    if (commitCert === null || term <= before || term > voter.lastFinal.term) continue;
    if (voter.standing !== "halted") compareWithChain(turn, commitCert);
  }
}

function logEntryOf(voter: Voter, known: KnownEntry, cert: Certificate | null): LogEntry {
  const skips = voter.justifications.get(toHex(known.header.justifyHash))?.skips ?? [];
  return {
    header: known.header,
    ops: known.body!.ops,
    justification: isKeptWithEntry(skips) ? skips : [],
    cert,
  };
}

/**
 * Gossips a final header for peers without a seat. F+1 members do: the leader of the term and those after it. One of
 * them is honest, and n differing certificates of one entry do not flood the topic.
 */
function announce(turn: Turn, header: Header, cert: Certificate | null): void {
  const { voter } = turn;
  if (voter.seat === null || cert === null) return;
  const { electorate } = voter;
  for (let term = header.term; term <= header.term + electorate.tolerance; term++) {
    if (electorate.leaderOf(term) !== voter.seat) continue;
    turn.sends.push({ to: { kind: "gossip" }, message: { kind: "final", header, cert } });
    return;
  }
}

/** The finalised execRoot must equal the own root: compared now, or as soon as that height is executed (spec/log#X2). */
function compareRoot(turn: Turn, header: Header): void {
  const { voter } = turn;
  const own = voter.roots.get(header.execHeight);
  if (own === undefined) voter.attested.set(header.execHeight, header.execRoot);
  else if (!equalBytes(own, header.execRoot)) {
    haltForCorruption(turn, { height: header.execHeight, own, finalised: header.execRoot });
  }
}

/** The state's root after a height, reported by the caller in the batch that made the height final. */
export function onExecuted(turn: Turn, height: number, root: Uint8Array): void {
  const { voter } = turn;
  voter.executedHeight = height;
  voter.excluded = null;
  voter.roots.set(height, root);
  put(turn, KEY.root(height), encode(rootRow, root));
  const finalised = voter.attested.get(height);
  voter.attested.delete(height);
  if (finalised !== undefined && !equalBytes(finalised, root)) {
    haltForCorruption(turn, { height, own: root, finalised });
  }
}
