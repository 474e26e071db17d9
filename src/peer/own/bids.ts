// Own bids: what an owner may see of the sealed bids of its agents, and nobody else. Reads, and changes nothing.
import { decode, equalBytes, fromHex, type Hash, sortedKeys, toHex } from "../../base/index.js";
import { type AgentKey, findRecovery } from "../../crypto/index.js";
import type { AgentId } from "../../ledger/index.js";
import {
  AUCTIONS,
  type Auction,
  type AuctionId,
  auctionOf,
  type Bid,
  bid as bidCodec,
  type Commit,
  commitOf,
  commitsTo,
  isEnded,
} from "../../market/index.js";
import type { Peer } from "../state.js";
import { MAX_BIDS, type Opening } from "./custody.js";

/**
 * `waiting`: kept here, and nobody has heard of it. `published`: on its way, no entry holds it. `sealed`: in the
 * log. `replaced`: a newer bid of the agent took its place. `failed`: no entry has taken it, and none can.
 */
export type OwnBidState =
  | "waiting"
  | "published"
  | "sealed"
  | "revealed"
  | "won"
  | "lost"
  | "forfeited"
  | "replaced"
  | "failed";

export interface OwnBid {
  readonly auction: AuctionId;
  readonly bidder: AgentId;
  readonly commitment: Hash;
  /** in micro-credits; null: sealed by a key that is not here any more, or by another program */
  readonly amount: bigint | null;
  /** null: the lot as a whole, or unknown as the amount */
  readonly units: number | null;
  readonly lockup: bigint;
  readonly state: OwnBidState;
  /** own clock; null once it is published */
  readonly publishesAtMs: number | null;
}

/** All bids that custody holds, and those in the log of agents held here: by auction, bidder, then age. */
export function ownBids(peer: Peer): readonly OwnBid[] {
  const auctions = new Set([...peer.custody.auctions(), ...peer.ledger.table(AUCTIONS).keys()]);
  return [...auctions].sort().flatMap((id) => bidsIn(peer, fromHex(id)!));
}

function bidsIn(peer: Peer, id: AuctionId): readonly OwnBid[] {
  const held = peer.custody.openingsOf(id);
  const auction = auctionOf(peer.ledger, id);
  const bidders = new Map<string, AgentId>(held.map(({ bidder }) => [toHex(bidder), bidder]));
  for (const { publicKey } of peer.agents.values()) bidders.set(toHex(publicKey), publicKey);
  return sortedKeys(bidders).flatMap((hex) => {
    const bidder = bidders.get(hex)!;
    const openings = held
      .filter((one) => equalBytes(one.bidder, bidder))
      .sort((a, b) => a.counter - b.counter);
    const commit = commitOf(peer.ledger, id, bidder);
    const logged =
      auction === null ||
      commit === null ||
      openings.some((one) => equalBytes(one.commitment, commit.commitment))
        ? []
        : [fromLog(peer, auction, commit)];
    return [...openings.map((one) => fromCustody(peer, auction, one, openings.at(-1)!, commit)), ...logged];
  });
}

function fromCustody(
  peer: Peer,
  auction: Auction | null,
  one: Opening,
  newest: Opening,
  commit: Commit | null,
): OwnBid {
  const { bidder, commitment, bid, lockup, publishAtMs } = one;
  const inLog = commit !== null && equalBytes(commit.commitment, commitment);
  return {
    auction: one.auction,
    bidder,
    commitment,
    ...bid,
    lockup,
    publishesAtMs: publishAtMs,
    state: inLog ? stateInLog(auction!, commit) : stateOutside(peer, one, newest),
  };
}

/** Of a bid whose commit the log does not hold. */
function stateOutside(peer: Peer, one: Opening, newest: Opening): OwnBidState {
  if (one.publishAtMs !== null) return "waiting";
  const waiting = peer.mempool.of(toHex(one.bidder));
  if (waiting.some(({ operation }) => commitsTo(operation, one))) return "published";
  return newest === one ? "failed" : "replaced";
}

function stateInLog({ phase }: Auction, { opening, award }: Commit): OwnBidState {
  if (!isEnded(phase)) return opening === null ? "sealed" : "revealed";
  if (opening === null) return "forfeited";
  return award === null ? "lost" : "won";
}

/** Custody lets go of what is over, and a lost disk held nothing: the log still tells the agent's own key. */
function fromLog(peer: Peer, auction: Auction, commit: Commit): OwnBid {
  const { bidder, commitment, lockup } = commit;
  const key = peer.agents.get(toHex(bidder));
  return {
    auction: auction.id,
    bidder,
    commitment,
    ...(commit.opening?.bid ?? (key === undefined ? UNKNOWN : sealedBid(key, auction.id, commit))),
    lockup,
    publishesAtMs: null,
    state: stateInLog(auction, commit),
  };
}

const UNKNOWN = { amount: null, units: null };

function sealedBid(key: AgentKey, auction: AuctionId, { recovery }: Commit): Bid | typeof UNKNOWN {
  const found = findRecovery(key, auction, MAX_BIDS, recovery);
  const bid = found === null ? null : decode(bidCodec, found.bidBytes, found.bidBytes.length);
  return bid?.ok ? bid.value : UNKNOWN;
}
