// A turn is one step in progress: its writes, sends and reports so far. Only here are votes signed.
import { type Bytes, encode, type Hash, invariant, ZERO_HASH } from "../../base/index.js";
import type { Corruption, ForkProof, RefusalCode, VoterOutput, VoterSend, VoterWrite } from "../contract.js";
import type { Evidence } from "../log/evidence.js";
import { MAX_GUARD_MARKS } from "../log/limits.js";
import {
  type Certificate,
  type LogEntry,
  type QuorumMessage,
  type Vote,
  type VoteKind,
  vote as voteCodec,
} from "../log/message.js";
import { counterRow, encodeCertificate, KEY } from "../log/rows.js";
import { voteDigest } from "../log/signing.js";
import { sealGuard } from "../start/guard.js";
import { floorOf, sheetOf, type Voter } from "./state.js";
import { type TermSheet, withMark } from "./term-sheet.js";

export interface Turn {
  readonly voter: Voter;
  readonly nowMs: number;
  readonly writes: VoterWrite[];
  readonly sends: VoterSend[];
  readonly finalised: LogEntry[];
  readonly evidence: Evidence[];
  readonly refused: { readonly peer: string; readonly code: RefusalCode }[];
  fork: ForkProof | null;
  corrupt: Corruption | null;
  amnesia: "entered" | "released" | null;
  /** the guard and the sequence number must be written */
  guardDirty: boolean;
}

export function beginTurn(voter: Voter, nowMs: number, sameBatch: boolean): Turn {
  if (!sameBatch) {
    voter.marks = [];
    voter.batchClosed = false;
  }
  return {
    voter,
    nowMs,
    writes: [],
    sends: [],
    finalised: [],
    evidence: [],
    refused: [],
    fork: null,
    corrupt: null,
    amnesia: null,
    guardDirty: false,
  };
}

export function endTurn(turn: Turn, wakeAtMs: number | null): VoterOutput {
  const { voter } = turn;
  const writes: VoterWrite[] = [];
  if (turn.guardDirty) {
    const { voteSeq, marks } = voter;
    writes.push({ kind: "guard", record: sealGuard({ voteSeq, instance: voter.config.instance, marks }) });
    writes.push({ kind: "put", key: KEY.seq, value: encode(counterRow, voteSeq) });
  }
  for (const write of turn.writes) writes.push(write);
  const { sends, finalised, evidence, refused, fork, corrupt, amnesia } = turn;
  return { writes, sends, finalised, evidence, refused, fork, corrupt, amnesia, wakeAtMs };
}

export function put(turn: Turn, key: string, value: Bytes): void {
  turn.writes.push({ kind: "put", key, value });
}

export function remove(turn: Turn, key: string): void {
  turn.writes.push({ kind: "delete", key });
}

/** Writes a row that is deleted with its term. */
export function putForTerm(turn: Turn, sheet: TermSheet, key: string, value: Bytes): void {
  sheet.rows.add(key);
  put(turn, key, value);
}

/** Sends to all other members; nothing if this peer has no seat or is the only member. */
export function tellMembers(turn: Turn, message: QuorumMessage): void {
  const { voter } = turn;
  if (voter.seat === null || voter.electorate.size === 1) return;
  turn.sends.push({ to: { kind: "members" }, message });
}

export function tellPeer(turn: Turn, peer: string, message: QuorumMessage): void {
  turn.sends.push({ to: { kind: "peer", peer }, message });
}

export function tellSeat(turn: Turn, seat: number, message: QuorumMessage): void {
  turn.sends.push({ to: { kind: "seat", seat }, message });
}

export function refuse(turn: Turn, peer: string | null, code: RefusalCode): void {
  if (peer !== null) turn.refused.push({ peer, code });
}

/** True if this member signs votes and proposals at all. */
const canSign = (voter: Voter): boolean => voter.seat !== null && voter.standing === "voting";

/** True if one more message may be signed in this batch. Every rule that signs is run under this condition. */
export const hasRoomToSign = (voter: Voter): boolean =>
  !voter.batchClosed && voter.marks.length < MAX_GUARD_MARKS;

/** True if this member may sign in `term` at all; the rules decide which messages. */
export const isOpen = (voter: Voter, term: number): boolean => canSign(voter) && term > floorOf(voter);

/** Records in the maps, and for the guard, that this message is signed in this batch. */
export function markSigned(turn: Turn, kind: "propose" | VoteKind, term: number, entryId: Hash): void {
  const { voter } = turn;
  invariant(voter.marks.length < MAX_GUARD_MARKS, "a batch signs no more than its guard record holds");
  if (voter.marks.length === 0) voter.voteSeq += 1;
  const { epoch } = voter.electorate.set;
  voter.marks.push({ type: kind, epoch, term, entryId });
  turn.guardDirty = true;
  const sheet = sheetOf(voter, term);
  sheet.own = withMark(sheet.own, kind, entryId);
}

/** Signs a vote, writes its row, sends it to the members and queues it for this voter (spec/log#rules). */
export function castVote(turn: Turn, kind: VoteKind, term: number, entryId: Hash = ZERO_HASH): void {
  const { voter } = turn;
  markSigned(turn, kind, term, entryId);
  const vote = signVote(voter, kind, term, entryId);
  keepVote(turn, vote);
  tellMembers(turn, { kind: "vote", vote });
  voter.queue.push({ kind: "vote", vote });
}

export function keepVote(turn: Turn, vote: Vote): void {
  const sheet = sheetOf(turn.voter, vote.term);
  sheet.sent.push(vote);
  putForTerm(turn, sheet, KEY.own(vote.term, vote.type), encode(voteCodec, vote));
}

/** The vote's signature is the same whenever it is made (Ed25519): a vote known by its mark can be made again. */
export function signVote(voter: Voter, kind: VoteKind, term: number, entryId: Hash): Vote {
  const { signer } = voter.config;
  invariant(signer !== null && voter.seat !== null, "only a seat signs");
  return {
    type: kind,
    epoch: voter.electorate.set.epoch,
    setHash: voter.electorate.setHash,
    term,
    entryId,
    signer: voter.seat,
    sig: signer.sign(voteDigest(voter.domain, kind, term, entryId)),
  };
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
