// The state of a voter: all that its rules read and write, changed in place.
import { type Bytes, type Hash, type Hex, invariant, toHex } from "../../base/index.js";
import type { VoterConfig } from "../contract.js";
import type { KnownEntry } from "../log/entries.js";
import { FIRST_BULK_BOUND } from "../log/limits.js";
import { type Electorate, electorate } from "../log/member-set.js";
import type { Certificate, Header, Propose, SignedMark, Vote } from "../log/message.js";
import type { HaltRow } from "../log/rows.js";
import { voteDomain } from "../log/signing.js";
import { emptySheet, endOf, type TermSheet } from "./term-sheet.js";

/**
 * The standing of a voter. `following`: it has no seat. `querying`: it asks which of its messages the others hold,
 * before it signs again. `amnesia`: it lost its memory of them. `halted`: a fork, or another state root than the
 * quorum's.
 */
export type Standing = "following" | "querying" | "amnesia" | "voting" | "halted";

/** The last finalised entry; the chain itself, at height 0 and term 0, before there is one. */
export interface LastFinal {
  readonly height: number;
  readonly term: number;
  readonly id: Hash;
  readonly hex: Hex;
  /** absent before the first entry, and where a descendant's certificate finalised it */
  readonly cert: Certificate | null;
}

/** A certified entry whose header is known, and since when it has been certified here. */
export interface Certified {
  readonly known: KnownEntry;
  readonly sinceMs: number;
}

/** The deadlines of the current term (R1); the rest is derived from them. */
export interface TermClock {
  readonly enteredAtMs: number;
  /** the leader has been silent for long: its term is skipped at once */
  readonly atOnce: boolean;
  /** R7 has run in this term */
  expired: boolean;
  /** when R8 runs next; null before R7 */
  retryAtMs: number | null;
  /** operations forwarded to the leader of this term: when, and how new the newest was (R1 ii) */
  forwarded: { readonly atMs: number; readonly newestSeenMs: number } | null;
}

/** The last sign of life of a seat. */
export interface Heard {
  atMs: number;
  inTerm: number;
  /** the last term that it led and that was skipped at once; 0: none */
  skippedAtOnceIn: number;
}

/** The answers that one seat has had in the present interval of Δ. */
export interface Answered {
  sinceMs: number;
  count: number;
}

/** An own message, or one put off: handled after the input that made it, by the same rules. */
export type Queued =
  | { readonly kind: "vote"; readonly vote: Vote }
  | { readonly kind: "propose"; readonly propose: Propose; readonly id: Hash }
  /** R5's COMMIT for this term's AckCert */
  | { readonly kind: "commit"; readonly term: number }
  | {
      readonly kind: "cert";
      readonly cert: Certificate;
      /** already verified: formed here, or read back from disk */
      readonly trusted: boolean;
      readonly peer: string | null;
    };

/** The open question of a start or of amnesia (spec/persistence#A2). */
export interface Query {
  readonly nonce: Bytes;
  readonly untilMs: number;
  askAgainAtMs: number;
  /** term reported by each other seat, with its certificate verified */
  readonly answers: Map<number, number>;
}

/** A valid CommitCert above the last final entry, whose entries are being gathered (R10). */
export interface Target {
  readonly cert: Certificate;
  readonly hex: Hex;
  /** the connection it came from, to ask there */
  readonly peer: string | null;
}

export interface Voter {
  readonly config: VoterConfig;
  readonly electorate: Electorate;
  readonly seat: number | null;
  readonly domain: Bytes;
  standing: Standing;
  /** the store was new when the seat was: no question about the past is needed (spec/persistence#U5) */
  readonly fresh: boolean;
  started: boolean;
  /** why it is halted: reported again at every start */
  halt: HaltRow | null;

  term: number;
  /** greatest certified term (R0) */
  maxTermSeen: number;
  /** nothing is signed at or below it after amnesia (spec/persistence#A5) */
  barrierTerm: number;
  /** own clock, when amnesia began, over restarts too; null: not in amnesia, or not known any more */
  amnesiaSinceMs: number | null;
  voteSeq: number;
  /** marks signed since the last batch was written */
  marks: SignedMark[];
  /** nothing more is signed before this batch is on disk */
  batchClosed: boolean;
  /** marks that only the guard record had: their rows are written at the start */
  unrecorded: SignedMark[];
  readonly queue: Queued[];

  readonly sheets: Map<number, TermSheet>;
  /** terms above the floor with an AckCert */
  readonly ackedTerms: Set<number>;
  /** entries above the last final one, and the headers of the last KEEP final terms */
  readonly entries: Map<Hex, KnownEntry>;
  readonly justifications: Map<Hex, { readonly term: number; readonly skips: readonly Certificate[] }>;

