// History: what the log's entries did, kept where the ledger forgets it; each kind newest first.
import { z } from "zod";
import { historyDocument } from "./document.js";
import { pagedByPlace, peerQuery, type Route, read } from "./route.js";
import { amount, capabilityGiven, capabilityText, count, hex32, hexPrefix, time } from "./scalar.js";
import { tradeView } from "./trade.js";

/** What an auction that ended with awards has found. */
export const priceView = z.strictObject({
  height: count,
  time,
  auction: hex32,
  capability: capabilityText,
  direction: z.enum(["sell", "buy"]),
  format: z.string(),
  /** that changed hands */
  units: count,
  /** of one unit where bids are by units, else of the whole lot */
  price: amount,
  /** that were opened */
  bids: count,
});
export type PriceView = z.output<typeof priceView>;

const priceListDocument = historyDocument("PriceList", priceView);
const endedTradeListDocument = historyDocument("EndedTradeList", tradeView);

export const HISTORY_ROUTES = {
  prices: read(
    "history",
    "/v1/history/prices",
    "Clearing prices, newest first",
    priceListDocument,
    z.strictObject({ ...peerQuery, ...pagedByPlace, capability: capabilityGiven.optional() }),
  ),
  endedTrades: read(
    "history",
    "/v1/history/trades",
    "Trades that have ended, newest first",
    endedTradeListDocument,
    z.strictObject({
      ...peerQuery,
      ...pagedByPlace,
      agent: hexPrefix.optional().describe("one of the parties; not together with `capability`"),
      capability: capabilityGiven.optional(),
    }),
  ),
} as const satisfies Record<string, Route>;
