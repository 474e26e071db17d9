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
import { chargeViolation, type Penalty } from "../justice/violation.js";
import type { Violation } from "../standing/deeds.js";
import { recordDeed } from "../standing/standing.js";
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
  const penalty = answer(ledger, trade, cause, at);
  const ended = setState(ledger, trade.id, {
    outagesMs: trade.outagesMs,
    state: {
      kind: "ended",
      cause,
      endedAt: at.height,
      endedMs: at.timeMs,
      hash: trade.state.kind === "delivered" ? trade.state.hash : null,
      ...money,
      penalty,
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
  if (received > 0n) spendLock(ledger, buyer, lock, received, ledger.accountOf(trade.performer)!);
  if (fee > 0n) spendLock(ledger, buyer, lock, fee, null);
  lowerLock(ledger, buyer, lock, left);
}

/** What the performer did wrong where a trade ends so; null: nothing. */
const VIOLATION: Readonly<Record<EndCause, Violation | null>> = {
  accepted: null,
  unopposed: null,
  failed: "failure",
  timedOut: "timeout",
};

/**
 * Charges what the end is punished with, counts the deed for the performer's standing, and gives back what is left of the
 * trade's part of the lien: under the auction's id the parts of its other trades stay.
 */
function answer(
  ledger: Ledger,
  { auction, performer, lien, price }: Trade,
  cause: EndCause,
  at: Pick<Moment, "timeMs">,
): Penalty | null {
  const account = ledger.accountOf(performer)!;
  const others = lienAmount(account, auction) - lien;
  const condition = VIOLATION[cause];
  const penalty =
    condition === null
      ? null
      : chargeViolation(ledger, { agent: performer, condition, auction, lien, price }, at);
  if (condition === null) recordDeed(ledger, performer, "delivered", price, at);
  lowerLien(ledger, account, auction, others);
  return penalty;
}
