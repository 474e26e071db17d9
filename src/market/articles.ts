// The rulebook of auctions: what each operation must keep, and what it then does.
import {
  type Auction,
  type Ledger,
  lockFree,
  type Moment,
  newAuction,
  type Rulebook,
  releaseLock,
} from "../ledger/index.js";
import { endAuction } from "./advance.js";
import { COMMIT_RULES, OPEN_RESERVE_RULES, REVEAL_RULES } from "./bid-rules.js";
import { CANCEL_RULES, CREATE_RULES } from "./offer-rules.js";

/** Every lock of a cancelled auction returns: nobody has committed, so it is the seller's bond at most. */
function cancelAuction(ledger: Ledger, auction: Auction, at: Moment): void {
  if (auction.terms.sellerBond > 0n) releaseLock(ledger, ledger.accountOf(auction.seller)!, auction.id);
  endAuction(ledger, auction, { kind: "cancelled", endedAt: at.height, endedMs: at.timeMs });
}

export const AUCTION_RULES: Rulebook<"createAuction" | "cancel" | "commit" | "reveal" | "openReserve"> = {
  createAuction: {
    rules: CREATE_RULES,
    effect(ledger, terms, by, at) {
      const auction = newAuction(ledger.network, by.from, by.nonce, terms, at);
      if (terms.sellerBond > 0n) lockFree(ledger, ledger.accountOf(by.from)!, auction.id, terms.sellerBond);
      ledger.addAuction(auction);
    },
  },
  cancel: {
    rules: CANCEL_RULES,
    effect: (ledger, body, _, at) => cancelAuction(ledger, ledger.auctionOf(body.auction)!, at),
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
