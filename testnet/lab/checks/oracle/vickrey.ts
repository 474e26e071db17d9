// The oracle of Vickrey auctions: spec/auctions#outcome, word by word.
import { first, type Lot, type Oracle, reaching, type ShownBid, scoreOf, whole } from "./oracle.js";

export const vickrey: Oracle = (lot, bids) => {
  const valid = reaching(lot, bids);
  const winner = first(lot, valid);
  if (winner === null) return { awards: [], clearingPrice: null };
  const second = first(
    lot,
    valid.filter((one) => one !== winner),
  );
  return whole(lot, winner, second === null ? lot.reserve : greatestThatWins(lot, winner, second));
};

/** The second amount; of an ask by score the greatest that is not behind the second, and at most the ceiling. */
function greatestThatWins(lot: Lot, winner: ShownBid, second: ShownBid): bigint {
  if (lot.standingWeight === 0) return second.amount;
  const limit = scoreOf(lot, second);
  let least = winner.amount;
  let beyond = lot.reserve + 1n;
  while (beyond - least > 1n) {
    const amount = (least + beyond) / 2n;
    if (scoreOf(lot, { ...winner, amount }) <= limit) least = amount;
    else beyond = amount;
  }
  return least;
}
