// Sealed bids in managed custody: kept before they are published, published in their time, opened when that is safe.
import { decode, equalBytes, err, type Hex, ok, type Result, sortedKeys, toHex } from "../../base/index.js";
import { type AgentKey, findRecovery, saltOf, sealOpening } from "../../crypto/index.js";
import { ACCOUNTS, type Account, pathIn, type RowChanges } from "../../ledger/index.js";
import {
  AUCTIONS,
  type Auction,
  auctionOf,
  auctionOfOperation,
  type Bid,
  bidBytes,
  bid as bidCodec,
  bidCommitment,
  commitOf,
  commitsTo,
  isEnded,
  type Operation,
  roomFeeRefusal,
} from "../../market/index.js";
import type { Effects } from "../effects.js";
import type { Refusal } from "../event.js";
import { commitBody, feeFor } from "../funds.js";
import { nextAuthority, postSelfProving, postSigned, tooManyWaiting } from "../posting.js";
import { hasStopped, type Peer } from "../state.js";
import { MAX_BIDS, type Opening } from "./custody.js";

const MAX_BID_BYTES = 32;

/**
 * Makes the opening of a bid and puts it on disk; its commit follows at `publishAtMs`. It takes the place of earlier
 * bids of the agent in this auction that are not published yet: the last word counts, whatever the delays.
 */
export function keepBid(
  peer: Peer,
  key: AgentKey,
  auction: Auction,
  terms: Pick<Opening, "lockup" | "publishAtMs" | "fee"> & { readonly bid: Bid },
  effects: Effects,
): Result<Opening, Refusal> {
  peer.custody.dropUnpublished(auction.id, key.publicKey, effects);
  const counter = peer.custody.nextCounter(auction.id, key.publicKey);
  if (counter === null) return err({ code: "TOO_MANY_BIDS", detail: { bids: MAX_BIDS } });
  const { bid } = terms;
  const salt = saltOf(key, auction.id, counter, bidBytes(bid));
  const opening: Opening = {
    auction: auction.id,
    bidder: key.publicKey,
    counter,
    bid,
    salt,
    commitment: bidCommitment(peer.ledger.network, auction.id, key.publicKey, bid, salt),
    lockup: terms.lockup,
    publishAtMs: terms.publishAtMs,
    fee: terms.fee,
  };
  peer.custody.keep(opening, effects);
  return ok(opening);
}

/** Publishes the commit of a kept bid. The opening reaches the disk before the commit reaches anyone (spec/auctions#R5). */
export function publishCommit(
  peer: Peer,
  key: AgentKey,
  opening: Opening,
  nowMs: number,
  effects: Effects,
): Result<Operation, Refusal> {
  const { auction, counter, bid, salt } = opening;
  const { publicKey } = key;
  const unsealed = commitBody(opening);
  // A bid that finds no place is asked about at each step: what costs more comes after.
  if (nextAuthority(peer, publicKey, unsealed.kind, 0n, nowMs) === null) return err(tooManyWaiting());
  const fee = feeFor(peer, publicKey, unsealed, opening.fee);
  const unpaid = roomFeeRefusal(peer.ledger, unsealed, { from: publicKey, fee });
  if (unpaid !== null) return err(unpaid);
  const recovery = sealOpening(key, auction, counter, { bidBytes: bidBytes(bid), salt });
  const posted = postSigned(peer, key, { ...unsealed, recovery }, fee, nowMs, effects);
  if (posted.ok) peer.custody.keep({ ...opening, publishAtMs: null }, effects);
  return posted;
}

/**
 * Publishes the bids whose time has come and whose auction is open. One that finds no place waits for the next step;
 * one whose auction closes first, or whose key this peer does not hold any more, goes when its auction ends.
 */
export function publishDueCommits(peer: Peer, nowMs: number, effects: Effects): void {
  if (hasStopped(peer)) return;
  for (const opening of peer.custody.toPublish(nowMs)) {
    const key = peer.agents.get(toHex(opening.bidder));
    const isOpen = auctionOf(peer.ledger, opening.auction)?.phase.kind === "open";
    if (key !== undefined && isOpen) publishCommit(peer, key, opening, nowMs, effects);
  }
}

/**
 * A commit was refused, as its place had become dearer than it was estimated: it is published again, unless its owner has
 * named its fee or bid anew, and pays no less than its owner had raised it to. Price rises in a few steps, so it does not go on.
 */
