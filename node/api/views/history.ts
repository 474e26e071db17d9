// Rows of history as the API shows them.
import { toHex } from "../../../src/base/index.js";
import type { KeptPrice } from "../../../src/peer/history/price.js";
import { type PriceView, timeOf } from "../../contract/index.js";
import { heightOf, type KeptRow } from "../../kept-history.js";

export const priceView = ({ place, row }: KeptRow<KeptPrice>): PriceView => ({
  height: heightOf(place),
  time: timeOf(row.timeMs),
  auction: toHex(row.auction),
  capability: row.capability,
  direction: row.direction,
  format: row.format,
  units: row.units,
  price: row.price.toString(),
  bids: row.bids,
});
