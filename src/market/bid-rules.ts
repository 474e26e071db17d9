// The bidders' rules: when a commit is taken, and what opens it (PROTOCOL §2.2, §2.3, §2.4).
import { equalBytes, toHex } from "../base/index.js";
import {
  type Auction,
  type AuctionId,
  fundsAreFree,
  isEnded,
  type Ledger,
  lockedAmount,
  MAX_COMMITS,
  MAX_LOCKS,
  type Rejection,
  type Rule,
  reject,
  revealCapacityOf,
} from "../ledger/index.js";
import { bidCommitment, hiddenReserveHash } from "./sealed.js";

const auctionExists = (ledger: Ledger, body: { readonly auction: AuctionId }): Rejection | null =>
  ledger.auctionOf(body.auction) === null ? reject("AUCTION_UNKNOWN") : null;

const bidsAreTaken: Rule<"commit"> = (ledger, body, _, at) => {
  const { phase, terms } = ledger.auctionOf(body.auction)!;
  if (phase.kind === "open") return null;
  if (phase.kind === "scheduled") {
    return reject("COMMIT_BEFORE_OPEN", { openMs: terms.openMs, includedMs: at.timeMs });
  }
  const closedMs = phase.kind === "reveal" ? phase.openedMs : phase.endedMs;
  return reject("COMMIT_AFTER_CLOSE", { phase: phase.kind, closedMs, includedMs: at.timeMs });
};

/** Its account has one lock in the auction at most, and a bid of one's own only moves one's own price. */
const bidderIsNotSeller: Rule<"commit"> = (ledger, body, by) =>
  equalBytes(ledger.auctionOf(body.auction)!.seller, by.from) ? reject("BIDDER_IS_SELLER") : null;

const lockupIsOffered: Rule<"commit"> = (ledger, body) => {
  const { lockups } = ledger.auctionOf(body.auction)!.terms;
  return lockups.includes(body.lockup)
    ? null
    : reject("LOCKUP_NOT_OFFERED", { lockup: body.lockup.toString(), lockups: lockups.join(",") });
};

/** What an earlier commit of the same bidder has locked comes back before the new lockup is taken. */
const lockupIsFree: Rule<"commit"> = (ledger, body, by) => {
  const account = ledger.accountOf(by.from)!;
  const earlier = account.locks.get(toHex(body.auction));
  if (earlier === undefined && account.locks.size >= MAX_LOCKS) return reject("TOO_MANY_LOCKS");
  return fundsAreFree(ledger, by, body.lockup - (earlier === undefined ? 0n : lockedAmount(earlier)));
};

/** An end that nobody could prove whole is not to be: what bids are left out, nobody could tell. */
const endIsProvable: Rule<"commit"> = (ledger, body, by) => {
  const { commits } = ledger.auctionOf(body.auction)!;
  const isNew = ledger.commitOf(body.auction, by.from) === null;
  return isNew && commits >= MAX_COMMITS ? reject("AUCTION_FULL", { commits }) : null;
};

/** The ledger time in which an auction's reveals fall, as far as it is known. */
function revealWindow(auction: Auction, nowMs: number): readonly [fromMs: number, toMs: number] | null {
  const { phase, terms } = auction;
  if (phase.kind === "scheduled") {
    const fromMs = Math.max(terms.openMs, nowMs) + terms.commitMs;
    return [fromMs, fromMs + terms.revealMs];
  }
  if (phase.kind === "open") return [phase.closeMs, phase.closeMs + terms.revealMs];
  if (phase.kind === "reveal") return [phase.openedMs, phase.closeMs ?? nowMs + terms.revealMs];
  return null;
}

/** Live commits that will be revealed in windows overlapping the auction's, its own included. */
function concurrentReveals(ledger: Ledger, auction: Auction, nowMs: number): number {
  const own = revealWindow(auction, nowMs);
  let sum = 0;
  for (const other of ledger.unfinished.values()) {
    const window = revealWindow(other, nowMs);
    if (own !== null && window !== null && own[0] < window[1] && window[0] < own[1]) sum += other.commits;
  }
  return sum;
}

