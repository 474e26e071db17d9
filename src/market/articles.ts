// The rulebook of auctions: what each operation must keep, and what it then does.
import {
  AUCTIONS,
  type Auction,
  auctionOf,
  commitOf,
  depositOf,
  forgetAuction,
  type Ledger,
  lockDeposit,
  lockFree,
  newAuction,
  openCommit,
  putCommit,
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
  releaseDeposit(ledger, seller, depositOf(auction.terms, auction.createdMs, ledger.params));
  forgetAuction(ledger, auction);
}

export const AUCTION_RULES: Rulebook<"createAuction" | "cancel" | "commit" | "reveal" | "openReserve"> = {
  createAuction: {
    rules: CREATE_RULES,
    effect(ledger, terms, by, at) {
      const auction = newAuction(ledger.network, by.from, by.nonce, terms, at);
      const seller = ledger.accountOf(by.from)!;
      lockDeposit(ledger, seller, depositOf(terms, at.timeMs, ledger.params));
      if (terms.sellerBond > 0n) lockFree(ledger, seller, auction.id, terms.sellerBond);
      ledger.put(AUCTIONS, auction.id, auction);
    },
  },
  cancel: {
    rules: CANCEL_RULES,
    effect: (ledger, body) => cancelAuction(ledger, auctionOf(ledger, body.auction)!),
  },
  commit: {
    rules: COMMIT_RULES,
    effect(ledger, { auction, commitment, lockup, recovery }, by, at) {
      const account = ledger.accountOf(by.from)!;
      if (commitOf(ledger, auction, by.from) !== null) releaseLock(ledger, account, auction);
      lockFree(ledger, account, auction, lockup);
      putCommit(ledger, auction, {
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
      openCommit(ledger, auction, bidder, { bid, salt });
    },
  },
  openReserve: {
    rules: OPEN_RESERVE_RULES,
    effect(ledger, body) {
      ledger.change(AUCTIONS, body.auction, (auction) => {
        auction.openedReserve = body.reserve;
      });
    },
  },
};
