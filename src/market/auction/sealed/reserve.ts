// Opening a hidden reserve: once, in REVEAL, and not below the public one (spec/auctions#reveals).
import { equalBytes } from "../../../base/index.js";
import { type Ledger, reject } from "../../../ledger/index.js";
import type { Proven } from "../../subject.js";
import { AUCTIONS, auctionOf } from "../auctions.js";
import {
  type AuctionBody,
  type AuctionFact,
  type AuctionRefusal,
  auctionExists,
  type ProvenRule,
} from "../rules.js";
import { highestLockup } from "../terms.js";
import { endedSince, OPENING, openingTarget, revealIsOpen } from "./opening.js";
import { hiddenReserveHash } from "./sealed.js";

const reserveIsHidden: ProvenRule<"openReserve"> = (ledger, body) =>
  auctionOf(ledger, body.auction)!.terms.reserveHash === null ? reject("NO_HIDDEN_RESERVE") : null;

const reserveIsNotOpened: ProvenRule<"openReserve"> = (ledger, body) =>
  auctionOf(ledger, body.auction)!.openedReserve === null ? null : reject("RESERVE_ALREADY_OPENED");

/** Whether the opening is that of an auction's hidden reserve, whatever the phase. */
function reserveIsOpened(ledger: Ledger, { auction, reserve, salt }: AuctionBody<"openReserve">): boolean {
  const hidden = auctionOf(ledger, auction)?.terms.reserveHash ?? null;
  return hidden !== null && equalBytes(hiddenReserveHash(ledger.network, auction, reserve, salt), hidden);
}

const reserveMatches: ProvenRule<"openReserve"> = (ledger, body) =>
  reserveIsOpened(ledger, body) ? null : reject("OPENING_MISMATCH");

const reserveReachesPublic: ProvenRule<"openReserve"> = (ledger, body) => {
  const { reserve } = auctionOf(ledger, body.auction)!.terms;
  return body.reserve >= reserve ? null : reject("RESERVE_BELOW_PUBLIC", { reserve: reserve.toString() });
};

/** No bid is above the highest lockup: a higher reserve would only call the sale off. */
const reserveCanBeMet: ProvenRule<"openReserve"> = (ledger, body) => {
  const highest = highestLockup(auctionOf(ledger, body.auction)!.terms);
  return body.reserve <= highest
    ? null
    : reject("RESERVE_ABOVE_LOCKUP", { reserve: body.reserve.toString(), highest: highest.toString() });
};

const OPEN_RESERVE_RULES: readonly ProvenRule<"openReserve">[] = [
  auctionExists,
  revealIsOpen,
  reserveIsHidden,
  reserveIsNotOpened,
  reserveMatches,
  reserveReachesPublic,
  reserveCanBeMet,
];

export const OPEN_RESERVE: Proven<AuctionBody<"openReserve">, AuctionRefusal, AuctionFact> = {
  ...OPENING,
  rules: OPEN_RESERVE_RULES,
  effect(ledger, body) {
    ledger.change(AUCTIONS, body.auction, (auction) => {
      auction.openedReserve = body.reserve;
    });
    return [{ kind: "reserveOpened", auction: body.auction }];
  },
  target: (body) => openingTarget(body.auction, "reserve"),
  countedAt: (ledger, body, height) =>
    endedSince(ledger, body.auction, height) &&
    auctionOf(ledger, body.auction)?.openedReserve === null &&
    reserveIsOpened(ledger, body),
  isGrounded: reserveIsOpened,
};
