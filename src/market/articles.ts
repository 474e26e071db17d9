// The rulebook of auctions: what each operation must keep, and what it then does.
import {
  type Auction,
  depositOf,
  type Ledger,
  lockDeposit,
  lockFree,
  newAuction,
  type Rulebook,
  releaseDeposit,
  releaseLock,
} from "../ledger/index.js";
import { COMMIT_RULES, OPEN_RESERVE_RULES, REVEAL_RULES } from "./bid-rules.js";
import { CANCEL_RULES, CREATE_RULES } from "./offer-rules.js";

/** A cancelled auction leaves the state at once: nobody has committed, so nobody but its seller has anything in it. */
function cancelAuction(ledger: Ledger, auction: Auction): void {
  const seller = ledger.accountOf(auction.seller)!;
  if (auction.terms.sellerBond > 0n) releaseLock(ledger, seller, auction.id);
  releaseDeposit(ledger, seller, depositOf(auction.terms, ledger.params));
  ledger.forget(auction);
}

export const AUCTION_RULES: Rulebook<"createAuction" | "cancel" | "commit" | "reveal" | "openReserve"> = {
  createAuction: {
    rules: CREATE_RULES,
    effect(ledger, terms, by, at) {
      const auction = newAuction(ledger.network, by.from, by.nonce, terms, at);
      const seller = ledger.accountOf(by.from)!;
      lockDeposit(ledger, seller, depositOf(terms, ledger.params));
      if (terms.sellerBond > 0n) lockFree(ledger, seller, auction.id, terms.sellerBond);
      ledger.addAuction(auction);
    },
  },
  cancel: {
    rules: CANCEL_RULES,
    effect: (ledger, body) => cancelAuction(ledger, ledger.auctionOf(body.auction)!),
  },
  commit: {
    rules: COMMIT_RULES,
    effect(ledger, { auction, commitment, lockup, recovery }, by, at) {
      const account = ledger.accountOf(by.from)!;
      if (ledger.commitOf(auction, by.from) !== null) releaseLock(ledger, account, auction);
      lockFree(ledger, account, auction, lockup);
      ledger.putCommit(ledger.auctionOf(auction)!, {
        bidder: by.from,
        commitment,
        lockup,
        recovery,
        committedAt: at.height,
        opening: null,
      });
    },
  },
  reveal: {
    rules: REVEAL_RULES,
    effect(ledger, { auction, bidder, bid, salt }) {
      ledger.openCommit(ledger.auctionOf(auction)!, bidder, { bid, salt });
    },
  },
  openReserve: {
    rules: OPEN_RESERVE_RULES,
    effect(ledger, body) {
      const auction = ledger.auctionOf(body.auction)!;
      auction.openedReserve = body.reserve;
      ledger.touchAuction(auction);
    },
  },
};
