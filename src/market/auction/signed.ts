// Which signed operations an auction's rows rest on: its creation, and each commit that the state has.
import { encode, equalBytes } from "../../base/index.js";
import type { Network } from "../../ledger/index.js";
import type { Operation } from "../operation.js";
import type { Auction, Commit } from "./auction.js";
import { type AuctionId, auctionIdOf } from "./id.js";
import { auctionTerms } from "./terms.js";

/** Whether the operation created the auction, on the very terms that its row has. */
export const creates = (
  { authority, body }: Operation,
  network: Network,
  { id, creator, terms }: Pick<Auction, "id" | "creator" | "terms">,
): boolean =>
  body.kind === "createAuction" &&
  authority !== null &&
  equalBytes(authority.from, creator) &&
  equalBytes(auctionIdOf(network, creator, authority.nonce), id) &&
  equalBytes(encode(auctionTerms, body), encode(auctionTerms, terms));

/** Whether the operation made the commit that a row has. */
export const makesCommit = (
  { authority, body }: Operation,
  auction: AuctionId,
  commit: Pick<Commit, "bidder" | "commitment" | "recovery" | "lockup">,
): boolean =>
  body.kind === "commit" &&
  authority !== null &&
  equalBytes(authority.from, commit.bidder) &&
  equalBytes(body.auction, auction) &&
  equalBytes(body.commitment, commit.commitment) &&
  equalBytes(body.recovery, commit.recovery) &&
  body.lockup === commit.lockup;

/** Whether the operation is a bidder's, with this commitment. */
export const commitsTo = (
  { authority, body }: Operation,
  { bidder, commitment }: Pick<Commit, "bidder" | "commitment">,
): boolean =>
  body.kind === "commit" &&
  authority !== null &&
  equalBytes(authority.from, bidder) &&
  equalBytes(body.commitment, commitment);