  lastFinal: LastFinal;
  /** the final chain's entry of each of the last KEEP terms it has one for */
  readonly finalTerms: Map<number, Hex>;
  /** above this term, `finalTerms` knows of every term whether the final chain has an entry for it */
  finalFromTerm: number;
  /** sheets below this term are gone */
  prunedBelow: number;
  target: Target | null;
  executedHeight: number;
  /** own state roots by height, from the last final header's execHeight on */
  readonly roots: Map<number, Hash>;
  /** roots in final headers, not yet compared with own ones */
  readonly attested: Map<number, Hash>;
  /** a cached set of the operations in unfinalised or unexecuted entries; null: to be made */
  excluded: ReadonlySet<Hex> | null;
  /** the certified entries that are not final, as cached; null: to be collected */
  certified: readonly Certified[] | null;

  clock: TermClock;
  /** k: skipped terms since the last finalisation (R1) */
  failures: number;
  /** how many operations of the bulk lane an own entry holds at most (Y10) */
  bulkBound: number;
  readonly heard: Heard[];
  /** by seat: its clock minus the own, from its last status; null: none yet */
  readonly clockOffsets: (number | null)[];
  nextStatusAtMs: number;
  query: Query | null;
  queryCount: number;
  /** open questions by name: when they were asked last, how often */
  readonly asks: Map<string, { atMs: number; times: number }>;
  /** `log` answers are accepted until then */
  logAwaitedUntilMs: number;
  /** when this peer last learned something about the log */
  newsAtMs: number;
  /** by seat: when its SKIP of an old term was answered last (R6) */
  readonly answeredAtMs: number[];
  /** by seat: answers to its questions */
  readonly answered: readonly Answered[];
  /** certificates refused lately, by hash */
  readonly refusedCerts: Set<Hex>;
}

/** A voter that knows nothing but its configuration. */
export function emptyVoter(config: VoterConfig, fresh: boolean): Voter {
  invariant(config.instance.length === 16, "an instance is 16 bytes");
  const members = electorate(config.set, config.chain, config.rules);
  const seat = config.signer === null ? null : members.seatOf(config.signer.publicKey);
  return {
    config,
    electorate: members,
    seat,
    domain: voteDomain(members, config.chain, config.market),
    standing: seat === null ? "following" : "voting",
    fresh,
    started: false,
    halt: null,
    term: 1,
    maxTermSeen: 0,
    barrierTerm: 0,
    amnesiaSinceMs: null,
    voteSeq: 0,
    marks: [],
    batchClosed: false,
    unrecorded: [],
    queue: [],
    sheets: new Map(),
    ackedTerms: new Set(),
    entries: new Map(),
    justifications: new Map(),
    lastFinal: { height: 0, term: 0, id: config.chain, hex: toHex(config.chain), cert: null },
    finalTerms: new Map(),
    finalFromTerm: 0,
    prunedBelow: 0,
    target: null,
    executedHeight: 0,
    roots: new Map([[0, config.genesisRoot]]),
    attested: new Map(),
    excluded: null,
    certified: null,
    clock: { enteredAtMs: 0, atOnce: false, expired: false, retryAtMs: null, forwarded: null },
    failures: 0,
    bulkBound: FIRST_BULK_BOUND,
    heard: config.set.members.map(() => ({ atMs: 0, inTerm: 1, skippedAtOnceIn: 0 })),
    clockOffsets: config.set.members.map(() => null),
    nextStatusAtMs: 0,
    query: null,
    queryCount: 0,
    asks: new Map(),
    logAwaitedUntilMs: -1,
    newsAtMs: 0,
    answeredAtMs: config.set.members.map(() => Number.NEGATIVE_INFINITY),
    answered: config.set.members.map(() => ({ sinceMs: Number.NEGATIVE_INFINITY, count: 0 })),
    refusedCerts: new Set(),
  };
}

export function sheetOf(voter: Voter, term: number): TermSheet {
  let sheet = voter.sheets.get(term);
  if (sheet === undefined) {
    sheet = emptySheet(term);
    voter.sheets.set(term, sheet);
  }
  return sheet;
}

/** The term at and below which nothing is signed (I7). */
export const floorOf = (voter: Voter): number =>
  voter.config.rules.floorOf(voter.lastFinal.term, voter.barrierTerm);

/** Terms at or below this are forgotten: nothing about them is looked at any more. */
export const horizonOf = (voter: Voter): number =>
  voter.config.rules.floorOf(voter.lastFinal.term, 0) - voter.config.keepTerms;

/** The certificate that brought this member to its term; null in term 1. */
export function certificateIntoTerm(voter: Voter): Certificate | null {
  const sheet = voter.sheets.get(voter.term - 1);
  return sheet === undefined ? null : endOf(sheet);
}

/**
 * A parent's facts, which its child is checked against; the chain itself stands in for the parent of the first entry.
 */
export type ParentFacts = Pick<Header, "term" | "height" | "timeMs" | "execHeight" | "execRoot">;

export function genesisFacts(config: VoterConfig): ParentFacts {
  const { genesisTimeMs, genesisRoot } = config;
  return { term: 0, height: 0, timeMs: genesisTimeMs, execHeight: 0, execRoot: genesisRoot };
}
