// Testimony: what a run's peers and traders said and were seen to do, in values that a checker judges.
// Nothing in it was computed for the checkers: it is notices, log entries, gossip as it arrived, and account books.
import type { Bytes, Hash, Hex } from "../../src/base/index.js";
import type { Notice } from "../../src/peer/ready.js";
import type { Transcript } from "../../src/peer/transcript.js";
import type { DepositRates } from "./deposit.js";
import type { LoggedStep, Pace } from "./windows.js";

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

/** One account's money at the end, in micro-credits. */
export interface Account {
  readonly agent: Hex;
  readonly free: bigint;
  readonly locked: bigint;
  readonly stake: bigint;
}

/** All money of one peer's ledger: what was ever minted and where it is now, burned included. */
export interface Books {
  readonly height: number;
  readonly minted: bigint;
  readonly holdings: readonly { readonly what: string; readonly amount: bigint }[];
}

export interface PeerTestimony {
  readonly name: string;
  /** state roots after the heights at which the peer was looked at */
  readonly roots: ReadonlyMap<number, Hex>;
  /** entry ids by height */
  readonly entries: ReadonlyMap<number, Hex>;
  readonly sightings: readonly Sighting[];
  readonly overheard: readonly Overheard[];
  readonly accounts: readonly Account[];
  readonly books: readonly Books[];
}

/** A finalised entry: what its header says of time and leader, and its operations' bytes. */
export interface LoggedEntry extends LoggedStep {
  readonly ops: readonly Bytes[];
}

/** What a trader meant to bid and told nobody but its own peer. */
export interface SecretBid {
  readonly auction: Hex;
  readonly bidder: Hex;
  readonly amount: bigint;
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
  /** of the genesis: what auctions set aside */
  readonly deposits: DepositRates;
  readonly peers: readonly PeerTestimony[];
  /** the log from height 1 on, as one peer keeps it */
  readonly log: readonly LoggedEntry[];
  /** of every auction that a peer says is settled, each from one of the peers in turn */
  readonly transcripts: readonly TranscriptReading[];
  readonly secrets: readonly SecretBid[];
  /** accounts as genesis made them */
  readonly opening: readonly Account[];
  /** agents that kept every rule: all demo agents and owners of seats that no fault was given to */
  readonly honest: ReadonlySet<Hex>;
}

/** A checker's verdict; `detail` counts what was looked at, or names what is wrong. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** Judges one property. It reads testimony only, and shares no code with what it judges but codecs and hashes. */
export type Checker = (testimony: Testimony) => Check;

const MAX_NAMED = 3;

/** Holds if nothing is wrong; otherwise names the first few wrongs. */
export function verdict(name: string, wrongs: readonly string[], seen: string): Check {
  if (wrongs.length === 0) return { name, ok: true, detail: seen };
  const more = wrongs.length > MAX_NAMED ? `; and ${wrongs.length - MAX_NAMED} more` : "";
  return { name, ok: false, detail: wrongs.slice(0, MAX_NAMED).join("; ") + more };
}
