// Committing to a sealed bid: when that is taken, and what it locks (spec/auctions#commits).
import { equalBytes } from "../../../base/index.js";
import {
  type Account,
  drawFault,
  type Ledger,
  type LockName,
  lockOf,
  lowerLien,
  MAX_COMMITS,
  MAX_LOCKS,
  reject,
  releaseLock,
  setAside,
  standBehind,
  takeLien,
} from "../../../ledger/index.js";
import { payerMultiplierBp } from "../../standing/credit.js";
import { standingScore } from "../../standing/standing.js";
import type { Signed } from "../../subject.js";
import { auctionOf, commitOf, putCommit } from "../auctions.js";
import type { AuctionId } from "../id.js";
import { lienFault, lockupIsLien } from "../lien.js";
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

/** Whether the lockup is a lien, as far as the auction is known: bids in others lock funds. */
const isLien = (ledger: Ledger, auction: AuctionId): boolean => {
  const terms = auctionOf(ledger, auction)?.terms;
  return terms !== undefined && lockupIsLien(terms, ledger.params);
};

/** What an earlier commit of the same bidder has locked comes back before the new lockup is taken. */
const lockupIsFree: SignedRule<"commit"> = (ledger, { auction, lockup }, { from, fee }, { timeMs }) => {
  if (isLien(ledger, auction)) return lienFault(ledger, from, auction, lockup);
  const account = ledger.accountOf(from)!;
  const replaces: LockName = { id: auction, reason: "bid" };
  if (lockOf(account, replaces) === null && account.locks.size >= MAX_LOCKS) return reject("TOO_MANY_LOCKS");
  const locks = { amount: lockup, multiplierBp: payerMultiplierBp(ledger, from, timeMs), lien: 0n };
  return drawFault(ledger, from, timeMs, { fee, taken: 0n, locks, own: 0n, auction, replaces });
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

/** Sets the lockup aside, in the place of an earlier one: as a lock on funds, or as a lien on stake. */
function setLockup(
  ledger: Ledger,
  account: Account,
  auction: AuctionId,
  lockup: bigint,
  timeMs: number,
): void {
  if (isLien(ledger, auction)) {
    lowerLien(ledger, account, auction, 0n);
    takeLien(ledger, account, auction, { kind: "trade", amount: lockup });
    standBehind(ledger, auction, account.id, timeMs);
    return;
  }
  const lock: LockName = { id: auction, reason: "bid" };
  if (lockOf(account, lock) !== null) releaseLock(ledger, account, lock);
  setAside(ledger, account, lock, lockup, timeMs);
}

export const COMMIT: Signed<AuctionBody<"commit">, AuctionRefusal, AuctionFact> = {
  by: "sender",
  lane: "critical",
  rules: COMMIT_RULES,
  effect(ledger, { auction, commitment, lockup, recovery }, by, at) {
    const account = ledger.accountOf(by.from)!;
    setLockup(ledger, account, auction, lockup, at.timeMs);
    const commit = {
      bidder: by.from,
      commitment,
      lockup,
      recovery,
      committedAt: at.height,
      standing:
        auctionOf(ledger, auction)!.terms.standingWeight === null ? null : standingScore(ledger, by.from),
      opening: null,
      award: null,
    };
    putCommit(ledger, auction, commit);
    return [{ kind: "committed", auction, bidder: by.from, lockup, commitment }];
  },
  takes: (ledger, body, held) => (isLien(ledger, body.auction) ? 0n : body.lockup - held),
  locks: (ledger, body) => (isLien(ledger, body.auction) ? 0n : body.lockup),
  isLimited: true,
  takesOwn: () => 0n,
  changesBudgetOf: () => null,
  agreed: () => null,
  takesStake: (ledger, body, held) => (isLien(ledger, body.auction) ? body.lockup - held : 0n),
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
