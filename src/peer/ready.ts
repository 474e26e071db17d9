// What a step asks its driver to do. The order of the fields is the law.
import type { Bytes, Hash, Hex } from "../base/index.js";
import type { AgentId } from "../ledger/index.js";
import type { AuctionId, Award, Direction, FormatName, Lease, Lot, Trade } from "../market/index.js";
import type { QuorumMessage, RefusalCode } from "../quorum/index.js";
import type { CommandResult, PeerRef } from "./event.js";

export interface Ready {
  /** What is not on disk was never said: guards first, then the rest in one synced batch. */
  readonly persist: readonly Write[];
  /** Then speak. */
  readonly send: readonly Outgoing[];
  /** Then be woken, by a tick, at this time at the latest; null: not by time. */
  readonly wakeAt: number | null;
  /** Then tell the API's listeners. */
  readonly notify: readonly Notice[];
}

export type Write =
  | { readonly kind: "put"; readonly key: string; readonly value: Bytes }
  | { readonly kind: "delete"; readonly key: string }
  | { readonly kind: "guard"; readonly record: Bytes };

export type Topic = "ops" | "final" | "evidence";

export type Outgoing =
  | { readonly to: "members"; readonly message: QuorumMessage }
  | { readonly to: "seat"; readonly seat: number; readonly message: QuorumMessage }
  | { readonly to: "peer"; readonly peer: PeerRef; readonly message: QuorumMessage }
  /** some connected peer, another one at each repetition */
  | { readonly to: "anyone"; readonly message: QuorumMessage }
  /** gossip: raw operation bytes on `ops` and `evidence`, an encoded `final` quorum message on `final` */
  | { readonly to: "topic"; readonly topic: Topic; readonly bytes: Bytes };

export type Notice =
  | { readonly kind: "done"; readonly ref: number; readonly result: CommandResult }
  | {
      readonly kind: "entry";
      readonly height: number;
      readonly id: Hash;
      readonly term: number;
      readonly leader: number;
      readonly timeMs: number;
      readonly operations: number;
    }
  | {
      readonly kind: "auctionOpened";
      readonly height: number;
      readonly timeMs: number;
      readonly auction: AuctionId;
      readonly creator: AgentId;
      readonly format: FormatName;
      readonly direction: Direction;
      readonly lot: Lot;
      readonly reserve: bigint;
      readonly hasHiddenReserve: boolean;
      readonly standingWeight: number | null;
      readonly lockups: readonly bigint[];
      /** 0: nothing is delivered, and the outcome pays */
      readonly deliverMs: number;
      readonly settleMs: number;
      /** ledger time: from when until when bids are taken, as planned */
      readonly opensMs: number;
      readonly closesMs: number;
    }
  | {
      readonly kind: "auctionPhase";
      readonly height: number;
      readonly timeMs: number;
      readonly auction: AuctionId;
      readonly phase: string;
    }
  | {
      readonly kind: "bidCommitted";
      readonly height: number;
      readonly timeMs: number;
      readonly auction: AuctionId;
      readonly bidder: AgentId;
      readonly lockup: bigint;
      readonly commitment: Hash;
    }
  | {
      readonly kind: "bidRevealed";
      readonly height: number;
      readonly timeMs: number;
      readonly auction: AuctionId;
      readonly bidder: AgentId;
      readonly amount: bigint;
      readonly units: number | null;
    }
  | {
      readonly kind: "auctionSettled";
      readonly height: number;
      readonly timeMs: number;
      readonly auction: AuctionId;
      /** unsold: no bid was valid; void: one was, and no trade is possible any more */
      readonly outcome: "done" | "unsold" | "void";
      /** none unless it is done */
      readonly awards: readonly Award[];
      /** null unless it is done */
      readonly clearingPrice: bigint | null;
      readonly burned: bigint;
    }
  /** a trade began, its performer has delivered, its buyer disputes it, or it has ended: it as it stands then */
  | {
      readonly kind: "trade";
      readonly height: number;
      readonly timeMs: number;
      readonly trade: Trade;
    }
  /** a lease is held until a time: it as it stands then */
  | {
      readonly kind: "leaseHeld";
      readonly height: number;
      readonly timeMs: number;
      readonly lease: Lease;
    }
  /** a holder of a lease has said what it used of it */
  | {
      readonly kind: "leaseUsage";
      readonly height: number;
      readonly timeMs: number;
      readonly lease: Lease;
      readonly by: AgentId;
    }
  | {
      readonly kind: "operationRefused";
      readonly height: number;
      readonly operation: Hash;
      readonly code: string;
    }
  /** an entry held an operation that changed nothing, not even its nonce: it may still come */
  | {
      readonly kind: "operationPassedOver";
      readonly height: number;
      readonly operation: Hash;
      readonly code: string;
    }
  /** an own operation has given its place to another of the same nonce, which pays more */
  | { readonly kind: "operationReplaced"; readonly operation: Hash; readonly by: Hash }
  /** an own operation could be included and was not, by so many entries: it may pay too little */
  | {
      readonly kind: "operationWaits";
      readonly height: number;
      readonly operation: Hash;
      readonly entries: number;
      readonly fee: bigint;
      /** what would put it before the others of its class */
      readonly suggestedFee: bigint;
    }
  /** evidence that convicts waits here to be included: found by this peer, or heard of */
  | {
      readonly kind: "slashProposed";
      readonly agent: AgentId;
      readonly operation: Hash;
      readonly term: number;
      readonly evidence: string;
    }
  | {
      readonly kind: "slashed";
      readonly height: number;
      /** its id */
      readonly slash: Hash;
      readonly agent: AgentId;
      readonly amount: bigint;
      readonly evidence: string;
    }
  /**
   * an operation of others is not kept, or no longer: there is no room for it, the same waits already in another form,
   * or it made room for one with more right to it. It may be handed in again
   */
  | {
      readonly kind: "notKept";
      readonly bytes: Bytes;
      readonly why: "full" | "waits" | "displaced";
    }
  | { readonly kind: "amnesia"; readonly released: boolean }
  | { readonly kind: "fork"; readonly detail: string }
  | { readonly kind: "corrupt"; readonly height: number; readonly own: Hex; readonly finalised: Hex }
  /** a direct message was refused: its sender's connection, and the code */
  | { readonly kind: "refused"; readonly from: PeerRef; readonly code: RefusalCode };
