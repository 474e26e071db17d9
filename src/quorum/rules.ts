// The rules: every decision on which the quorum's promises rest, as five tables of named predicates.
import { type Bytes, compareBytes, equalBytes, type Hash } from "../base/index.js";
import { LEAST_BULK_BOUND, MAX_ENTRY_OPS, MAX_IDLE_BYTES, MAX_IDLE_OPS } from "./log/limits.js";
import type { Certificate, Header, MarkKind, Vote, VoteKind } from "./log/message.js";

/** The messages that this member has signed in one term. */
export interface OwnVotes {
  readonly proposed: Hash | null;
  readonly acked: Hash | null;
  readonly skipped: boolean;
  readonly committed: Hash | null;
}

/** Operations of an entry, and their bytes. */
export interface Weight {
  readonly operations: number;
  readonly bytes: number;
}

/** The decisions about signing and forgetting. The voter asks this table and nothing else before it signs. */
export interface SigningRules {
  /** I7: the term at and below which nothing is signed. `barrierTerm` is what amnesia's release forbids (spec/persistence#A5). */
  floorOf(lastFinalTerm: number, barrierTerm: number): number;
  /** The term below which own and others' votes are forgotten. */
  prunesBelow(lastFinalTerm: number, currentTerm: number, keepTerms: number): number;
  /** I5: at most one PROPOSE per term, and none after a SKIP (R2). */
  mayPropose(own: OwnVotes): boolean;
  /** I1: at most one ACK per term, and none after a SKIP or a COMMIT (R3). */
  mayAck(own: OwnVotes): boolean;
  /** I3: no SKIP after a COMMIT (R7). */
  maySkip(own: OwnVotes): boolean;
  /** I2, I3, I4: one COMMIT per term, none after a SKIP, none against the own ACK (R5). */
  mayCommit(own: OwnVotes, entryId: Hash): boolean;
  /**
   * R3: every term between the parent's and this one was skipped by a quorum, and none of them is at or below the
   * floor. `skips` are valid SkipCerts in term order that hash to the header's justifyHash, or null while unknown.
   */
  gapIsJustified(header: Header, skips: readonly Certificate[] | null, lastFinalTerm: number): boolean;
  /** R2, R3: what an entry may hold without being judged, and a leader include that cannot judge itself. */
  readonly unjudged: Weight;
  /** R3: true if an entry with so much that is idle is acknowledged. It is no part of validity: nobody is blamed. */
  mayCarry(idle: Weight, header: Header): boolean;
}

const SIGNING_RULES: SigningRules = {
  floorOf: (lastFinalTerm, barrierTerm) => Math.max(lastFinalTerm, barrierTerm),

  prunesBelow: (lastFinalTerm, _currentTerm, keepTerms) => lastFinalTerm - keepTerms,

  mayPropose: (own) => own.proposed === null && !own.skipped,

  mayAck: (own) => own.acked === null && !own.skipped && own.committed === null,

  maySkip: (own) => !own.skipped && own.committed === null,

  mayCommit: (own, entryId) =>
    own.committed === null && !own.skipped && (own.acked === null || equalBytes(own.acked, entryId)),

  gapIsJustified(header, skips, lastFinalTerm) {
    const gap = header.term - header.parentTerm - 1;
    if (skips === null || skips.length !== gap) return false;
    if (gap > 0 && header.parentTerm < lastFinalTerm) return false;
    return skips.every((cert, i) => cert.type === "skip" && cert.term === header.parentTerm + 1 + i);
  },

  unjudged: { operations: MAX_IDLE_OPS, bytes: MAX_IDLE_BYTES },

  mayCarry: ({ operations, bytes }) => operations <= MAX_IDLE_OPS && bytes <= MAX_IDLE_BYTES,
};

/** The decisions on which "a quorum has said so" rests (spec/log#model, spec/encoding#H1). */
export interface CertificateRules {
  /** Q: the power of a quorum, for a set of power P = 1.. (spec/log#model). */
  quorumPower(power: number): number;
  /** True if a certificate may list these signers: ascending, so that no seat counts twice (spec/encoding#H1). */
  maySign(signers: readonly number[]): boolean;
  /** R10: true if a certificate of this kind makes its entry final, with all ancestors. */
  makesFinal(kind: VoteKind): boolean;
}

export const CERTIFICATE_RULES: CertificateRules = {
  quorumPower: (power) => Math.ceil((2 * power) / 3),
  maySign: (signers) => signers.every((signer, i) => i === 0 || signer > signers[i - 1]!),
  makesFinal: (kind) => kind === "commit",
};

/** A fault that two votes of one signer in one term are (spec/evidence#faults). */
export type VoteFault = "E1" | "E2" | "E3" | "E4";

/** The decisions on which a conviction rests (spec/evidence#faults). */
export interface EvidenceRules {
  /** Which fault two votes of one signer in one term are; null for pairs that an honest member may sign. */
  faultOf(a: Vote, b: Vote): VoteFault | null;
  /** True if two encoded statements stand in canonical order, so that one fault has one encoding. */
  isInOrder(a: Bytes, b: Bytes): boolean;
}

export const EVIDENCE_RULES: EvidenceRules = {
  faultOf(a, b) {
    const differ = !equalBytes(a.entryId, b.entryId);
    const kinds = [a.type, b.type].sort().join("+");
    if (kinds === "ack+ack") return differ ? "E1" : null;
    if (kinds === "commit+skip") return "E2";
    if (kinds === "ack+commit") return differ ? "E3" : null;
    if (kinds === "commit+commit") return differ ? "E4" : null;
    return null;
  },

  isInOrder: (a, b) => compareBytes(a, b) < 0,
};

