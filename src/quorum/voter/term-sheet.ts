// The sheet of one term: its proposals, votes and certificates, and the messages that this member signed.
import { type Bytes, equalBytes, type Hash, type Hex, ZERO_HASH } from "../../base/index.js";
import type { Certificate, SignedHeader, Vote, VoteKind } from "../log/message.js";
import type { OwnVotes } from "../rules.js";

/** Verified votes of one kind for one entry. */
export interface Tally {
  readonly kind: VoteKind;
  readonly entryId: Hash;
  readonly digest: Hash;
  readonly votes: Map<number, Vote>;
  power: number;
}

/** The first proposal of the leader, waiting to be judged by R3. */
export interface Candidate {
  readonly hex: Hex;
  /** own clock at first receipt: L of `timely` (spec/time#W4) */
  readonly receivedAtMs: number;
  /**
   * The gap's certificates as they arrive, in term order, by the seat that sends them. A liar's share, though every
   * certificate in it be valid, must not stand in the way of the leader's.
   */
  readonly gathered: Map<number, Certificate[]>;
  /** parent, certificate and time are right: the leader has led, t_lead is void (R3) */
  leads: boolean;
  /** refused for good */
  refused: boolean;
}

export interface TermSheet {
  readonly term: number;
  readonly tallies: Tally[];
  /** at most two different proposals: the second makes E5 */
  readonly proposals: { readonly id: Hash; readonly signed: SignedHeader }[];
  candidate: Candidate | null;
  ackCert: Certificate | null;
  skipCert: Certificate | null;
  commitCert: Certificate | null;
  /** own clock when the AckCert came: how long an entry with operations waits for finality (R1 i) */
  ackCertAtMs: number;
  own: OwnVotes;
  /** own votes as signed, for R8 and R13 */
  readonly sent: Vote[];
  /** signers of whose fault in this term evidence was given */
  readonly convicted: Set<number>;
  /** seats of whose invalid proposal in this term evidence was given (E6) */
  readonly accused: Set<number>;
  /** keys of the rows on disk that belong to this term */
  readonly rows: Set<string>;
}

export const NO_VOTES: OwnVotes = { proposed: null, acked: null, skipped: false, committed: null };

export function emptySheet(term: number): TermSheet {
  return {
    term,
    tallies: [],
    proposals: [],
    candidate: null,
    ackCert: null,
    skipCert: null,
    commitCert: null,
    ackCertAtMs: 0,
    own: NO_VOTES,
    sent: [],
    convicted: new Set(),
    accused: new Set(),
    rows: new Set(),
  };
}

/** The tally of a kind and entry; made, with the digest from `makeDigest`, if there is none. */
export function tallyOf(sheet: TermSheet, kind: VoteKind, entryId: Hash, makeDigest: () => Bytes): Tally {
  const known = findTally(sheet, kind, entryId);
  if (known !== null) return known;
  const tally: Tally = { kind, entryId, digest: makeDigest(), votes: new Map(), power: 0 };
  sheet.tallies.push(tally);
  return tally;
}

export function findTally(sheet: TermSheet, kind: VoteKind, entryId: Hash): Tally | null {
  for (const tally of sheet.tallies) {
    if (tally.kind === kind && equalBytes(tally.entryId, entryId)) return tally;
  }
  return null;
}

/** All votes of one signer in this term: at most two of a kind. */
export function votesBy(sheet: TermSheet, signer: number): Vote[] {
  const votes: Vote[] = [];
  for (const tally of sheet.tallies) {
    const vote = tally.votes.get(signer);
    if (vote !== undefined) votes.push(vote);
  }
  return votes;
}

export function certOf(sheet: TermSheet, kind: VoteKind): Certificate | null {
  return kind === "ack" ? sheet.ackCert : kind === "skip" ? sheet.skipCert : sheet.commitCert;
}

/** A certificate that ended the term: the most telling one held. */
export const endOf = (sheet: TermSheet): Certificate | null =>
  sheet.commitCert ?? sheet.ackCert ?? sheet.skipCert;

/** The own votes of a term with one more message signed. */
export function withMark(own: OwnVotes, kind: "propose" | VoteKind, entryId: Hash): OwnVotes {
  switch (kind) {
    case "propose":
      return { ...own, proposed: entryId };
    case "ack":
      return { ...own, acked: entryId };
    case "skip":
      return { ...own, skipped: true };
    case "commit":
      return { ...own, committed: entryId };
  }
}

/** True if a message of this kind is among the own votes of a term. */
export function hasAny(own: OwnVotes, kind: "propose" | VoteKind): boolean {
  switch (kind) {
    case "propose":
      return own.proposed !== null;
    case "ack":
      return own.acked !== null;
    case "skip":
      return own.skipped;
    case "commit":
      return own.committed !== null;
  }
}

/** True if this very message is among the own votes of its term. */
export function hasMark(own: OwnVotes, kind: "propose" | VoteKind, entryId: Hash): boolean {
  switch (kind) {
    case "propose":
      return own.proposed !== null && equalBytes(own.proposed, entryId);
    case "ack":
      return own.acked !== null && equalBytes(own.acked, entryId);
    case "skip":
      return own.skipped && equalBytes(entryId, ZERO_HASH);
    case "commit":
      return own.committed !== null && equalBytes(own.committed, entryId);
  }
}
