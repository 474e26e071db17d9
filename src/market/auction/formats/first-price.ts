// First price: the best bid wins and trades at its own amount (spec/auctions#outcome).
import { type Format, UNSOLD, wonWhole } from "./format.js";
import { ranking } from "./ranking.js";

export const FIRST_PRICE: Format = {
  isDivisible: false,
  tradesAtOwnBid: true,
  outcome(offer, bids) {
    const [first] = ranking(offer, bids);
    return first === undefined ? UNSOLD : wonWhole(offer, first.bidder, first.amount);
  },
};
