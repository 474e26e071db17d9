// One's own bids and money, as the API shows them to their owner: amounts that nobody else may see yet are in here.
import { type Hex, toHex } from "../../../src/base/index.js";
import type { Ledger } from "../../../src/ledger/index.js";
import { type Auction, auctionOf, type Commit, commitsOf, isEnded } from "../../../src/market/index.js";
import { ownBids, type Peer } from "../../../src/peer/index.js";
import { type MovementView, type OwnBidView, timeOf } from "../../contract/index.js";
import type { KeptMovement } from "../../history-reader.js";

type Agents = Pick<ReadonlyMap<Hex, unknown>, "has">;

/** Bids of own agents that wait, are on their way, or stand in auctions that the ledger holds; by auction. */
export const liveBids = (peer: Peer): readonly OwnBidView[] =>
  ownBids(peer).flatMap((one) => {
    const auction = auctionOf(peer.ledger, one.auction);
    if (auction === null) return [];
    const { amount, units, state, publishesAtMs } = one;
    return {
      ...viewOf(auction, one.bidder, one.lockup, one.commitment),
      amount: amount === null ? null : amount.toString(),
      units,
      state,
      publishesAt: publishesAtMs === null ? null : timeOf(publishesAtMs),
    };
  });

/** Bids of own agents that an auction's rows tell of. */
export const bidsIn = (ledger: Ledger, auction: Auction, agents: Agents): readonly OwnBidView[] =>
  commitsOf(ledger, auction.id)
    .filter(({ bidder }) => agents.has(toHex(bidder)))
    .map((commit) => ({
      ...viewOf(auction, commit.bidder, commit.lockup, commit.commitment),
      amount: commit.opening === null ? null : commit.opening.bid.amount.toString(),
      units: commit.opening?.bid.units ?? null,
      state: stateOf(auction, commit),
      publishesAt: null,
    }));

const viewOf = (auction: Auction, bidder: Uint8Array, lockup: bigint, commitment: Uint8Array) => ({
  auction: toHex(auction.id),
  capability: auction.terms.lot.capability,
  bidder: toHex(bidder),
  lockup: lockup.toString(),
  commitment: toHex(commitment),
});

function stateOf({ phase }: Auction, { opening, award }: Commit): OwnBidView["state"] {
  if (!isEnded(phase)) return opening === null ? "sealed" : "revealed";
  if (opening === null) return "forfeited";
  return award === null ? "lost" : "won";
}

export const movementView = ({ at, movement }: KeptMovement): MovementView => ({
  id: at,
  height: movement.height,
  time: timeOf(movement.timeMs),
  what: movement.kind,
  gained: movement.gained.toString(),
  spent: movement.spent.toString(),
  other: movement.other && toHex(movement.other),
  auction: movement.auction && toHex(movement.auction),
  trade: movement.trade && toHex(movement.trade),
  operation: movement.operation && toHex(movement.operation),
  payer: movement.payer && toHex(movement.payer),
  child: movement.child && toHex(movement.child),
});