export function publishAgain(peer: Peer, refused: Operation, effects: Effects): void {
  // An entry holds a thousand such commits of others, and an auction as many bids of one's own.
  if (refused.authority === null || !peer.agents.has(toHex(refused.authority.from))) return;
  const auction = auctionOfOperation(peer.ledger.network, refused);
  const openings = auction === null ? [] : peer.custody.openingsOf(auction);
  const opening = openings.find((one) => commitsTo(refused, one));
  if (opening === undefined || opening.fee !== null) return;
  const isNewest = openings.every(
    ({ bidder, counter }) => !equalBytes(bidder, opening.bidder) || counter <= opening.counter,
  );
  if (!isNewest) return;
  // A leader may have had the form from before its owner raised the fee: then the raised one waits here still.
  const last = peer.mempool.rivalOf(refused)?.operation ?? refused;
  const { fee } = commitsTo(last, opening) ? last.authority! : refused.authority;
  const isAboveEstimate = fee > feeFor(peer, opening.bidder, commitBody(opening), null);
  const again = { ...opening, publishAtMs: peer.tip.timeMs, fee: isAboveEstimate ? fee : null };
  peer.custody.keep(again, effects);
}

/** What an executed entry changed of own agents and of what custody holds: `followAuctions` looks at no more than that. */
export function noteMoves({ agents, custody }: Peer, { writes }: RowChanges): void {
  for (const [key] of writes) {
    const auction = pathIn(AUCTIONS, key);
    if (auction !== null) custody.stir(auction);
    const account = pathIn(ACCOUNTS, key);
    if (account !== null && agents.has(account)) custody.recoverLater(account);
  }
}

/**
 * After an executed entry: opens what may be opened, and forgets what is over.
 * An entry executes only when it is final, so a phase seen here is one that no leader can take back (spec/auctions#R4). After a
 * fork that is not so, and nothing is opened any more.
 */
export function followAuctions(peer: Peer, nowMs: number, effects: Effects): void {
  if (hasStopped(peer)) return;
  recoverOpenings(peer, effects);
  for (const id of peer.custody.toLookAt()) {
    const auction = auctionOf(peer.ledger, id);
    if (auction !== null && peer.conduct.mayOpenBids(auction, nowMs)) {
      openAuction(peer, auction, nowMs, effects);
    } else if (auction !== null && isEnded(auction.phase)) {
      peer.custody.forget(auction.id, effects);
    } else if (auction?.phase.kind !== "reveal") peer.custody.rest(id);
  }
}

/** An opening proves itself: it is shown even if the agent's key has left this peer since. */
function openAuction(peer: Peer, auction: Auction, nowMs: number, effects: Effects): void {
  for (const { bidder, commitment, bid, salt } of peer.custody.openingsOf(auction.id)) {
    const commit = commitOf(peer.ledger, auction.id, bidder);
    if (commit === null || commit.opening !== null) continue;
    if (toHex(commit.commitment) !== toHex(commitment)) continue;
    postSelfProving(peer, { kind: "reveal", auction: auction.id, bidder, bid, salt }, nowMs, effects);
  }
  const hidden = peer.custody.reserveOf(auction.id);
  if (hidden === null || auction.openedReserve !== null) return;
  const { reserve, salt } = hidden;
  postSelfProving(peer, { kind: "openReserve", auction: auction.id, reserve, salt }, nowMs, effects);
}

/** Finds in the log what this disk has lost: live commits of own agents whose opening is not held (spec/auctions#R5). */
function recoverOpenings(peer: Peer, effects: Effects): void {
  const moved = peer.custody.takeUnrecovered();
  if (moved.size === 0) return;
  for (const [agent, key] of peer.agents) {
    if (!moved.has(agent)) continue;
    const account = peer.ledger.get(ACCOUNTS, agent);
    for (const id of account === null ? [] : bidsOf(account)) {
      const auction = auctionOf(peer.ledger, id);
      if (auction !== null) recoverIn(peer, key, auction, effects);
    }
  }
}

/** The auctions, by hex, in which an account may have a live commit: one is a lock on funds, or a lien on stake. */
function bidsOf({ locks, liens }: Account): readonly Hex[] {
  const locked = [...locks.values()].filter(({ reason }) => reason === "bid").map(({ id }) => toHex(id));
  const bound = sortedKeys(liens).filter((id) => liens.get(id)!.kind === "trade");
  return [...locked, ...bound];
}

function recoverIn(peer: Peer, key: AgentKey, auction: Auction, effects: Effects): void {
  const commit = commitOf(peer.ledger, auction.id, key.publicKey);
  if (commit === null || commit.opening !== null) return;
  if (peer.custody.find(auction.id, key.publicKey, commit.commitment) !== null) return;
  if (!peer.custody.triesFirst(commit.commitment)) return;
  const found = findRecovery(key, auction.id, MAX_BIDS, commit.recovery);
  if (found === null) return;
  const bid = decode(bidCodec, found.bidBytes, MAX_BID_BYTES);
  if (!bid.ok) return;
  const { commitment, lockup } = commit;
  const { counter, salt } = found;
  const identity = { auction: auction.id, bidder: key.publicKey };
  peer.custody.keep(
    { ...identity, counter, bid: bid.value, salt, commitment, lockup, publishAtMs: null, fee: null },
    effects,
  );
}
