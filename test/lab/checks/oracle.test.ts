// The oracles: what each format's section of the specification says of a few bids.
import { describe, expect, it } from "vitest";
import { toHex } from "../../../src/base/index.js";
import { vickrey } from "../../../testnet/lab/checks/oracle/vickrey.js";

const bytesOf = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);
const shown = (bidder: number, amount: bigint) => ({
  bidder: bytesOf(bidder),
  amount,
  units: null,
  standing: 5_000,
  salt: bytesOf(bidder + 50),
});
const lot = (reserve: bigint, direction: "sell" | "buy" = "sell") => ({
  auction: bytesOf(7),
  direction,
  units: 3,
  reserve,
  standingWeight: 0,
});

describe("vickrey", () => {
  it("the highest bid wins the lot whole and pays the second, or the reserve", () => {
    const bids = [shown(1, 30n), shown(2, 50n), shown(3, 40n)];
    const toTwo = (pays: bigint) => ({
      awards: [{ bidder: toHex(bytesOf(2)), units: 3, pays, receives: 0n }],
      clearingPrice: pays,
    });
    const nobody = { awards: [], clearingPrice: null };
    expect(vickrey(lot(10n), bids)).toEqual(toTwo(40n));
    expect(vickrey(lot(45n), bids)).toEqual(toTwo(45n));
    expect(vickrey(lot(51n), bids)).toEqual(nobody);
    expect(vickrey(lot(0n), [])).toEqual(nobody);
  });

  it("of a purchase the lowest ask wins and is paid the second, or the reserve", () => {
    const asks = [shown(1, 30n), shown(2, 20n), shown(3, 40n)];
    const paidTwo = (receives: bigint) => ({
      awards: [{ bidder: toHex(bytesOf(2)), units: 3, pays: 0n, receives }],
      clearingPrice: receives,
    });
    expect(vickrey(lot(50n, "buy"), asks)).toEqual(paidTwo(30n));
    expect(vickrey(lot(25n, "buy"), asks)).toEqual(paidTwo(25n));
    expect(vickrey(lot(19n, "buy"), asks).awards).toEqual([]);
  });

  it("a tie is won by one of the tied, who pays the tied bid", () => {
    const [award] = vickrey(lot(0n), [shown(1, 50n), shown(2, 50n), shown(3, 40n)]).awards;
    expect([toHex(bytesOf(1)), toHex(bytesOf(2))]).toContain(award!.bidder);
    expect(award!.pays).toBe(50n);
  });
});
