// Committing to a sealed bid: when that is taken, and what it locks (spec/auctions#commits).
import { equalBytes } from "../../../base/index.js";
import {
  drawFault,
  type LockName,
  lockFree,
  lockOf,
  MAX_COMMITS,
  MAX_LOCKS,
  PRIOR_STANDING,
  reject,
  releaseLock,
} from "../../../ledger/index.js";
import type { Signed } from "../../subject.js";
import { auctionOf, commitOf, putCommit } from "../auctions.js";
import { revealShortage, roomFeeRefusal, suggestedRoomFee } from "../reveal-room.js";
import {
  type AuctionBody,
  type AuctionFact,
  type AuctionRefusal,
  auctionExists,
  type SignedRule,
} from "../rules.js";

const bidsAreTaken: SignedRule<"commit"> = (ledger, body, _, at) => {
  const { phase, terms } = auctionOf(ledger, body.auction)!;
  if (phase.kind === "open") return null;
  if (phase.kind === "scheduled") {
    return reject("COMMIT_BEFORE_OPEN", { openMs: terms.openMs, includedMs: at.timeMs });
  }
  const closedMs = phase.kind === "reveal" ? phase.openedMs : phase.endedMs;
  return reject("COMMIT_AFTER_CLOSE", { phase: phase.kind, closedMs, includedMs: at.timeMs });
};

/** A creator's bid would only move its own price. */
const bidderIsNotCreator: SignedRule<"commit"> = (ledger, body, by) =>
  equalBytes(auctionOf(ledger, body.auction)!.creator, by.from) ? reject("BIDDER_IS_CREATOR") : null;

const lockupIsOffered: SignedRule<"commit"> = (ledger, body) => {
  const { lockups } = auctionOf(ledger, body.auction)!.terms;
  return lockups.includes(body.lockup)
    ? null
    : reject("LOCKUP_NOT_OFFERED", { lockup: body.lockup.toString(), lockups: lockups.join(",") });
};

/** What an earlier commit of the same bidder has locked comes back before the new lockup is taken. */
const lockupIsFree: SignedRule<"commit"> = (ledger, { auction, lockup }, { from, fee }, { timeMs }) => {
  const account = ledger.accountOf(from)!;
  const replaces: LockName = { id: auction, reason: "bid" };
  if (lockOf(account, replaces) === null && account.locks.size >= MAX_LOCKS) return reject("TOO_MANY_LOCKS");
  return drawFault(ledger, from, timeMs, { fee, taken: lockup, own: 0n, auction, replaces });
};

/** An end that nobody could prove whole is not to be: what bids are left out, nobody could tell. */
const endIsProvable: SignedRule<"commit"> = (ledger, body, by) => {
  const { commits } = auctionOf(ledger, body.auction)!;
  const isNew = commitOf(ledger, body.auction, by.from) === null;
  return isNew && commits >= MAX_COMMITS ? reject("AUCTION_FULL", { commits }) : null;
};

/** No more commits than can be revealed in time: congestion must not make the honest forfeit (spec/auctions#reveal-room). */
const revealHasRoom: SignedRule<"commit"> = (ledger, body, by) => {
  if (commitOf(ledger, body.auction, by.from) !== null) return null;
  const shortage = revealShortage(ledger, auctionOf(ledger, body.auction)!);
  return shortage === null ? null : reject("REVEAL_CAPACITY_EXCEEDED", { ...shortage });
};

/** Past half, room has a price that rises with what is taken: nobody fills it for little (ADR 0045). */
const roomIsPaid: SignedRule<"commit"> = (ledger, body, by) => roomFeeRefusal(ledger, body, by);

const COMMIT_RULES: readonly SignedRule<"commit">[] = [
  auctionExists,
  bidsAreTaken,
  bidderIsNotCreator,
  lockupIsOffered,
  lockupIsFree,
  endIsProvable,
  revealHasRoom,
  roomIsPaid,
];

export const COMMIT: Signed<AuctionBody<"commit">, AuctionRefusal, AuctionFact> = {
  by: "sender",
  lane: "critical",
  rules: COMMIT_RULES,
  effect(ledger, { auction, commitment, lockup, recovery }, by, at) {
    const account = ledger.accountOf(by.from)!;
    const lock: LockName = { id: auction, reason: "bid" };
    if (lockOf(account, lock) !== null) releaseLock(ledger, account, lock);
    lockFree(ledger, account, lock, lockup, at.timeMs);
    const commit = {
      bidder: by.from,
      commitment,
      lockup,
      recovery,
      committedAt: at.height,
      standing: auctionOf(ledger, auction)!.terms.standingWeight === null ? null : PRIOR_STANDING,
      opening: null,
      award: null,
    };
    putCommit(ledger, auction, commit);
    return [{ kind: "committed", auction, bidder: by.from, lockup, commitment }];
  },
  takes: (_, body, held) => body.lockup - held,
  takesOwn: () => 0n,
  changesBudgetOf: () => null,
  agreed: () => null,
  takesStake: () => 0n,
  unbonds: () => 0,
  placeFee: suggestedRoomFee,
  placeFault: roomFeeRefusal,
  replaces: (body) => ({ id: body.auction, reason: "bid" }),
  isVain(ledger, body) {
    const phase = auctionOf(ledger, body.auction)?.phase;
    return phase !== undefined && phase.kind !== "scheduled" && phase.kind !== "open";
  },
  isReady(ledger, body, timeMs) {
    const auction = auctionOf(ledger, body.auction);
    if (auction === null) return false;
    return auction.phase.kind !== "scheduled" || auction.terms.openMs <= timeMs;
  },
  about: (body) => body.auction,
};
