// The end of a trade: its price is paid or returns, and its part of the lien is free again (spec/trades#ending).
import { invariant } from "../../base/index.js";
import {
  type Ledger,
  type LockName,
  lienAmount,
  lockedAmount,
  lockOf,
  lowerLien,
  lowerLock,
  type Moment,
  spendLock,
} from "../../ledger/index.js";
import { auctionOf } from "../auction/auctions.js";
import { type TradeMoney, tradeMoney } from "./money.js";
import { type EndCause, type EndedTrade, hasEnded, type Trade } from "./trade.js";
import { setState } from "./trades.js";

/** Ends a trade that runs. @returns it, as it stands now */
export function endTrade(
  ledger: Ledger,
  trade: Trade,
  cause: EndCause,
  at: Pick<Moment, "height" | "timeMs">,
): EndedTrade {
  const money = tradeMoney(cause, trade.price, ledger.params);
  movePrice(ledger, trade, money);
  freeLien(ledger, trade);
  const ended = setState(ledger, trade.id, {
    outagesMs: trade.outagesMs,
    state: {
      kind: "ended",
      cause,
      endedAt: at.height,
      endedMs: at.timeMs,
      hash: trade.state.kind === "delivered" ? trade.state.hash : null,
      ...money,
    },
  });
  invariant(hasEnded(ended), "what was ended has ended");
  return ended;
}

/** Pays, burns and returns the price out of the lock that has held it since before the outcome: the bid's, or the ceiling. */
function movePrice(ledger: Ledger, trade: Trade, { received, fee }: TradeMoney): void {
  if (trade.price === 0n) return;
  const buyer = ledger.accountOf(trade.buyer)!;
  const { direction } = auctionOf(ledger, trade.auction)!.terms;
  const lock: LockName = { id: trade.auction, reason: direction === "sell" ? "bid" : "ceiling" };
  const left = lockedAmount(lockOf(buyer, lock)!) - trade.price;
  spendLock(ledger, buyer, lock, received, ledger.accountOf(trade.performer)!);
  spendLock(ledger, buyer, lock, fee, null);
  lowerLock(ledger, buyer, lock, left);
}

/** Of the lien under the auction's id the parts of its other trades stay. */
function freeLien(ledger: Ledger, { auction, performer, lien }: Trade): void {
  const account = ledger.accountOf(performer)!;
  lowerLien(ledger, account, auction, lienAmount(account, auction) - lien);
}
