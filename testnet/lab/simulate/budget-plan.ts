// What owners and their children do in a run, as a seed chooses it.
import type { BudgetTerms } from "../../../src/ledger/index.js";
import type { AuctionPlan } from "./workload.js";

/** The agent of a host, or a child. */
export type Party = { readonly host: number } | { readonly child: number };

/** A child's key lies at several hosts; it has no account before its first budget, and nothing in it then. */
export interface ChildPlan {
  /** the first is the host of the owner at the top */
  readonly homes: readonly number[];
}

export type BudgetDeed = { readonly atMs: number; readonly child: number } & (
  | {
      /** or on new terms */
      readonly kind: "open";
      readonly owner: Party;
      readonly terms: Omit<BudgetTerms, "untilMs">;
      readonly lastsMs: number;
    }
  | { readonly kind: "close"; readonly by: Party }
  /** somebody closes it who is neither of the two, past its own peer */
  | { readonly kind: "meddle"; readonly by: Party }
  /** its owner hands in its first consent once more, past its own peer */
  | { readonly kind: "replay"; readonly owner: Party }
  /** the child gives a budget to who is above it */
  | { readonly kind: "circle"; readonly owner: Party }
  /** bids that nobody will open, in all auctions that run, handed to several peers in the same moment */
  | { readonly kind: "burst" }
);

/** The child asks all its homes for it at once. */
export interface ChildBid {
  readonly child: number;
  readonly auction: string;
  readonly amount: bigint;
}

export interface BudgetPlan {
  readonly children: readonly ChildPlan[];
  readonly deeds: readonly BudgetDeed[];
  readonly bids: readonly ChildBid[];
  /** what children sell, by the deposit of their owners */
  readonly sales: readonly { readonly child: number; readonly of: AuctionPlan }[];
}
