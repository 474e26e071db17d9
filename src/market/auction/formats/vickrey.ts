// Vickrey: the best bid wins and trades at the second best, or at the reserve (spec/auctions#outcome).
import { type Format, UNSOLD, wonWhole } from "./format.js";
import { ranking } from "./ranking.js";

export const VICKREY: Format = {
  isDivisible: false,
  tradesAtOwnBid: false,
  outcome(offer, bids) {
    const [first, second] = ranking(offer, bids);
    return first === undefined ? UNSOLD : wonWhole(offer, first.bidder, second?.amount ?? offer.reserve);
  },
};
