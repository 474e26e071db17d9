// Revealing a sealed bid: what opens a commit, once, in REVEAL (spec/auctions#reveals).
import { equalBytes, toHex } from "../../../base/index.js";
import { type Ledger, reject } from "../../../ledger/index.js";
import type { Proven } from "../../subject.js";
import { auctionOf, commitOf, openCommit } from "../auctions.js";
import { worthOf } from "../formats/format.js";
import {
  type AuctionBody,
  type AuctionFact,
  type AuctionRefusal,
  auctionExists,
  type ProvenRule,
} from "../rules.js";
import { endedSince, OPENING, openingTarget, revealIsOpen } from "./opening.js";
import { bidCommitment, unitsFault } from "./sealed.js";

const commitExists: ProvenRule<"reveal"> = (ledger, body) =>
  commitOf(ledger, body.auction, body.bidder) === null ? reject("COMMIT_UNKNOWN") : null;

const isFirstReveal: ProvenRule<"reveal"> = (ledger, body) =>
  commitOf(ledger, body.auction, body.bidder)!.opening === null ? null : reject("ALREADY_REVEALED");

/** Whether the opening is that of a live commit, whatever the phase. */
function bidIsOpened(ledger: Ledger, { auction, bidder, bid, salt }: AuctionBody<"reveal">): boolean {
  const commit = commitOf(ledger, auction, bidder);
  if (commit === null) return false;
  return equalBytes(bidCommitment(ledger.network, auction, bidder, bid, salt), commit.commitment);
}

const openingMatches: ProvenRule<"reveal"> = (ledger, body) =>
  bidIsOpened(ledger, body) ? null : reject("OPENING_MISMATCH");

/** What a bid may cost its bidder is locked; who is bought from pays nothing. */
const bidIsLocked: ProvenRule<"reveal"> = (ledger, { auction, bidder, bid }) => {
  const { lockup } = commitOf(ledger, auction, bidder)!;
  const isBought = auctionOf(ledger, auction)!.terms.direction === "buy";
  return isBought || worthOf(bid) <= lockup
    ? null
    : reject("BID_ABOVE_LOCKUP", { lockup: lockup.toString() });
};

const bidSuitsFormat: ProvenRule<"reveal"> = (ledger, { auction, bid }) =>
  unitsFault(auctionOf(ledger, auction)!.terms, bid);

const REVEAL_RULES: readonly ProvenRule<"reveal">[] = [
  auctionExists,
  revealIsOpen,
  commitExists,
  isFirstReveal,
  openingMatches,
  bidSuitsFormat,
  bidIsLocked,
];

export const REVEAL: Proven<AuctionBody<"reveal">, AuctionRefusal, AuctionFact> = {
  ...OPENING,
  rules: REVEAL_RULES,
  effect(ledger, { auction, bidder, bid, salt }) {
    openCommit(ledger, auction, bidder, { bid, salt });
    return [{ kind: "revealed", auction, bidder, bid }];
  },
  target: (body) => openingTarget(body.auction, toHex(body.bidder)),
  countedAt: (ledger, body, height) =>
    endedSince(ledger, body.auction, height) &&
    commitOf(ledger, body.auction, body.bidder)?.opening === null &&
    bidIsOpened(ledger, body),
  isGrounded: bidIsOpened,
};
