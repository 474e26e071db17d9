// Vickrey: the highest bid wins and pays the second highest, or the reserve (spec/auctions#outcome).
import { type Format, UNSOLD } from "./format.js";
import { ranking } from "./ranking.js";

export const VICKREY: Format = {
  /** The winner pays max(second valid bid, reserve); a lone one pays the reserve. The lot is sold whole. */
  outcome({ auction, units, reserve }, bids) {
    const [first, second] = ranking(auction, reserve, bids);
    if (first === undefined) return UNSOLD;
    const price = second?.amount ?? reserve;
    return { awards: [{ bidder: first.bidder, units, pays: price }], clearingPrice: price };
  },
};
