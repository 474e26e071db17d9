// Clearing prices: what each auction that ended with awards found, by the capability that was sold.
import { amount, hash, oneOf, struct, type TypeOf, uint, word } from "../../base/index.js";
import { auctionOf, DIRECTIONS, type Settled } from "../../market/index.js";
import { type Executed, historyKind } from "./kind.js";

const MAX_FORMAT_LETTERS = 32;

export const keptPrice = struct({
  timeMs: [0, uint()],
  auction: [1, hash],
  capability: [2, word(64)],
  direction: [3, oneOf(DIRECTIONS)],
  /** its name in the terms; where bids are by units, the price is of one unit, else of the whole lot */
  format: [4, word(MAX_FORMAT_LETTERS)],
  /** that changed hands */
  units: [5, uint(undefined, 1)],
  price: [6, amount],
  /** that were opened */
  bids: [7, uint()],
});
export type KeptPrice = TypeOf<typeof keptPrice>;

export const PRICES = historyKind<KeptPrice>(
  keptPrice,
  (executed) => executed.outcome.settlements.flatMap((one) => priceOf(executed, one)),
  ({ capability }) => [`capability/${capability}`],
);

/** An auction that has ended is in the ledger after the entry that settled it: nothing is forgotten so soon. */
function priceOf({ header, ledger }: Executed, { auction, awards, clearingPrice }: Settled): KeptPrice[] {
  const found = auctionOf(ledger, auction);
  if (clearingPrice === null || found === null) return [];
  const { lot, direction, format } = found.terms;
  return [
    {
      timeMs: header.timeMs,
      auction,
      capability: lot.capability,
      direction,
      format: format.kind,
      units: awards.reduce((sum, one) => sum + one.units, 0),
      price: clearingPrice,
      bids: found.reveals,
    },
  ];
}
