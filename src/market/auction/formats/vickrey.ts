// Vickrey: the best bid wins and trades at what would tie with the second best, or at the reserve (spec/auctions#outcome).
import { type Format, UNSOLD, wonWhole } from "./format.js";
import { ranking, tyingAmount } from "./ranking.js";

export const VICKREY: Format = {
  isDivisible: false,
  tradesAtOwnBid: false,
  outcome(offer, bids) {
    const [first, second] = ranking(offer, bids);
    if (first === undefined) return UNSOLD;
    const price = second === undefined ? offer.reserve : tyingAmount(offer, first, second);
    // Who wins by standing could ask for more than the ceiling before it ties.
    const isAbove = offer.direction === "buy" && price > offer.reserve;
    return wonWhole(offer, first.bidder, isAbove ? offer.reserve : price);
  },
};
