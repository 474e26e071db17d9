// The outcome rule by itself: ranking, ties, and what nobody outside a tie can move.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type RevealedBid, ranking } from "../../src/market/index.js";
import { agent, salt, vickrey } from "./world.js";

const AUCTION = salt("auction");
const bids = (amounts: readonly bigint[], tag = ""): RevealedBid[] =>
  amounts.map((amount, i) => ({
    bidder: agent(`b${i}`),
    amount,
    units: null,
    standing: 5_000,
    salt: salt(`s${i}${tag}`),
  }));

describe("vickrey", () => {
  it("does not depend on the order in which bids are given", () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt(0n, 5n), { maxLength: 8 }), fc.bigInt(0n, 5n), (amounts, reserve) => {
        const given = bids(amounts);
        expect(vickrey(AUCTION, reserve, [...given].reverse())).toEqual(vickrey(AUCTION, reserve, given));
      }),
    );
  });

  it("the price is between the reserve and the winner's bid", () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt(0n, 50n), { maxLength: 8 }), fc.bigInt(0n, 50n), (amounts, reserve) => {
        const { winner, price } = vickrey(AUCTION, reserve, bids(amounts));
        const highest = amounts.reduce((a, b) => (a > b ? a : b), -1n);
        if (highest < reserve) expect({ winner, price }).toEqual({ winner: null, price: 0n });
        else expect(price >= reserve && price <= highest).toBe(true);
      }),
    );
  });

  it("a bid under the reserve never wins and never sets the price", () => {
    expect(vickrey(AUCTION, 10n, bids([9n, 20n]))).toEqual({ winner: agent("b1"), price: 10n });
  });

  it("nobody outside a tie has a say in it", () => {
    const tied = bids([50n, 50n, 50n]);
    const outsider = (name: string): RevealedBid => ({
      bidder: agent(name),
      amount: 40n,
      units: null,
      standing: 5_000,
      salt: salt(name),
    });
    const winners = ["x", "y", "z"].map(
      (name) =>
        ranking({ auction: AUCTION, direction: "sell", reserve: 0n, standingWeight: 0 }, [
          ...tied,
          outsider(name),
        ])[0]!.bidder,
    );
    expect(new Set(winners.map(String)).size).toBe(1);
  });

  it("each of k tied bidders wins about one time in k, even if one of them tries many salts", () => {
    const wins = [0, 0, 0];
    for (let i = 0; i < 1500; i++) {
      const winner = vickrey(AUCTION, 0n, bids([7n, 7n, 7n], `/${i}`)).winner!;
      wins[[0, 1, 2].find((b) => agent(`b${b}`).join() === winner.join())!]!++;
    }
    for (const count of wins) expect(Math.abs(count - 500)).toBeLessThan(100);
  });
});
