// Finality: R10 makes certified entries final in height order, R12 stops for ever on a conflict, X2 on a wrong root.
import { encode, equalBytes, toHex } from "../../base/index.js";
import type { Corruption } from "../contract.js";
import { isKeptWithEntry } from "../log/certificates.js";
import type { KnownEntry } from "../log/entries.js";
import { MAX_DESCENDANTS, RECENT_FINAL_TERMS } from "../log/limits.js";
import { type Certificate, entryIdOf, type Header, type LogEntry } from "../log/message.js";
import { type HaltRow, haltRow, KEY, rootRow } from "../log/rows.js";
import { enterAfter } from "./pacing.js";
import type { Voter } from "./state.js";
import type { TermSheet } from "./term-sheet.js";
import { keepCertificate, put, remove, type Turn, tellMembers, tellPeer } from "./turn.js";

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

/** Drops state that only served terms now final: dead branches, old bodies, roots that no header can name. */
function dropBelowFinal(turn: Turn): void {
  const { voter } = turn;
  const { term, hex } = voter.lastFinal;
  voter.certified = null;
  for (const acked of voter.ackedTerms) if (acked <= term) voter.ackedTerms.delete(acked);
  for (const known of voter.entries.values()) {
    if (known.header.term > term) continue;
    if (known.stored) remove(turn, KEY.entry(known.hex));
    known.stored = false;
    if (known.header.term < term - RECENT_FINAL_TERMS) known.body = null;
    if (voter.finalTerms.get(known.header.term) !== known.hex) voter.entries.delete(known.hex);
  }
  for (const [name, { term: of }] of voter.justifications) {
    if (of < term - RECENT_FINAL_TERMS) voter.justifications.delete(name);
  }
  const { execHeight } = voter.entries.get(hex)!.header;
  for (const height of voter.roots.keys()) {
    if (height >= execHeight) continue;
    voter.roots.delete(height);
    remove(turn, KEY.root(height));
  }
}

/** Forgets the sheets of terms that the rules let go, and the headers of final entries as old (spec/persistence#points). */
export function prune(turn: Turn): void {
  const { voter } = turn;
  const { keepTerms, rules } = voter.config;
  const bound = rules.prunesBelow(voter.lastFinal.term, voter.term, keepTerms);
  if (bound <= voter.prunedBelow) return;
  voter.prunedBelow = bound;
  for (const [term, sheet] of voter.sheets) {
    if (term >= bound) continue;
    for (const key of sheet.rows) remove(turn, key);
    voter.sheets.delete(term);
  }
  const finalBound = Math.min(bound, voter.lastFinal.term - keepTerms);
  voter.finalFromTerm = Math.max(voter.finalFromTerm, finalBound - 1);
  for (const [term, hex] of voter.finalTerms) {
    if (term >= finalBound) continue;
    voter.finalTerms.delete(term);
    voter.entries.delete(hex);
  }
}

/** R12: two finalisations that exclude each other. Nothing is signed any more, now or after a restart. */
export function haltForFork(turn: Turn, certs: readonly Certificate[], headers: readonly Header[]): void {
  halt(turn, { kind: "fork", certs, headers: headers.slice(0, MAX_DESCENDANTS) });
}

/** spec/log#X2: a quorum finalised another root than this member's: its state or its program is wrong. */
function haltForCorruption(turn: Turn, corrupt: Corruption): void {
  halt(turn, { kind: "corrupt", ...corrupt });
}

function halt(turn: Turn, why: HaltRow): void {
  const { voter } = turn;
  voter.standing = "halted";
  voter.query = null;
  voter.halt = why;
  put(turn, KEY.halt, encode(haltRow, why));
  tellHalt(turn);
}

/** Reports the reason of a halt to the caller, and a fork to everybody, at the halt and at every start after it. */
export function tellHalt(turn: Turn): void {
  const { halt } = turn.voter;
  if (halt?.kind === "fork") turn.fork = { certs: halt.certs, headers: halt.headers };
  spreadFork(turn);
  if (halt?.kind === "corrupt")
    turn.corrupt = { height: halt.height, own: halt.own, finalised: halt.finalised };
}

/** Remembers an entry for later rules; the known one if it is known already. */
export function rememberEntry(voter: Voter, fresh: KnownEntry): KnownEntry {
  const known = voter.entries.get(fresh.hex);
  if (known === undefined) {
    voter.entries.set(fresh.hex, fresh);
    voter.certified = null;
    voter.excluded = null;
    return fresh;
  }
  known.body ??= fresh.body;
  known.leaderSig ??= fresh.leaderSig;
  return known;
}

/**
 * Sends both certificates of a fork to the members, and gossips those whose header is known (ADR 0019). Signs nothing.
 * A halted member falls silent. Without this, a member that knows one history only would go on with liars that signed
 * both.
 */
function spreadFork(turn: Turn): void {
  const { voter } = turn;
  for (const cert of forkCertificates(voter)) {
    tellMembers(turn, { kind: "cert", cert });
    const header = headerOf(voter, cert);
    if (header !== null)
      turn.sends.push({ to: { kind: "gossip" }, message: { kind: "final", header, cert } });
  }
}

/** Sends both certificates to a peer that has just connected: it may have been away when the fork was found. */
export function tellFork(turn: Turn, peer: string): void {
  const { voter } = turn;
  for (const cert of forkCertificates(voter)) {
    const header = headerOf(voter, cert);
    tellPeer(turn, peer, header === null ? { kind: "cert", cert } : { kind: "final", header, cert });
  }
}

const forkCertificates = ({ halt }: Voter): readonly Certificate[] =>
  halt?.kind === "fork" ? halt.certs : [];

function headerOf(voter: Voter, { term, entryId }: Certificate): Header | null {
  const kept = voter.halt?.kind === "fork" ? voter.halt.headers : [];
  const candidates = [...kept, ...[...voter.entries.values()].map(({ header }) => header)];
  return candidates.find((one) => one.term === term && equalBytes(entryIdOf(one), entryId)) ?? null;
}
