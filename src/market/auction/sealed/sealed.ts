// Sealed: the commitments of this market's bids and hidden reserves, from nouns instead of bytes.
import { amount, type Bytes, encode, type Hash } from "../../../base/index.js";
import { commitmentOf, reserveHashOf } from "../../../crypto/index.js";
import { type AgentId, type Network, type Rejection, reject } from "../../../ledger/index.js";
import { FORMATS } from "../formats/index.js";
import type { AuctionId } from "../id.js";
import { type AuctionTerms, type Bid, bid } from "../terms.js";

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

/** Why a bid does not suit the format: of a lot as a whole it names no units, else as many as there are at most. */
export function unitsFault(
  { format, lot }: Pick<AuctionTerms, "format" | "lot">,
  { units }: Bid,
): Rejection<"UNITS_OUT_OF_RANGE"> | null {
  const { isDivisible } = FORMATS[format.kind];
  const suits = isDivisible ? units !== null && units <= lot.units : units === null;
  return suits ? null : reject("UNITS_OUT_OF_RANGE", isDivisible ? { units, most: lot.units } : { units });
}