/** No more commits than can be revealed in time: congestion must not make the honest forfeit (§2.3, layer 2). */
const revealsFitWindow: Rule<"commit"> = (ledger, body, by, at) => {
  if (ledger.commitOf(body.auction, by.from) !== null) return null;
  const auction = ledger.auctionOf(body.auction)!;
  const capacity = revealCapacityOf(ledger.params, auction.terms.revealMs);
  if (ledger.waitingCommits < capacity) return null;
  const waiting = concurrentReveals(ledger, auction, at.timeMs);
  return waiting < capacity ? null : reject("REVEAL_CAPACITY_EXCEEDED", { waiting, capacity });
};

export const COMMIT_RULES: readonly Rule<"commit">[] = [
  auctionExists,
  bidsAreTaken,
  bidderIsNotSeller,
  lockupIsOffered,
  lockupIsFree,
  endIsProvable,
  revealsFitWindow,
];

function revealIsOpen(ledger: Ledger, body: { readonly auction: AuctionId }): Rejection | null {
  const { phase } = ledger.auctionOf(body.auction)!;
  if (phase.kind === "reveal") return null;
  if (isEnded(phase)) return reject("REVEAL_TOO_LATE", { phase: phase.kind, closedMs: phase.endedMs });
  return reject("REVEAL_TOO_EARLY", { phase: phase.kind });
}

const commitExists: Rule<"reveal"> = (ledger, body) =>
  ledger.commitOf(body.auction, body.bidder) === null ? reject("COMMIT_UNKNOWN") : null;

const isFirstReveal: Rule<"reveal"> = (ledger, body) =>
  ledger.commitOf(body.auction, body.bidder)!.opening === null ? null : reject("ALREADY_REVEALED");

const openingMatches: Rule<"reveal"> = (ledger, { auction, bidder, bid, salt }) => {
  const { commitment } = ledger.commitOf(auction, bidder)!;
  return equalBytes(bidCommitment(ledger.network, auction, bidder, bid, salt), commitment)
    ? null
    : reject("OPENING_MISMATCH");
};

const bidIsLocked: Rule<"reveal"> = (ledger, { auction, bidder, bid }) => {
  const { lockup } = ledger.commitOf(auction, bidder)!;
  return bid.amount <= lockup ? null : reject("BID_ABOVE_LOCKUP", { lockup: lockup.toString() });
};

export const REVEAL_RULES: readonly Rule<"reveal">[] = [
  auctionExists,
  revealIsOpen,
  commitExists,
  isFirstReveal,
  openingMatches,
  bidIsLocked,
];

const reserveIsHidden: Rule<"openReserve"> = (ledger, body) =>
  ledger.auctionOf(body.auction)!.terms.reserveHash === null ? reject("NO_HIDDEN_RESERVE") : null;

const reserveIsNotOpened: Rule<"openReserve"> = (ledger, body) =>
  ledger.auctionOf(body.auction)!.openedReserve === null ? null : reject("RESERVE_ALREADY_OPENED");

const reserveMatches: Rule<"openReserve"> = (ledger, { auction, reserve, salt }) => {
  const { reserveHash } = ledger.auctionOf(auction)!.terms;
  return equalBytes(hiddenReserveHash(ledger.network, auction, reserve, salt), reserveHash!)
    ? null
    : reject("OPENING_MISMATCH");
};

const reserveReachesPublic: Rule<"openReserve"> = (ledger, body) => {
  const { reserve } = ledger.auctionOf(body.auction)!.terms;
  return body.reserve >= reserve ? null : reject("RESERVE_BELOW_PUBLIC", { reserve: reserve.toString() });
};

export const OPEN_RESERVE_RULES: readonly Rule<"openReserve">[] = [
  auctionExists,
  revealIsOpen,
  reserveIsHidden,
  reserveIsNotOpened,
  reserveMatches,
  reserveReachesPublic,
];
