// Commitments: a promise that binds network, auction, author, content and salt, and shows none of the content.
import { type Bytes, type Hash, invariant } from "../base/index.js";
import { taggedHash } from "./hash.js";

/** Where a commitment is made; each part is 32 bytes. */
export interface CommitmentPlace {
  readonly chain: Hash;
  readonly market: Hash;
  readonly auction: Hash;
}

/**
 * C = H('commit', chain ‖ market ‖ auction ‖ bidder ‖ cbor(bid) ‖ salt32) (spec/auctions#B1).
 * The bidder is inside the hash, so whoever copies a commitment cannot open it. All parts but the bid have a
 * fixed length, so no two sets of parts join to the same bytes.
 * @param bidBytes the bid's canonical encoding
 */
export function commitmentOf(place: CommitmentPlace, bidder: Bytes, bidBytes: Bytes, salt: Bytes): Hash {
  invariant(bidder.length === 32 && salt.length === 32, "a bidder and a salt have 32 bytes");
  return taggedHash("commit", place.chain, place.market, place.auction, bidder, bidBytes, salt);
}

/**
 * H('reserve', chain ‖ market ‖ auction ‖ cbor(reserve) ‖ salt32): a hidden reserve (spec/auctions#R2). The auction's
 * id names its creator.
 * @param reserveBytes the amount's canonical encoding
 */
export function reserveHashOf(place: CommitmentPlace, reserveBytes: Bytes, salt: Bytes): Hash {
  invariant(salt.length === 32, "a salt has 32 bytes");
  return taggedHash("reserve", place.chain, place.market, place.auction, reserveBytes, salt);
}
