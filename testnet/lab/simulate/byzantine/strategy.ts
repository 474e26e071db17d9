// Byzantine members: each stands between an honest machine and the network, holds its consensus key, and breaks rules.
import type { Bytes, Hash } from "../../../../src/base/index.js";
import type { Outgoing } from "../../../../src/peer/ready.js";
import type {
  Certificate,
  Evidence,
  Header,
  Propose,
  QuorumMessage,
  Status,
  Vote,
  VoteKind,
} from "../../../../src/quorum/index.js";
import type { Random } from "../world/random.js";
import type { Speech, Tamper } from "../world/world.js";

export const STRATEGIES = [
  "equivocate",
  "double-vote",
  "hoard",
  "late-votes",
  "stale-parent",
  "silence",
  "stall",
  "last-moment",
  "narrow",
  "no-commit",
  "censor",
  "false-time",
  "false-log",
  "false-certificates",
  "replay",
  "inflate",
  "accuse",
  "twins",
  "invalid-body",
  "overdraw",
  "false-heights",
  "junk-entries",
] as const;
export type StrategyName = (typeof STRATEGIES)[number];

/** A seat's pen without the rules: it signs whatever it is told to. */
export interface Forger {
  readonly seat: number;
  readonly size: number;
  readonly quorum: number;
  /** F */
  readonly tolerance: number;
  /** for how many terms honest members remember what lies below the floor */
  readonly keepTerms: number;
  readonly deltaMs: number;
  vote(type: VoteKind, term: number, entryId: Hash): Vote;
  /** the header with its leader's signature */
  propose(
    header: Header,
    ops: readonly Bytes[],
    parent: Pick<Propose, "parentHeader" | "parentCert">,
  ): Propose;
  certify(votes: readonly Vote[]): Certificate;
  /** the status under this seat's signature */
  status(value: Status): Status;
  /** a vote as it would be in another market of the same chain */
  voteAbroad(type: VoteKind, term: number, entryId: Hash): Vote;
  /** transfers of the seat's own agent to itself, one for each of so many nonces, at a fee */
  payments(fee: bigint, nonces: number, timeMs: number): readonly Bytes[];
  /** so many operations of so many bytes each that bring what is no evidence, no two of them alike */
  garbage(count: number, bytes: number): readonly Bytes[];
  /** an operation that brings evidence, for gossip */
  accuse(evidence: Evidence): Outgoing;
}

export type Strategy = (forger: Forger, random: Random) => Tamper;

export const soon = (outgoing: Outgoing, afterMs = 0): Speech => ({ outgoing, afterMs });
export const toSeat = (seat: number, message: QuorumMessage): Outgoing => ({ to: "seat", seat, message });
export const toMembers = (message: QuorumMessage): Outgoing => ({ to: "members", message });

export const othersOf = (forger: Forger): number[] =>
  Array.from({ length: forger.size }, (_, seat) => seat).filter((seat) => seat !== forger.seat);

/** Says everything as it is. */
export const asItIs = (outgoing: readonly Outgoing[]): Speech[] => outgoing.map((one) => soon(one));
export const nothing = (): readonly Speech[] => [];

/** The message of an outgoing to other members, or null for gossip. */
export const messageOf = (outgoing: Outgoing): QuorumMessage | null =>
  outgoing.to === "topic" ? null : outgoing.message;

/** The proposal that this seat makes itself, if the message is one. */
export function ownProposal(forger: Forger, message: QuorumMessage | null): Propose | null {
  if (message?.kind !== "propose") return null;
  return message.propose.entry.header.leader === forger.seat ? message.propose : null;
}

/** The vote that this seat casts itself, if the message is one. */
export function ownVote(forger: Forger, message: QuorumMessage | null): Vote | null {
  return message?.kind === "vote" && message.vote.signer === forger.seat ? message.vote : null;
}
