// Restores a voter from its rows, the guard record and the end of the final log.
import { type Bytes, type Codec, decode, equalBytes, toHex } from "../../base/index.js";
import type { VoterConfig } from "../contract.js";
import { bodyFor, knownEntry } from "../log/entries.js";
import { RECENT_FINAL_TERMS } from "../log/limits.js";
import { certificate, type Entry, entry, type LogEntry, type SignedMark, vote } from "../log/message.js";
import { counterRow, haltRow, justifyRow, KEY, ownProposalRow, PREFIX, rootRow } from "../log/rows.js";
import { emptyVoter, floorOf, sheetOf, type Voter } from "../voter/state.js";
import { hasMark, withMark } from "../voter/term-sheet.js";
import { openGuard, reconcile } from "./guard.js";

/**
 * The voter of a store, whatever is in it.
 * @param fresh the caller made this seat's key and guard itself, for a new chain. It counts only while the store is
 *   empty: then nothing can have been signed. Everything else with an empty store is a loss, hence amnesia.
 */
export function openVoter(
  config: VoterConfig,
  rows: Iterable<readonly [key: string, value: Bytes]>,
  guard: Bytes | null,
  log: readonly LogEntry[],
  fresh: boolean,
): Voter {
  const kept = [...rows];
  const isEmpty = kept.length === 0 && guard === null && log.length === 0;
  return fresh && isEmpty ? createVoter(config) : restoreVoter(config, kept, guard, log);
}

/**
 * A voter without a past: for a peer without a seat, or for a *fresh* seat. The caller has just created the key or
 * guard of a fresh seat, so nothing can have been signed with it. Any other seat goes through `restoreVoter`, where an
 * empty store means amnesia (spec/persistence#U5).
 */
export const createVoter = (config: VoterConfig): Voter => emptyVoter(config, true);

/**
 * The voter that wrote these rows. A seat whose guard and rows disagree, or that has neither, is in amnesia
 * (spec/persistence#guard). So is a seat with a damaged own vote; any other damaged row is left out and fetched again.
 * @param rows every row under `quorum/`
 * @param guard the newest whole guard record; null if there is none
 * @param log the last `keepTerms` final entries (fewer if there are fewer), ascending
 */
export function restoreVoter(
  config: VoterConfig,
  rows: Iterable<readonly [key: string, value: Bytes]>,
  guard: Bytes | null,
  log: readonly LogEntry[],
): Voter {
  const voter = emptyVoter(config, false);
  restoreLog(voter, log);
  const kept = restoreRows(voter, rows);
  restoreTerm(voter);
  if (voter.seat !== null && voter.standing !== "halted") reconcileGuard(voter, guard, kept);
  return voter;
}

interface Kept {
  seq: number | null;
  damaged: boolean;
  inAmnesia: boolean;
}

/** The end of the final chain: headers for R12, recent bodies for stragglers. */
function restoreLog(voter: Voter, log: readonly LogEntry[]): void {
  const last = log.at(-1);
  if (last === undefined) return;
  voter.finalFromTerm = log[0]!.header.parentTerm;
  for (const { header, ops, cert } of log) {
    const known = knownEntry(header);
    if (header.term >= last.header.term - RECENT_FINAL_TERMS) known.body = bodyFor(header, ops);
    voter.entries.set(known.hex, known);
    voter.finalTerms.set(header.term, known.hex);
    if (header !== last.header) continue;
    const { height, term } = header;
    voter.lastFinal = { height, term, id: known.id, hex: known.hex, cert };
    voter.executedHeight = height;
  }
}

function restoreRows(voter: Voter, rows: Iterable<readonly [string, Bytes]>): Kept {
  const kept: Kept = { seq: null, damaged: false, inAmnesia: false };
  for (const [key, value] of rows) {
    if (key.startsWith(PREFIX.own)) kept.damaged = !restoreOwn(voter, key, value) || kept.damaged;
    else if (key.startsWith(PREFIX.cert)) restoreCertificate(voter, key, value);
    else if (key.startsWith(PREFIX.entry)) restoreEntry(voter, value);
    else if (key.startsWith(PREFIX.justify)) restoreJustification(voter, key, value);
    else if (key.startsWith(PREFIX.root)) restoreRoot(voter, key, value);
    else if (key === KEY.seq) kept.seq = read(counterRow, value);
    else if (key === KEY.barrier) voter.barrierTerm = read(counterRow, value) ?? 0;
    else if (key === KEY.amnesia) restoreAmnesia(voter, value, kept);
    else if (key === KEY.halt) restoreHalt(voter, value);
  }
  return kept;
}

function read<T>(codec: Codec<T>, value: Bytes): T | null {
  const decoded = decode(codec, value, value.length);
  return decoded.ok ? decoded.value : null;
}

