// The oracle of Vickrey auctions: spec/auctions#outcome, word by word.
import { first, type Oracle, reaching, whole } from "./oracle.js";

export const vickrey: Oracle = (lot, bids) => {
  const valid = reaching(lot, bids);
  const winner = first(lot, valid);
  if (winner === null) return { awards: [], clearingPrice: null };
  const second = first(
    lot,
    valid.filter((one) => one !== winner),
  );
  return whole(lot, winner, second === null ? lot.reserve : second.amount);
};
