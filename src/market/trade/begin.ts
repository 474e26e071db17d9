// Trades begin at an auction's outcome, one for each award (spec/trades#beginning).
import type { Ledger, Moment } from "../../ledger/index.js";
import type { Auction } from "../auction/auction.js";
import type { TradeTerms } from "../auction/settlement.js";
import { type Trade, tradeIdOf } from "./trade.js";
import { addTrades } from "./trades.js";

/**
 * Writes the trades of an outcome: the seller delivers to the buyer, whoever opened the auction. Time for the delivery
 * runs from the entry on, or from when the lot can be used first.
 * @returns them, in the order given
 */
export function beginTrades(
  ledger: Ledger,
  { id, creator, terms }: Pick<Auction, "id" | "creator" | "terms">,
  agreed: readonly TradeTerms[],
  at: Pick<Moment, "height" | "timeMs">,
): readonly Trade[] {
  if (agreed.length === 0) return [];
  const { direction, lot, deliverMs, settleMs } = terms;
  const { outagesMs } = ledger.clock;
  const deliverByMs = Math.max(at.timeMs, lot.fromMs ?? 0) + deliverMs;
  const trades = agreed.map(({ bidder, units, price, lien }): Trade => {
    const [performer, buyer] = direction === "sell" ? [creator, bidder] : [bidder, creator];
    return {
      id: tradeIdOf(id, performer, buyer),
      auction: id,
      performer,
      buyer,
      capability: lot.capability,
      units,
      price,
      lien,
      fence: at.height,
      settleMs,
      outagesMs,
      state: { kind: "due", deliverByMs },
    };
  });
  addTrades(ledger, id, trades);
  return trades.map((trade) => ({ ...trade }));
}
