// Sealed bids for a ledger: who bids in which auction, at which amount, committed to and shown.
import { taggedHash } from "../../src/crypto/index.js";
import type { AgentId } from "../../src/ledger/index.js";
import {
  type AuctionId,
  type AuctionTerms,
  type Bid,
  bidCommitment,
  type Operation,
  RECOVERY_BYTES,
  selfProving,
} from "../../src/market/index.js";
import type { LoneLedger } from "./lone-ledger.js";

export interface SealedBid {
  readonly auction: AuctionId;
  readonly bidder: AgentId;
  readonly bid: Bid;
  readonly lockup: bigint;
}

/** As good as random, and the same in every run. */
const saltOf = ({ auction, bidder }: SealedBid) => taggedHash("leaf", auction, bidder);

export function commitOf(market: LoneLedger, sealed: SealedBid): Operation {
  const { auction, bidder, bid, lockup } = sealed;
  const commitment = bidCommitment(market.ledger.network, auction, bidder, bid, saltOf(sealed));
  const recovery = new Uint8Array(RECOVERY_BYTES);
  return market.operation(bidder, { kind: "commit", auction, commitment, lockup, recovery });
}

export function revealOf(market: LoneLedger, sealed: SealedBid): Operation {
  const { auction, bidder, bid } = sealed;
  return selfProving(market.ledger.network, {
    kind: "reveal",
    auction,
    bidder,
    bid,
    salt: saltOf(sealed),
  });
}

/** Offers a lot for each seller named, in one entry. @returns the auctions, in that order */
export function offerAll(
  market: LoneLedger,
  sellers: readonly AgentId[],
  terms: Partial<AuctionTerms>,
): readonly AuctionId[] {
  const offers = sellers.map((seller) => market.offer(seller, terms));
  market.entry(offers.map(([, operation]) => operation));
  return offers.map(([auction]) => auction);
}
