// The oracle of uniform-price auctions: spec/auctions#outcome, word by word.
import { toHex } from "../../../../src/base/index.js";
import { type Award, byTieKey, first, type Lot, type Oracle, reaching, type ShownBid } from "./oracle.js";

export const uniform: Oracle = (lot, bids) => {
  let waiting = reaching(lot, bids);
  if (waiting.length === 0) return { awards: [], clearingPrice: null };
  const given = new Map<ShownBid, number>();
  let left = lot.units;
  let price = lot.reserve;
  while (waiting.length > 0) {
    const { amount } = first(lot, waiting)!;
    const level = waiting.filter((one) => one.amount === amount);
    waiting = waiting.filter((one) => one.amount !== amount);
    const wanted = level.reduce((sum, one) => sum + one.units!, 0);
    for (const [one, units] of shared(lot, level, Math.min(left, wanted))) given.set(one, units);
    if (wanted > left) {
      price = amount;
      break;
    }
    left -= wanted;
  }
  const awards = [...given].flatMap(([one, units]): Award[] => {
    const sum = price * BigInt(units);
    const money = lot.direction === "sell" ? { pays: sum, receives: 0n } : { pays: 0n, receives: sum };
    return units === 0 ? [] : [{ bidder: toHex(one.bidder), units, ...money }];
  });
  return { awards, clearingPrice: price };
};

/** Each has its share rounded down; what remains goes one by one to the largest remainder, among equals to the least tie key. */
function shared(lot: Lot, level: readonly ShownBid[], units: number): readonly [ShownBid, number][] {
  const wanted = level.reduce((sum, one) => sum + one.units!, 0);
  const parts = byTieKey(lot.auction, level).map((one) => ({
    one,
    units: Math.floor((units * one.units!) / wanted),
    remainder: (units * one.units!) % wanted,
  }));
  let rest = units - parts.reduce((sum, part) => sum + part.units, 0);
  for (let remainder = wanted - 1; remainder > 0 && rest > 0; remainder--) {
    for (const part of parts) {
      if (part.remainder !== remainder || rest === 0) continue;
      part.units++;
      rest--;
    }
  }
  return parts.map((part) => [part.one, part.units]);
}