const numberIn = (key: string, prefix: string): number => Number(key.slice(prefix.length).split("/")[0]);

/** An own message; false if the row is damaged: then nobody knows which message was signed. */
function restoreOwn(voter: Voter, key: string, value: Bytes): boolean {
  const sheet = sheetOf(voter, numberIn(key, PREFIX.own));
  sheet.rows.add(key);
  if (key.endsWith("/propose")) {
    const row = read(ownProposalRow, value);
    if (row === null) return false;
    sheet.own = withMark(sheet.own, "propose", row.entryId);
    return true;
  }
  const own = read(vote, value);
  if (own === null) return false;
  sheet.own = withMark(sheet.own, own.type, own.entryId);
  sheet.sent.push(own);
  return true;
}

function restoreCertificate(voter: Voter, key: string, value: Bytes): void {
  const cert = read(certificate, value);
  if (cert === null) return;
  const sheet = sheetOf(voter, cert.term);
  sheet.rows.add(key);
  if (cert.type === "ack") sheet.ackCert = cert;
  else if (cert.type === "skip") sheet.skipCert = cert;
  else sheet.commitCert = cert;
}

function restoreEntry(voter: Voter, value: Bytes): void {
  const row: Entry | null = read(entry, value);
  if (row === null || row.header.term <= voter.lastFinal.term) return;
  const known = knownEntry(row.header);
  known.body = bodyFor(row.header, row.ops);
  known.leaderSig = row.leaderSig;
  known.stored = true;
  voter.entries.set(known.hex, known);
}

function restoreJustification(voter: Voter, key: string, value: Bytes): void {
  const term = numberIn(key, PREFIX.justify);
  sheetOf(voter, term).rows.add(key);
  const row = read(justifyRow, value);
  if (row === null || term < voter.lastFinal.term - RECENT_FINAL_TERMS) return;
  voter.justifications.set(toHex(row.justifyHash), { term, skips: row.skips });
}

function restoreRoot(voter: Voter, key: string, value: Bytes): void {
  const root = read(rootRow, value);
  if (root !== null) voter.roots.set(numberIn(key, PREFIX.root), root);
}

/** The row's being there is what counts: a damaged one only forgets since when. */
function restoreAmnesia(voter: Voter, value: Bytes, kept: Kept): void {
  kept.inAmnesia = true;
  voter.amnesiaSinceMs = read(counterRow, value);
}

function restoreHalt(voter: Voter, value: Bytes): void {
  voter.standing = "halted";
  voter.halt = read(haltRow, value);
}

/** Term, window and target follow from the certificates (P1, R13). */
function restoreTerm(voter: Voter): void {
  let certified = voter.lastFinal.term;
  for (const sheet of voter.sheets.values()) {
    if (sheet.ackCert || sheet.skipCert || sheet.commitCert) certified = Math.max(certified, sheet.term);
    if (sheet.term <= voter.lastFinal.term) continue;
    if (sheet.ackCert !== null) voter.ackedTerms.add(sheet.term);
    const { commitCert } = sheet;
    if (commitCert !== null && commitCert.term > (voter.target?.cert.term ?? 0)) {
      voter.target = { cert: commitCert, hex: toHex(commitCert.entryId), peer: null };
    }
  }
  const { cert, id, term } = voter.lastFinal;
  const kept = voter.sheets.get(term)?.commitCert ?? null;
  if (cert === null && kept !== null && equalBytes(kept.entryId, id))
    voter.lastFinal = { ...voter.lastFinal, cert: kept };
  voter.maxTermSeen = certified;
  voter.term = certified + 1;
  voter.prunedBelow = Math.min(...voter.sheets.keys(), voter.term);
}

/** Reconciles guard and rows (spec/persistence#U3); the sequence never falls behind either of them. */
function reconcileGuard(voter: Voter, bytes: Bytes | null, kept: Kept): void {
  const guard = openGuard(bytes);
  const verdict = reconcile(guard, kept.seq);
  voter.voteSeq = Math.max(guard?.voteSeq ?? 0, kept.seq ?? 0);
  if (verdict.kind === "restore") insertMarks(voter, verdict.marks);
  if (verdict.kind === "amnesia" || kept.damaged || kept.inAmnesia) voter.standing = "amnesia";
}

/** The crash came between the guard and the batch: these messages count as sent, in the batch that is still open. */
function insertMarks(voter: Voter, marks: readonly SignedMark[]): void {
  voter.marks = [...marks];
  for (const mark of marks) {
    if (!voter.config.rules.guardRestores(mark.type)) continue;
    const sheet = sheetOf(voter, mark.term);
    if (hasMark(sheet.own, mark.type, mark.entryId)) continue;
    sheet.own = withMark(sheet.own, mark.type, mark.entryId);
    if (mark.term > floorOf(voter)) voter.unrecorded.push(mark);
  }
}
