// How a sale to one bidder, or to nobody, is told of.
import type { Award } from "../../src/market/index.js";

interface Sale {
  readonly awards: readonly Award[];
  readonly clearingPrice: bigint | null;
}

/** @param bidder null: nobody */
export const saleTo = (bidder: Uint8Array | null, price: bigint, units = 1): Sale =>
  bidder === null
    ? { awards: [], clearingPrice: null }
    : { awards: [{ bidder, units, pays: price, receives: 0n }], clearingPrice: price };
