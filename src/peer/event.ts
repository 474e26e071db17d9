// What can happen to a peer, as values: time and randomness arrive here or not at all.
import type { Bytes, Hash } from "../base/index.js";
import type { AgentId, AuctionId, Lot, Operation } from "../ledger/operation.js";
import type { QuorumMessage } from "../quorum/message.js";

/** Names one connection; the same remote peer keeps its name while connected. */
export type PeerRef = string;

export type Event = { readonly nowMs: number } /** once, after restoring from disk */ & (
  | { readonly kind: "start" }
  | { readonly kind: "tick" }
  /** a frame of a direct protocol; `seat` is what the connection proved, or null */
  | {
      readonly kind: "message";
      readonly from: PeerRef;
      readonly seat: number | null;
      readonly message: QuorumMessage;
    }
  /** an operation from gossip or a direct submission, admitted by `judgeOperation` and with its signature verified */
  | { readonly kind: "operation"; readonly operation: Operation; readonly bytes: Bytes }
  /** a connection is up: ask it what is missing */
  | { readonly kind: "connected"; readonly from: PeerRef }
  /** a person's or program's wish, answered by a `done` notice with the same `ref` */
  | { readonly kind: "command"; readonly ref: number; readonly command: Command }
);

export type Command =
  | { readonly kind: "submit"; readonly bytes: Bytes }
  | { readonly kind: "transfer"; readonly from: AgentId; readonly to: AgentId; readonly amount: bigint }
  | { readonly kind: "grant"; readonly from: AgentId; readonly to: AgentId; readonly amount: bigint }
  | {
      readonly kind: "createAuction";
      readonly from: AgentId;
      readonly lot: Lot;
      /** the public reserve */
      readonly reserve: bigint;
      readonly lockups: readonly bigint[];
      /** ledger ms from now until bids open; 0: at once */
      readonly startInMs: number;
      readonly commitMs: number;
      readonly revealMs: number;
      /** a reserve above the public one, kept hidden until REVEAL; null: none */
      readonly hiddenReserve: bigint | null;
      readonly sellerBond: bigint;
    }
  | { readonly kind: "cancelAuction"; readonly from: AgentId; readonly auction: AuctionId }
  /** the operator's word that a seat in amnesia may sign again; `force`: though the others could tell what it signed */
  | { readonly kind: "overrideAmnesia"; readonly force: boolean }
  | {
      readonly kind: "placeBid";
      readonly from: AgentId;
      readonly auction: AuctionId;
      readonly amount: bigint;
      /** one of the auction's lockups; null: the least that covers the bid */
      readonly lockup: bigint | null;
      /** how long to wait before the commit is published, so that its time tells nothing */
      readonly delayMs: number;
    };

/** Why a wish was not granted: a stable code, and what to say about it. */
export interface Refusal {
  readonly code: string;
  readonly detail: Readonly<Record<string, string | number | null>>;
}

export type CommandResult =
  | {
      readonly ok: true;
      readonly operation: Hash | null;
      readonly auction: AuctionId | null;
      /** of a bid: what stands in the log for it, whenever its commit comes there */
      readonly bid?: { readonly commitment: Hash };
    }
  | { readonly ok: false; readonly refusal: Refusal };
