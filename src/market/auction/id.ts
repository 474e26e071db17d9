// The id of an auction, by which everything about it is named.
import { type Hash, u64be } from "../../base/index.js";
import { taggedHash } from "../../crypto/index.js";
import type { AgentId, Network } from "../../ledger/index.js";

export type AuctionId = Hash;

/** The id of the auction that `creator` makes with the (bulk) nonce of its CreateAuction (spec/encoding#hash-tags). */
export const auctionIdOf = (network: Network, creator: AgentId, nonce: number): AuctionId =>
  taggedHash("auction", network.chain, network.market, creator, u64be(nonce));
