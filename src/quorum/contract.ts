// The log and the rest of a peer: the inputs and outputs of a step, and the questions that the log asks of its payload.
import type { Bytes, Hash, Hex } from "../base/index.js";
import type { Signer, Verifier } from "../crypto/index.js";
import type { Evidence } from "./log/evidence.js";
import type { MemberSet } from "./log/member-set.js";
import type { Certificate, Header, LogEntry, QuorumMessage } from "./log/message.js";
import type { VotingRules, Weight } from "./rules.js";

/** Milliseconds; from the network's genesis, the same at every member. */
export interface Timing {
  /** Δ: the delay the network is expected to keep after stabilisation */
  readonly deltaMs: number;
  /** how long an idle leader waits at least before it proposes an empty entry */
  readonly idleMs: number;
  /** how long operations may wait for company */
  readonly batchMs: number;
  /** how far clocks of honest members may be apart */
  readonly precisionMs: number;
  /** how late an honest proposal may arrive */
  readonly messageDelayMs: number;
}

/** What a new entry may hold, and upon what. */
export interface EntryRoom {
  readonly timeMs: number;
  readonly maxOps: number;
  readonly maxBytes: number;
  /** of operations that are in no haste: so many at most, for what late entries took (spec/log#Y10) */
  readonly maxBulk?: number;
  /** the operations of the entries below it that are not executed, in the order of the log, as far as they are here */
  readonly inFlight: readonly Bytes[];
}

/** The log asks its payload these questions; answers are pure reads of finalised state and the mempool. */
export interface Application {
  /**
   * The reason why the operations are invalid on their face (spec/log#V3), or null. The voter has checked counts,
   * sizes and opsRoot. A pure function of the header and the operations, at every peer the same: evidence E6 rests on
   * it.
   */
  judgeOps(header: Header, ops: readonly Bytes[]): string | null;
  /** True if executing an entry with this header, operations aside, changes a phase, by own finalised state. */
  changesPhase(header: Header): boolean;
  /** Ledger time from which a transition of the finalised state is due; null if there is none. */
  transitionDueMs(): number | null;
  /** The operations that wait to be included, except those in `excluded` (by hex of their leaf hash); null: none. */
  pending(
    excluded: ReadonlySet<Hex>,
  ): { readonly count: number; readonly bytes: number; readonly oldestSeenMs: number } | null;
  /**
   * The operations that have waited longest, oldest first: at most `max`, seen at or before `beforeMs` (the voter's
   * clock), not in `excluded`. A member forwards these to the leader (R1 ii).
   */
  oldestPending(
    excluded: ReadonlySet<Hex>,
    beforeMs: number,
    max: number,
  ): readonly { readonly bytes: Bytes; readonly seenMs: number }[];
  /** The operations a leader includes in an entry, within its room. */
  collect(excluded: ReadonlySet<Hex>, room: EntryRoom): readonly Bytes[];
  /**
   * How much of an entry is idle (spec/money#idle): operations that could not count when its leader chose them. Own
   * execution has come to the header's `execHeight` at least. Every signature among the operations was judged before.
   * @param inFlight the operations of the entries below it that are not executed here, in the order of the log
   */
  idleAmong(header: Header, ops: readonly Bytes[], inFlight: readonly Bytes[]): Weight;
}

export interface VoterConfig {
  readonly chain: Hash;
  readonly market: Hash;
  readonly genesisTimeMs: number;
  readonly genesisRoot: Hash;
  readonly set: MemberSet;
  /** null: a peer without a seat, which follows and never votes */
  readonly signer: Signer | null;
  readonly verifier: Verifier;
  readonly timing: Timing;
  readonly keepTerms: number;
  /** 16 bytes, random per start of the process: which of two daemons wrote a guard record */
  readonly instance: Bytes;
  readonly rules: VotingRules;
  readonly application: Application;
}

/**
 * `sameBatch`: the previous output is not on disk yet, and this one joins its synced batch (several messages, one
 * sync). Of a batch only the last guard record is written: it holds every mark. An `executed` input always joins the
 * batch of the output that finalised its entry.
 */
