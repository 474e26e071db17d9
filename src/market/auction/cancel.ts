// Calling an auction off, as long as nobody has committed (spec/auctions#cancelling).
import { equalBytes } from "../../base/index.js";
import { lowerLien, reject, releaseDeposit, releaseLock } from "../../ledger/index.js";
import { AT_ONCE, type Signed } from "../subject.js";
import { isEnded } from "./auction.js";
import { auctionOf, forgetAuction } from "./auctions.js";
import { ceilingOf } from "./create.js";
import { depositOf } from "./deposit.js";
import {
  type AuctionBody,
  type AuctionFact,
  type AuctionRefusal,
  auctionExists,
  type SignedRule,
} from "./rules.js";

const senderIsCreator: SignedRule<"cancel"> = (ledger, body, by) =>
  equalBytes(auctionOf(ledger, body.auction)!.creator, by.from) ? null : reject("NOT_THE_CREATOR");

const auctionHasNotEnded: SignedRule<"cancel"> = (ledger, body) => {
  const { phase } = auctionOf(ledger, body.auction)!;
  return isEnded(phase) ? reject("AUCTION_ENDED", { phase: phase.kind }) : null;
};

/** Whoever could call off an auction after a commit would have a free look at who comes. */
const nobodyHasCommitted: SignedRule<"cancel"> = (ledger, body) => {
  const { commits } = auctionOf(ledger, body.auction)!;
  return commits === 0 ? null : reject("AUCTION_HAS_COMMITS", { commits });
};

const CANCEL_RULES: readonly SignedRule<"cancel">[] = [
  auctionExists,
  senderIsCreator,
  auctionHasNotEnded,
  nobodyHasCommitted,
];

export const CANCEL: Signed<AuctionBody<"cancel">, AuctionRefusal, AuctionFact> = {
  by: "sender",
  lane: "bulk",
  rules: CANCEL_RULES,
  /** It leaves the state at once: nobody has committed, so nobody but its creator has anything in it. */
  effect(ledger, { auction: id }) {
    const auction = auctionOf(ledger, id)!;
    const creator = ledger.accountOf(auction.creator)!;
    if (auction.terms.bond > 0n) releaseLock(ledger, creator, { id, reason: "bond" });
    if (ceilingOf(auction.terms) > 0n) releaseLock(ledger, creator, { id, reason: "ceiling" });
    lowerLien(ledger, creator, id, 0n);
    releaseDeposit(ledger, creator, id, depositOf(auction.terms, auction.createdMs, ledger.params));
    forgetAuction(ledger, auction);
    return [{ kind: "cancelled", auction: id }];
  },
  ...AT_ONCE,
  takes: () => 0n,
  about: (body) => body.auction,
};