/** A leader's silence at the moment its term begins. */
export interface Silence {
  /** terms and ms since its last sign of life */
  readonly terms: number;
  readonly ms: number;
  /** whether the last term that it led was skipped at once */
  readonly wasSkippedAtOnce: boolean;
  /** n */
  readonly seats: number;
  readonly deltaMs: number;
}

/** Header time against the clock at first receipt, with PRECISION_k and MSGDELAY_k of today (spec/time#timely). */
export interface Timeliness {
  readonly timeMs: number;
  readonly receivedAtMs: number;
  readonly precisionMs: number;
  readonly delayMs: number;
}

/** What idle intervals are reckoned from. */
export interface Tempo {
  readonly idleMs: number;
  readonly deltaMs: number;
}

/** The wait of a term: entered then, idle for so long, with work from then on. */
export interface Rest {
  readonly enteredAtMs: number;
  readonly intervalMs: number;
  readonly workAtMs: number;
}

/** What became of an entry. */
export interface Course {
  readonly operations: number;
  /** its term, from when it was entered to its ACK certificate; null: it was skipped */
  readonly tookMs: number | null;
  readonly deltaMs: number;
}

/** The decisions on which progress, quiet and ledger time rest (spec/log#rules R1, spec/time#timely). */
export interface PacingRules {
  /** Y9: how long a leader idles after so many entries without operations in a row. */
  idleIntervalMs(emptyEntries: number, timing: Tempo): number;
  /** Y3, Y4: until when a term's leader may idle: work ends it at once. */
  restsUntilMs(rest: Rest): number;
  /**
   * R1 (i): true if others wait for a certified entry to become final. An empty entry is no work, or idle leaders chase
   * it.
   */
  isWork(entry: { readonly operations: number; readonly changesPhase: boolean }): boolean;
  /** R1: true if a message of this kind ends the silence of its signer: any valid message of any term. */
  isSignOfLife(kind: "proposal" | "vote" | "status"): boolean;
  /** R1, skip at once: silent for 2n terms and 10Δ, and never in two successive terms of one leader. */
  isSkippedAtOnce(silence: Silence): boolean;
  /** Y10: how many operations of the bulk lane an own entry holds at most, after one more entry has shown what members bear. */
  bulkBound(bound: number, course: Course): number;
  /** `timely` (spec/time#timely): a leader moves ledger time by no more than PRECISION_k ahead and MSGDELAY_k behind. */
  isTimely(time: Timeliness): boolean;
}

/**
 * The longest idle interval is half of what counts as an outage (spec/time#O1), so that none comes of a silent leader
 * in an idle log.
 */
export const longestIdleMs = ({ idleMs, deltaMs }: Tempo): number => Math.max(5 * idleMs, 10 * deltaMs);

const PACING_RULES: PacingRules = {
  idleIntervalMs: (emptyEntries, timing) =>
    Math.min(timing.idleMs * 2 ** emptyEntries, longestIdleMs(timing)),

  restsUntilMs: ({ enteredAtMs, intervalMs, workAtMs }) =>
    Math.min(enteredAtMs + intervalMs, Math.max(enteredAtMs, workAtMs)),

  isWork: ({ operations, changesPhase }) => operations > 0 || changesPhase,

  isSignOfLife: () => true,

  isSkippedAtOnce: ({ terms, ms, wasSkippedAtOnce, seats, deltaMs }) =>
    !wasSkippedAtOnce && terms >= 2 * seats && ms >= 10 * deltaMs,

  bulkBound(bound, { operations, tookMs, deltaMs }) {
    if (tookMs !== null && tookMs <= deltaMs) return Math.min(Math.max(bound, 2 * operations), MAX_ENTRY_OPS);
    const isSlow = tookMs === null || tookMs > 4 * deltaMs;
    return isSlow && operations > LEAST_BULK_BOUND
      ? Math.min(bound, Math.max(Math.floor(operations / 2), LEAST_BULK_BOUND))
      : bound;
  },

  isTimely: ({ timeMs, receivedAtMs, precisionMs, delayMs }) =>
    timeMs <= receivedAtMs + precisionMs && timeMs >= receivedAtMs - delayMs - precisionMs,
};

/** The decisions on which a restarted member's honesty and usefulness rest. */
export interface StartRules {
  /** spec/persistence#guard: true if a message that only the guard record knows counts as sent; proposals do as votes do. */
  guardRestores(kind: MarkKind): boolean;
  /** R13: true if own messages of a term are repeated at a start: of every term above the floor. */
  saysAgain(term: number, floorTerm: number): boolean;
}

const START_RULES: StartRules = {
  guardRestores: () => true,
  saysAgain: (term, floorTerm) => term > floorTerm,
};

/**
 * The five tables as one. A simulator breaks one rule by replacing one predicate, and shows that its checkers notice.
 */
export interface VotingRules extends SigningRules, CertificateRules, EvidenceRules, PacingRules, StartRules {}

export const HONEST_RULES: VotingRules = {
  ...SIGNING_RULES,
  ...CERTIFICATE_RULES,
  ...EVIDENCE_RULES,
  ...PACING_RULES,
  ...START_RULES,
};
