// What one peer is made of. The parts are owned here and changed in place, by `step` alone.
import type { Bytes, Hash, Hex } from "../base/index.js";
import type { AgentKey, Signer, Verifier } from "../crypto/index.js";
import type { Genesis, Ledger } from "../ledger/index.js";
import { convictedSeats, type EvidenceJudge } from "../market/index.js";
import type { Electorate, Epochs, Header, Voter, VotingRules } from "../quorum/index.js";
import type { Backlog } from "./backlog.js";
import type { Conduct } from "./conduct.js";
import type { Estimates } from "./estimates.js";
import type { KeptLog } from "./kept-log.js";
import type { Mempool } from "./mempool.js";
import type { OperationJudge } from "./operations.js";
import type { Outbox } from "./outbox.js";
import type { Custody } from "./own/custody.js";
import type { WitnessStand } from "./proof/witness.js";
import type { Write } from "./ready.js";
import type { ShelfLimits } from "./shelves.js";

export interface PeerConfig {
  readonly genesis: Genesis;
  /** the consensus key; null, or a key without a seat: the peer follows and never votes */
  readonly signer: Signer | null;
  /** agents in managed custody: this peer signs, seals and reveals for them */
  readonly agents: readonly AgentKey[];
  readonly verifier: Verifier;
  /** 16 bytes, random per start of the process */
  readonly instance: Bytes;
  /** this seat has never signed: an empty store is a beginning, not a loss (spec/persistence#U5) */
  readonly fresh: boolean;
  readonly rules: VotingRules;
  /** absent: the honest one */
  readonly conduct?: Conduct;
  /** whether what nobody needs of the log goes, once it is older than the ledger's memory; absent: it stays */
  readonly prunesLog?: boolean;
  /** how much of others' may wait; absent: as much as the network's parameters ask for */
  readonly shelves?: ShelfLimits;
  /** terms below the floor that are kept (spec/log#rules) */
  readonly keepTerms: number;
}

/** The newest executed entry, and what the next one's execution needs of it. */
export interface Tip {
  readonly height: number;
  readonly id: Hash;
  readonly timeMs: number;
  readonly execHeight: number;
  readonly root: Hash;
  /** null at height 0 */
  readonly header: Header | null;
}

/** An own operation as an earlier run left it. */
export interface StoredOperation {
  /** of its row */
  readonly key: string;
  readonly bytes: Bytes;
}

export interface Peer {
  readonly config: PeerConfig;
  readonly conduct: Conduct;
  /** the members of every epoch that is known here */
  readonly epochs: Epochs;
  /** those of the epoch that is going on: `epochs.current` */
  readonly electorate: Electorate;
  /** in managed custody: those of the configuration, and those that came since */
  readonly agents: Map<Hex, AgentKey>;
  ledger: Ledger;
  voter: Voter;
  tip: Tip;
  readonly mempool: Mempool;
  readonly estimates: Estimates;
  readonly backlog: Backlog;
  readonly judge: OperationJudge;
  /** finds whom evidence convicts, by the epoch's member set */
  readonly judgeEvidence: EvidenceJudge;
  readonly outbox: Outbox;
  readonly custody: Custody;
  readonly witnesses: WitnessStand;
  readonly kept: KeptLog;
  /** rows that a restart brought back and `start` has still to take up */
  stored: { readonly operations: readonly StoredOperation[]; readonly writes: readonly Write[] };
  /** the voter's next deadline */
  voterWakeAt: number | null;
  /** why this peer does not vote: for ever, or in amnesia until it is released; null: it votes, or has no seat */
  halted: "fork" | "corrupt" | "amnesia" | null;
}

/** A fork, or a state that is not the quorum's: what this peer knows of the log is not to be acted on any more. */
export const hasStopped = ({ halted }: Pick<Peer, "halted">): boolean =>
  halted === "fork" || halted === "corrupt";

/**
 * F + 1 seats convicted in one epoch are a fault of the class of a fork: a log that they have signed proves nothing
 * any more, so the peer stops as for one (spec/evidence#G8, R12). Without tolerance one seat is its whole majority, and
 * its conviction only alarms.
 */
export const isForkClass = ({ ledger, electorate }: Pick<Peer, "ledger" | "electorate">): boolean =>
  electorate.tolerance > 0 && convictedSeats(ledger, electorate.set.epoch) > electorate.tolerance;
