// Accusations of class B: finds the flaw of a proposal that its leader signed, and makes evidence E6 of it (R11).
import { type Bytes, encode, equalBytes } from "../../base/index.js";
import { leafHash, merkleProof, merkleRoot } from "../../crypto/index.js";
import { justifyHashOf } from "../log/certificates.js";
import type { Body, KnownEntry } from "../log/entries.js";
import { flawEvidence } from "../log/evidence.js";
import { type Flaw, type FlawCourt, flawHolds, gapOf, headerFault, type OpsJudge } from "../log/flaw.js";
import { MAX_FLAW_LEAF_BYTES } from "../log/limits.js";
import { type Certificate, certificate, type Header, type SignedHeader } from "../log/message.js";
import { holds, type Question } from "./questions.js";
import { sheetOf, type Voter } from "./state.js";
import type { Turn } from "./turn.js";

/**
 * Reports a flaw of a proposal whose signature was verified: once for each leader and term, never of an own proposal.
 */
function accuse(turn: Turn, signed: SignedHeader, found: Flaw | null): void {
  const { leader, term } = signed.header;
  if (found === null || leader === turn.voter.seat) return;
  const sheet = sheetOf(turn.voter, term);
  if (sheet.accused.has(leader)) return;
  sheet.accused.add(leader);
  turn.evidence.push(flawEvidence(signed, found));
}

/**
 * A proposal of another leader than its term's convicts the seat that its header names, if that seat signed it.
 * @param question the signature to check; null: no seat is named, or it is accused already
 */
export function accuseOutOfTurn(turn: Turn, signed: SignedHeader, question: Question | null): void {
  if (question !== null && holds(turn.voter, question)) accuse(turn, signed, { kind: "header" });
}

/** Reports a header that contradicts itself. R3 alone decides which proposals get a vote. */
export function accuseOfHeader(turn: Turn, signed: SignedHeader): void {
  if (headerFault(signed.header, turn.voter.electorate) !== null) accuse(turn, signed, { kind: "header" });
}

/** Operations that hash to opsRoot but are not as many as the header says. */
export function accuseOfCount(turn: Turn, signed: SignedHeader, ops: readonly Bytes[]): void {
  const { opsCount, opsRoot } = signed.header;
  if (ops.length === opsCount || ops.length === 0) return;
  const leaves = ops.map(leafHash);
  if (!equalBytes(merkleRoot(leaves), opsRoot)) return;
  accuse(turn, signed, { kind: "opsCount", leaf: leaves[0]!, path: merkleProof(leaves, 0) });
}

/** True if the body of `known` is valid on its face. The application is asked once. */
export function opsAreValid(voter: Voter, known: KnownEntry): boolean {
  const { application } = voter.config;
  const { header, body } = known;
  known.opsValid ??= header.opsCount === 0 || application.judgeOps(header, body!.ops) === null;
  return known.opsValid;
}

/** Judges the body of a proposal whose signature was verified, and reports the invalid operation in it. */
export function accuseOfBody(turn: Turn, known: KnownEntry, leaderSig: Bytes): void {
  const { voter } = turn;
  if (known.body === null || known.header.leader === voter.seat || opsAreValid(voter, known)) return;
  const judge: OpsJudge = (header, ops) => voter.config.application.judgeOps(header, ops);
  accuse(turn, { header: known.header, leaderSig }, bodyFlaw(known.header, known.body, judge));
}

/** The first flaw of a body: an operation that is invalid by itself, or that stands twice. Null where it fits no evidence. */
function bodyFlaw(header: Header, { ops, leaves }: Body, judge: OpsJudge): Flaw | null {
  const placeOf = (index: number) => ({ leaf: ops[index]!, path: merkleProof(leaves, index) });
  const fits = (index: number) => ops[index]!.length <= MAX_FLAW_LEAF_BYTES;
  const alone = ops.findIndex((op, i) => fits(i) && judge(header, [op]) !== null);
  if (alone >= 0) return { kind: "op", at: placeOf(alone) };
  const second = firstFaultyLength(header, ops, judge) - 1;
  if (second < 1 || judge(header, [ops[second]!]) !== null) return null;
  const first = ops.findIndex((op, i) => i < second && judge(header, [op, ops[second]!]) !== null);
  if (first < 0 || ops[first]!.length + ops[second]!.length > MAX_FLAW_LEAF_BYTES) return null;
  return { kind: "twins", a: placeOf(first), b: placeOf(second) };
}

/** The least number of operations from the front that are invalid together; 0: all are valid. */
function firstFaultyLength(header: Header, ops: readonly Bytes[], judge: OpsJudge): number {
  if (judge(header, ops) === null) return 0;
  let valid = 0;
  let faulty = ops.length;
  while (faulty - valid > 1) {
    const middle = (valid + faulty) >> 1;
    if (judge(header, ops.slice(0, middle)) === null) valid = middle;
    else faulty = middle;
  }
  return faulty;
}

/**
 * Reports a justification that the header commits to and that does not justify it. It has too many certificates, too
 * few, or one that is not the valid SkipCert of its term. A list that does not hash to justifyHash proves nothing.
 */
export function accuseOfGap(turn: Turn, signed: SignedHeader, certs: readonly Certificate[]): void {
  const { electorate, config } = turn.voter;
  if (certs.length === 0 || !equalBytes(justifyHashOf(certs), signed.header.justifyHash)) return;
  accuse(turn, signed, gapFlaw(signed.header, certs, { electorate, ...config, judgeOps: null }));
}

/** The flaw in the certificates that hash to a header's justifyHash, or null. */
function gapFlaw(header: Header, certs: readonly Certificate[], court: FlawCourt): Flaw | null {
  const encoded = certs.map((cert) => encode(certificate, cert));
  const leaves = encoded.map(leafHash);
  const root = merkleRoot(leaves);
  if (certs.length !== gapOf(header)) return { kind: "skipCount", root, count: certs.length };
  for (const [i, leaf] of encoded.entries()) {
    const found: Flaw = { kind: "skip", root, at: { leaf, path: merkleProof(leaves, i) } };
    if (flawHolds(header, found, court)) return found;
  }
  return null;
}
