// The oracle of Vickrey auctions: spec/auctions#outcome, word by word.
import { compareBytes, toHex } from "../../../../src/base/index.js";
import { taggedHash } from "../../../../src/crypto/index.js";
import type { Oracle } from "./oracle.js";

export const vickrey: Oracle = ({ auction, units, reserve }, bids) => {
  const valid = bids.filter(({ amount }) => amount >= reserve);
  if (valid.length === 0) return [];
  const best = valid.reduce((most, { amount }) => (amount > most ? amount : most), 0n);
  const tied = valid.filter(({ amount }) => amount === best);
  const salts = tied.map(({ salt }) => salt).sort(compareBytes);
  const keyed = tied.map(({ bidder }) => ({ bidder, key: taggedHash("tie", auction, ...salts, bidder) }));
  const bidder = toHex(keyed.sort((a, b) => compareBytes(a.key, b.key))[0]!.bidder);
  const others = valid.filter((one) => toHex(one.bidder) !== bidder).map(({ amount }) => amount);
  const pays = others.reduce((most, amount) => (amount > most ? amount : most), reserve);
  return [{ bidder, units, pays }];
};
