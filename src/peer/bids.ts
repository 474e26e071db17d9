// Sealed bids in managed custody: kept before they are published, published in their time, opened when that is safe.
import { decode, type Hash, type Hex, invariant, toHex } from "../base/index.js";
import { type AgentKey, findRecovery, saltOf, sealOpening } from "../crypto/index.js";
import { type Auction, type AuctionId, bid as bidCodec, type Commit, operationId } from "../ledger/index.js";
import { bidBytes, bidCommitment } from "../market/index.js";
import type { Opening } from "./custody.js";
import type { Effects } from "./effects.js";
import { postSelfProving, postSigned } from "./posting.js";
import type { Peer } from "./state.js";

/** A key alone was restored: how many of its bids in one auction are tried to open (PROTOCOL §2.4). */
const RECOVERY_COUNTERS = 64;
const MAX_BID_BYTES = 32;

/** Makes the opening of a bid and puts it on disk; its commit follows at `publishAtMs`. */
export function keepBid(
  peer: Peer,
  key: AgentKey,
  auction: Auction,
  terms: { readonly amount: bigint; readonly lockup: bigint; readonly publishAtMs: number },
  effects: Effects,
): Opening {
  const counter = peer.custody.nextCounter(auction.id, key.publicKey);
  const bid = { amount: terms.amount };
  const salt = saltOf(key, auction.id, counter);
  const opening: Opening = {
    auction: auction.id,
    bidder: key.publicKey,
    counter,
    bid,
    salt,
    commitment: bidCommitment(peer.ledger.network, auction.id, key.publicKey, bid, salt),
    lockup: terms.lockup,
    publishAtMs: terms.publishAtMs,
  };
  peer.custody.keep(opening, effects);
  return opening;
}

/** Publishes the commit of a kept bid. The opening reaches the disk before the commit reaches anyone (§2.4). */
export function publishCommit(peer: Peer, opening: Opening, nowMs: number, effects: Effects): Hash {
  const key = peer.agents.get(toHex(opening.bidder));
  invariant(key !== undefined, "openings are kept for own agents only");
  const { auction, counter, commitment, lockup, bid, salt } = opening;
  const recovery = sealOpening(key, auction, counter, { bidBytes: bidBytes(bid), salt });
  peer.custody.keep({ ...opening, publishAtMs: 0 }, effects);
  const operation = postSigned(peer, key, { kind: "commit", auction, commitment, lockup, recovery }, nowMs, effects);
  return operationId(operation);
}

/** Publishes the bids whose time has come, and lets go of those that came too late. */
export function publishDueCommits(peer: Peer, nowMs: number, effects: Effects): void {
  for (const opening of peer.custody.unpublished()) {
    if (opening.publishAtMs > nowMs) return;
    const auction = peer.ledger.auctionOf(opening.auction);
    if (auction?.phase.kind === "open") publishCommit(peer, opening, nowMs, effects);
  }
}

/** The next time at which a kept bid is to be published; later than now, or not by time. */
export function nextPublication(peer: Peer, nowMs: number): number | null {
  const next = peer.custody.unpublished().find((one) => one.publishAtMs > nowMs);
  return next?.publishAtMs ?? null;
}

/**
 * After an executed entry: opens what may be opened, and forgets what is over.
 * An entry executes only when it is final, so a phase seen here is one that no leader can take back (§2.2).
 */
export function followAuctions(peer: Peer, nowMs: number, effects: Effects): void {
  recoverOpenings(peer, effects);
  for (const id of peer.custody.auctions()) {
    const auction = peer.ledger.auctions.get(id);
    if (auction?.phase.kind === "reveal") openAuction(peer, auction, nowMs, effects);
    else if (auction !== undefined && "endedMs" in auction.phase) peer.custody.forget(auction.id, effects);
  }
}

function openAuction(peer: Peer, auction: Auction, nowMs: number, effects: Effects): void {
  for (const key of peer.agents.values()) {
    const commit = peer.ledger.commitOf(auction.id, key.publicKey);
    if (commit !== null && commit.opening === null) reveal(peer, auction.id, commit, nowMs, effects);
  }
  const hidden = peer.custody.reserveOf(auction.id);
  if (hidden === null || auction.openedReserve !== null) return;
  const { reserve, salt } = hidden;
  postSelfProving(peer, { kind: "openReserve", auction: auction.id, reserve, salt }, nowMs, effects);
}

function reveal(peer: Peer, auction: AuctionId, commit: Commit, nowMs: number, effects: Effects): void {
  const opening = peer.custody.find(auction, commit.bidder, commit.commitment);
  if (opening === null) return;
  const { bidder, bid, salt } = opening;
  postSelfProving(peer, { kind: "reveal", auction, bidder, bid, salt }, nowMs, effects);
}

/** Finds in the log what this disk has lost: live commits of own agents whose opening is not held (§2.4). */
export function recoverOpenings(peer: Peer, effects: Effects): void {
  for (const [agent, key] of peer.agents) {
    const account = peer.ledger.accounts.get(agent);
    if (account === undefined) continue;
    for (const auction of account.locks.keys()) recoverIn(peer, key, agent, auction, effects);
  }
}

function recoverIn(peer: Peer, key: AgentKey, agent: Hex, auctionHex: Hex, effects: Effects): void {
  const commit = peer.ledger.commits.get(auctionHex)?.get(agent);
  const auction = peer.ledger.auctions.get(auctionHex);
  if (commit === undefined || auction === undefined || commit.opening !== null) return;
  if (peer.custody.find(auction.id, key.publicKey, commit.commitment) !== null) return;
  if (!peer.custody.triesFirst(commit.commitment)) return;
  const found = findRecovery(key, auction.id, RECOVERY_COUNTERS, commit.recovery);
  if (found === null) return;
  const bid = decode(bidCodec, found.bidBytes, MAX_BID_BYTES);
  if (!bid.ok) return;
  peer.custody.keep(
    {
      auction: auction.id,
      bidder: key.publicKey,
      counter: found.counter,
      bid: bid.value,
      salt: found.salt,
      commitment: commit.commitment,
      lockup: commit.lockup,
      publishAtMs: 0,
    },
    effects,
  );
}
