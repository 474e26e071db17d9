// The bidders' rules: when a commit is taken, and what opens it (spec/auctions#commits, spec/auctions#reveals).
import { equalBytes, toHex } from "../base/index.js";
import {
  type AuctionId,
  auctionOf,
  type BodyOf,
  commitOf,
  fundsAreFree,
  isEnded,
  type Ledger,
  lockedAmount,
  MAX_COMMITS,
  MAX_LOCKS,
  type Rejection,
  type Rule,
  reject,
} from "../ledger/index.js";
import { highestLockup } from "./offer-rules.js";
import { revealShortage, roomFeeRefusal } from "./reveal-room.js";
import { bidCommitment, hiddenReserveHash } from "./sealed.js";

const auctionExists = (ledger: Ledger, body: { readonly auction: AuctionId }): Rejection | null =>
  auctionOf(ledger, body.auction) === null ? reject("AUCTION_UNKNOWN") : null;

const bidsAreTaken: Rule<"commit"> = (ledger, body, _, at) => {
  const { phase, terms } = auctionOf(ledger, body.auction)!;
  if (phase.kind === "open") return null;
  if (phase.kind === "scheduled") {
    return reject("COMMIT_BEFORE_OPEN", { openMs: terms.openMs, includedMs: at.timeMs });
  }
  const closedMs = phase.kind === "reveal" ? phase.openedMs : phase.endedMs;
  return reject("COMMIT_AFTER_CLOSE", { phase: phase.kind, closedMs, includedMs: at.timeMs });
};

/** Its account has one lock in the auction at most, and a bid of one's own only moves one's own price. */
const bidderIsNotSeller: Rule<"commit"> = (ledger, body, by) =>
  equalBytes(auctionOf(ledger, body.auction)!.seller, by.from) ? reject("BIDDER_IS_SELLER") : null;

const lockupIsOffered: Rule<"commit"> = (ledger, body) => {
  const { lockups } = auctionOf(ledger, body.auction)!.terms;
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
  const { commits } = auctionOf(ledger, body.auction)!;
  const isNew = commitOf(ledger, body.auction, by.from) === null;
  return isNew && commits >= MAX_COMMITS ? reject("AUCTION_FULL", { commits }) : null;
};

/** No more commits than can be revealed in time: congestion must not make the honest forfeit (spec/auctions#reveal-room). */
const revealHasRoom: Rule<"commit"> = (ledger, body, by) => {
  if (commitOf(ledger, body.auction, by.from) !== null) return null;
  const shortage = revealShortage(ledger, auctionOf(ledger, body.auction)!);
  return shortage === null ? null : reject("REVEAL_CAPACITY_EXCEEDED", { ...shortage });
};

/** Past half, room has a price that rises with what is taken: nobody fills it for little (ADR 0045). */
const roomIsPaid: Rule<"commit"> = (ledger, body, by) => roomFeeRefusal(ledger, body, by);

export const COMMIT_RULES: readonly Rule<"commit">[] = [
  auctionExists,
  bidsAreTaken,
  bidderIsNotSeller,
  lockupIsOffered,
  lockupIsFree,
  endIsProvable,
  revealHasRoom,
  roomIsPaid,
];

function revealIsOpen(ledger: Ledger, body: { readonly auction: AuctionId }): Rejection | null {
  const { phase } = auctionOf(ledger, body.auction)!;
  if (phase.kind === "reveal") return null;
  if (isEnded(phase)) return reject("REVEAL_TOO_LATE", { phase: phase.kind, closedMs: phase.endedMs });
  return reject("REVEAL_TOO_EARLY", { phase: phase.kind });
}

const commitExists: Rule<"reveal"> = (ledger, body) =>
  commitOf(ledger, body.auction, body.bidder) === null ? reject("COMMIT_UNKNOWN") : null;

const isFirstReveal: Rule<"reveal"> = (ledger, body) =>
  commitOf(ledger, body.auction, body.bidder)!.opening === null ? null : reject("ALREADY_REVEALED");

/** Whether the opening is that of a live commit, whatever the phase. */
export function bidIsOpened(ledger: Ledger, { auction, bidder, bid, salt }: BodyOf<"reveal">): boolean {
  const commit = commitOf(ledger, auction, bidder);
  if (commit === null) return false;
  return equalBytes(bidCommitment(ledger.network, auction, bidder, bid, salt), commit.commitment);
}

const openingMatches: Rule<"reveal"> = (ledger, body) =>
  bidIsOpened(ledger, body) ? null : reject("OPENING_MISMATCH");

const bidIsLocked: Rule<"reveal"> = (ledger, { auction, bidder, bid }) => {
  const { lockup } = commitOf(ledger, auction, bidder)!;
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
  auctionOf(ledger, body.auction)!.terms.reserveHash === null ? reject("NO_HIDDEN_RESERVE") : null;

const reserveIsNotOpened: Rule<"openReserve"> = (ledger, body) =>
  auctionOf(ledger, body.auction)!.openedReserve === null ? null : reject("RESERVE_ALREADY_OPENED");

/** Whether the opening is that of an auction's hidden reserve, whatever the phase. */
export function reserveIsOpened(ledger: Ledger, { auction, reserve, salt }: BodyOf<"openReserve">): boolean {
  const hidden = auctionOf(ledger, auction)?.terms.reserveHash ?? null;
  return hidden !== null && equalBytes(hiddenReserveHash(ledger.network, auction, reserve, salt), hidden);
}

const reserveMatches: Rule<"openReserve"> = (ledger, body) =>
  reserveIsOpened(ledger, body) ? null : reject("OPENING_MISMATCH");

const reserveReachesPublic: Rule<"openReserve"> = (ledger, body) => {
  const { reserve } = auctionOf(ledger, body.auction)!.terms;
  return body.reserve >= reserve ? null : reject("RESERVE_BELOW_PUBLIC", { reserve: reserve.toString() });
};

/** No bid is above the highest lockup: a higher reserve would only call the sale off. */
const reserveCanBeMet: Rule<"openReserve"> = (ledger, body) => {
  const highest = highestLockup(auctionOf(ledger, body.auction)!.terms);
  return body.reserve <= highest
    ? null
    : reject("RESERVE_ABOVE_LOCKUP", { reserve: body.reserve.toString(), highest: highest.toString() });
};

export const OPEN_RESERVE_RULES: readonly Rule<"openReserve">[] = [
  auctionExists,
  revealIsOpen,
  reserveIsHidden,
  reserveIsNotOpened,
  reserveMatches,
  reserveReachesPublic,
  reserveCanBeMet,
];
