// What an auction's operations are refused for, and what they tell when they are not.
import { type Hash, type TypeOf, union } from "../../base/index.js";
import { type AgentId, type Authority, type DrawFault, type Rejection, reject } from "../../ledger/index.js";
import type { Rule } from "../subject.js";
import type { Auction } from "./auction.js";
import { auctionOf } from "./auctions.js";
import type { AuctionId } from "./id.js";
import type { LienRefusal } from "./lien.js";
import { AUCTION_OPERATIONS, type Bid } from "./terms.js";

export type AuctionRefusal =
  | LienRefusal
  | DrawFault
  | "TOO_MANY_LOCKS"
  | "OPENS_TOO_LATE"
  | "WINDOW_OUT_OF_RANGE"
  | "DELIVERY_OUT_OF_RANGE"
  | "VALUE_OUT_OF_RANGE"
  | "LOT_LAPSES_BEFORE_CLOSE"
  | "LOT_TOO_FAR_AHEAD"
  | "LOCKUP_BELOW_RESERVE"
  | "BOND_TOO_SMALL"
  | "TOO_MANY_AUCTIONS"
  | "AUCTION_UNKNOWN"
  | "NOT_THE_CREATOR"
  | "BIDDER_IS_CREATOR"
  | "AUCTION_HAS_COMMITS"
  | "AUCTION_ENDED"
  | "COMMIT_BEFORE_OPEN"
  | "COMMIT_AFTER_CLOSE"
  | "LOCKUP_NOT_OFFERED"
  | "AUCTION_FULL"
  | "REVEAL_CAPACITY_EXCEEDED"
  | "REVEAL_ROOM_FEE_TOO_LOW"
  | "REVEAL_TOO_EARLY"
  | "REVEAL_TOO_LATE"
  | "COMMIT_UNKNOWN"
  | "ALREADY_REVEALED"
  | "OPENING_MISMATCH"
  | "UNITS_OUT_OF_RANGE"
  | "BID_ABOVE_LOCKUP"
  | "NO_HIDDEN_RESERVE"
  | "RESERVE_ALREADY_OPENED"
  | "RESERVE_BELOW_PUBLIC"
  | "RESERVE_ABOVE_LOCKUP";

export type AuctionFact =
  | { readonly kind: "created"; readonly auction: Auction }
  | { readonly kind: "cancelled"; readonly auction: AuctionId }
  | { readonly kind: "reserveOpened"; readonly auction: AuctionId }
  | {
      readonly kind: "committed";
      readonly auction: AuctionId;
      readonly bidder: AgentId;
      readonly lockup: bigint;
      readonly commitment: Hash;
    }
  | {
      readonly kind: "revealed";
      readonly auction: AuctionId;
      readonly bidder: AgentId;
      readonly bid: Bid;
    };

const body = union(AUCTION_OPERATIONS);
export type AuctionBody<K extends keyof typeof AUCTION_OPERATIONS> = Extract<
  TypeOf<typeof body>,
  { readonly kind: K }
>;
export type SignedRule<K extends keyof typeof AUCTION_OPERATIONS> = Rule<
  AuctionBody<K>,
  Authority,
  AuctionRefusal
>;
export type ProvenRule<K extends keyof typeof AUCTION_OPERATIONS> = Rule<
  AuctionBody<K>,
  null,
  AuctionRefusal
>;

export const auctionExists: Rule<{ readonly auction: AuctionId }, unknown, AuctionRefusal> = (
  ledger,
  { auction },
): Rejection<AuctionRefusal> | null =>
  auctionOf(ledger, auction) === null ? reject("AUCTION_UNKNOWN") : null;
