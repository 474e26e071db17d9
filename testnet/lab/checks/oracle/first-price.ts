// The oracle of first-price auctions: spec/auctions#outcome, word by word.
import { first, type Oracle, reaching, whole } from "./oracle.js";

export const firstPrice: Oracle = (lot, bids) => {
  const winner = first(lot, reaching(lot, bids));
  return winner === null ? { awards: [], clearingPrice: null } : whole(lot, winner, winner.amount);
};
