// Sealed: the commitments of this market's bids and hidden reserves, from nouns instead of bytes.
import { amount, type Bytes, encode, type Hash } from "../../../base/index.js";
import { commitmentOf, reserveHashOf } from "../../../crypto/index.js";
import type { AgentId, Network } from "../../../ledger/index.js";
import type { AuctionId } from "../id.js";
import { type Bid, bid } from "../terms.js";

export const bidBytes = (value: Bid): Bytes => encode(bid, value);

/** The commitment of `bidder` to a bid in an auction (spec/auctions#B1). @param salt 32 bytes */
export const bidCommitment = (
  network: Network,
  auction: AuctionId,
  bidder: AgentId,
  value: Bid,
  salt: Bytes,
): Hash => commitmentOf({ ...network, auction }, bidder, bidBytes(value), salt);

export const reserveBytes = (reserve: bigint): Bytes => encode(amount, reserve);

/** The hash that hides a reserve until REVEAL (spec/auctions#R2). @param salt 32 bytes */
export const hiddenReserveHash = (network: Network, auction: AuctionId, reserve: bigint, salt: Bytes): Hash =>
  reserveHashOf({ ...network, auction }, reserveBytes(reserve), salt);
