// Testimony: what a finite run's peers and traders said and were seen to do, in values that a law judges.
// Nothing in it was computed for the laws: it is notices, log entries, gossip as it arrived, and account books.
import type { Bytes, Hash, Hex } from "../../src/base/index.js";
import type { Transcript } from "../../src/peer/proof/transcript.js";
import type { Notice } from "../../src/peer/ready.js";
import type { AccountBook, Books, Executed } from "../lab/checks/books.js";
import { History } from "../lab/checks/history.js";
import type { LawParams } from "../lab/checks/laws.js";
import type { SecretBid } from "../lab/checks/secrecy.js";
import type { LoggedEntry, Pace } from "../lab/checks/windows.js";

/** A notice at one peer. `order` counts everything that was seen in the run, whoever saw it. */
export interface Sighting {
  readonly order: number;
  readonly notice: Notice;
}

/** An operation's bytes as they arrived at one peer by gossip. Equal bytes are one object. */
export interface Overheard {
  readonly order: number;
  readonly bytes: Bytes;
}

/** One account's money at the beginning, in micro-credits. */
export type Account = Pick<AccountBook, "agent" | "free" | "locked" | "stake" | "unbonding">;

export interface PeerTestimony extends Executed {
  readonly name: string;
  /** state roots after the heights at which the peer was looked at */
  readonly roots: ReadonlyMap<number, Hex>;
  /** entry ids by height */
  readonly entries: ReadonlyMap<number, Hex>;
  readonly sightings: readonly Sighting[];
  readonly overheard: readonly Overheard[];
  readonly books: readonly (Books & { readonly height: number })[];
}

/** What a trader meant to bid. */
export interface TradersBid extends SecretBid {
  readonly auction: Hex;
  readonly bidder: Hex;
}

/** What one peer hands out to whoever wants to recompute an auction. */
export interface TranscriptReading {
  readonly auction: Hex;
  readonly peer: string;
  readonly transcript: Transcript | null;
}

export interface Testimony {
  readonly network: { readonly chain: Hash; readonly market: Hash };
  /** of the genesis: by which the windows of auctions are reckoned */
  readonly pace: Pace;
  /** of the genesis */
  readonly params: Omit<LawParams, "opening">;
  readonly peers: readonly PeerTestimony[];
  /** the log from height 1 on, as one peer keeps it */
  readonly log: readonly LoggedEntry[];
  /** of every auction that a peer says is settled, each from one of the peers in turn */
  readonly transcripts: readonly TranscriptReading[];
  readonly secrets: readonly TradersBid[];
  /** accounts as genesis made them */
  readonly opening: readonly Account[];
  /** agents that kept every rule: all demo agents and owners of seats that no fault was given to */
  readonly honest: ReadonlySet<Hex>;
}

/** What a check found. */
export interface Finding {
  readonly wrongs: readonly string[];
  /** what was looked at */
  readonly seen: string;
}

/** What the run shows of its log: every entry was executed, and each peer's word counts. */
export function historyOf({ network, pace, log, peers }: Testimony): History {
  const history = new History(network, pace, (height) => log[height - 1] ?? null);
  for (const { height } of log) history.wasExecuted(height);
  for (const { notice } of peers.flatMap(({ sightings }) => sightings)) history.noticed(notice);
  return history;
}