export type VoterInput = { readonly nowMs: number; readonly sameBatch?: boolean } & (
  | { readonly kind: "start" }
  | { readonly kind: "tick" }
  /** `from` is the seat that the connection proved, or null for any other peer; `peer` names the connection for answers. */
  | {
      readonly kind: "message";
      readonly from: number | null;
      readonly peer: string;
      readonly message: QuorumMessage;
    }
  /** a connection is up: entries that are final there and not here are asked for */
  | { readonly kind: "connected"; readonly peer: string }
  /** the entries of an earlier output, executed: the state's root after `height` */
  | { readonly kind: "executed"; readonly height: number; readonly root: Hash }
  /** the application's answers may have changed */
  | { readonly kind: "work" }
  /** an operator takes the risk that spec/persistence#A6 describes: a member in amnesia signs again */
  | { readonly kind: "overrideAmnesia" }
);

export type VoterWrite =
  | { readonly kind: "put"; readonly key: string; readonly value: Bytes }
  | { readonly kind: "delete"; readonly key: string }
  /** the sign guard: durable in its own file before the rest of the batch (spec/persistence#U1) */
  | { readonly kind: "guard"; readonly record: Bytes };

export type VoterSend = {
  readonly to:
    | { readonly kind: "members" } // all other members
    | { readonly kind: "seat"; readonly seat: number }
    | { readonly kind: "peer"; readonly peer: string } // the connection that a message came from
    | { readonly kind: "anyone" } // some peer that may know
    | { readonly kind: "gossip" }; // topic `final`
  readonly message: QuorumMessage;
};

/**
 * Reasons for refusing a message, and whether its sender could have known better. Only this table says whom to blame.
 */
const REFUSALS = {
  WRONG_CHAIN: "blamed",
  /** other members than this epoch's */
  WRONG_SET: "blamed",
  WRONG_LEADER: "blamed",
  NOT_A_SEAT: "blamed",
  BAD_ENTRY_ID: "blamed",
  BAD_SIGNATURE: "blamed",
  BAD_CERTIFICATE: "blamed",
  BAD_HEADER: "blamed",
  BAD_BODY: "blamed",
  BAD_LOG: "blamed",
  /** its sender may be far ahead, or this peer far behind */
  TERM_AHEAD: "blameless",
  EPOCH_AHEAD: "blameless",
  /** its sender may be behind */
  EPOCH_OVER: "blameless",
  /** an answer may be late */
  UNASKED: "blameless",
} as const;
export type RefusalCode = keyof typeof REFUSALS;

/** True if a refusal is held against the sender of the message. */
export const isBlamed = (code: RefusalCode): boolean => REFUSALS[code] === "blamed";

export interface VoterOutput {
  readonly writes: readonly VoterWrite[];
  readonly sends: readonly VoterSend[];
  /** in height order; each is executed, then reported by an `executed` input, in the same batch */
  readonly finalised: readonly LogEntry[];
  readonly evidence: readonly Evidence[];
  /** when to step with a tick at the latest; null: never */
  readonly wakeAtMs: number | null;
  /** two conflicting finalisations: the member has stopped for ever (R12) */
  readonly fork: ForkProof | null;
  /** a quorum finalised another state root than this member computed: it has stopped for ever (spec/log#X2) */
  readonly corrupt: Corruption | null;
  /** the member lost its memory of its own messages, or may sign again (spec/persistence#amnesia) */
  readonly amnesia: "entered" | "released" | null;
  /** messages refused in this step, by the connection that brought them */
  readonly refused: readonly { readonly peer: string; readonly code: RefusalCode }[];
}

export interface ForkProof {
  /** the certificate that conflicts, then the one it conflicts with where this member holds it */
  readonly certs: readonly Certificate[];
  /** headers that link the certified entries to the final chain, as far as they are known */
  readonly headers: readonly Header[];
}

/** Own and finalised state root after `height`. */
export interface Corruption {
  readonly height: number;
  readonly own: Hash;
  readonly finalised: Hash;
}
