// What a value function answered, and the bid that follows: every bound from both sides.
import { describe, expect, it } from "vitest";
import { decide } from "../../../node/sdk/agent/decision.js";
import type { Lot, Market } from "../../../node/sdk/agent/definition.js";
import { marketIn } from "../../../node/sdk/agent/market-view.js";
import { judgeWorth } from "../../../node/sdk/agent/worth.js";
import { aggressive, NO_MEMORY, type Strategy, truthful } from "../../../src/market/strategies/index.js";

const lot = (given: Partial<Lot> = {}): Lot => ({
  id: "0".repeat(64),
  creator: "1".repeat(64),
  format: "vickrey",
  direction: "sell",
  capability: "gpu.a100",
  units: 4,
  reserve: 10n,
  lockups: [50n, 100n],
  deliverMs: 0,
  settleMs: 0,
  opensAt: "2026-01-01T00:00:00.000Z",
  commitClosesAt: "2026-01-01T00:01:00.000Z",
  ...given,
});
const divisible = (given: Partial<Lot> = {}): Lot => lot({ format: "uniform", ...given });
const market: Market = { prices: [], rivals: 1, lockable: 1000n };

describe("a worth", () => {
  const judged = (worth: unknown, of = lot()) => judgeWorth(worth, of, 100n);

  it("is a value up to the budget, nothing, or wrong", () => {
    expect(judged(1n)).toEqual({ value: 1n, units: null });
    expect(judged(100n)).toEqual({ value: 100n, units: null });
    expect(judged(101n)).toMatch(/above the budget of 100/);
    expect(judged(0n)).toBeNull();
    expect(judged({ value: 0n })).toBeNull();
    expect(judged(-1n)).toMatch(/not negative/);
    for (const worth of [5, Number.NaN, "5", null, undefined, true, [], {}, () => 1n, { value: 5 }])
      expect(judged(worth)).toMatch(/a value is a bigint of micro-credits/);
  });

  it("of a purchase is a cost, which no budget bounds, but what an amount can hold", () => {
    const purchase = lot({ direction: "buy" });
    expect(judged(101n, purchase)).toEqual({ value: 101n, units: null });
    expect(judged(2n ** 53n - 1n, purchase)).toEqual({ value: 2n ** 53n - 1n, units: null });
    expect(judged(2n ** 53n, purchase)).toMatch(/no amount is above/);
  });

  it("is for the lot as a whole, or for some of its units where it goes by units", () => {
    expect(judged({ value: 8n, units: 4 })).toMatch(/does not go by units/);
    expect(judged(8n, divisible())).toEqual({ value: 8n, units: 4 });
    for (const units of [1, 4])
      expect(judged({ value: 8n, units }, divisible())).toEqual({ value: 8n, units });
    for (const units of [0, 5, -1, 1.5, "2", Number.NaN])
      expect(judged({ value: 8n, units }, divisible())).toMatch(/and the lot has 4/);
  });
});

describe("a decision", () => {
  const decided = (of: Lot, value: bigint, given: Partial<Market> = {}, strategy: Strategy = truthful()) =>
    decide(
      of,
      { value, units: of.format === "uniform" ? of.units : null },
      { ...market, ...given },
      80n,
      strategy,
      NO_MEMORY,
    );

  it("stays within value, budget and the greatest lockup that can be locked", () => {
    expect(decided(lot(), 70n)).toEqual({ amount: 70n, units: null });
    expect(decided(lot({ lockups: [50n] }), 70n)).toEqual({ amount: 50n, units: null });
    expect(decided(lot(), 70n, { lockable: 99n })).toEqual({ amount: 50n, units: null });
    expect(decided(lot(), 70n, { lockable: 100n })).toEqual({ amount: 70n, units: null });
    expect(decided(lot(), 70n, { lockable: 50n })).toEqual({ amount: 50n, units: null });
    expect(decided(lot(), 70n, { lockable: 49n })).toMatch(/locks 50 at least, and 49/);
    expect(decided(lot(), 10n)).toEqual({ amount: 10n, units: null });
    expect(decided(lot(), 9n)).toMatch(/below the reserve of 10/);
  });

  it("is of one unit where the lot goes by units: a value rounded down, a cost up", () => {
    expect(decided(divisible({ reserve: 0n }), 41n)).toEqual({ amount: 10n, units: 4 });
    expect(decided(divisible({ reserve: 0n }), 3n)).toMatch(/less than a micro-credit a unit/);
    expect(decided(divisible({ direction: "buy", reserve: 11n }), 41n)).toEqual({ amount: 11n, units: 4 });
    expect(decided(divisible({ direction: "buy", reserve: 10n }), 41n)).toMatch(/above the ceiling of 10/);
    // Four units at 20 are the budget of 80.
    expect(decided(divisible({ lockups: [200n] }), 400n)).toEqual({ amount: 20n, units: 4 });
  });

  it("knows where the own bid is the price", () => {
    expect(decided(lot({ format: "first-price" }), 60n, {}, aggressive())).toEqual({
      amount: 40n,
      units: null,
    });
  });

  it.each([
    ["a number", 5, /a bid is a bigint/],
    ["nothing", undefined, /a bid is a bigint/],
    ["more than may be spent", 81n, /beyond what may be spent/],
    ["less than nothing", -1n, /beyond what may be spent/],
  ])("takes no strategy's word for %s", (_, answer, words) => {
    const rogue: Strategy = { ...truthful(), name: "rogue", bid: () => answer as bigint };
    expect(decided(lot(), 70n, {}, rogue)).toMatch(words);
    expect(decided(lot({ direction: "buy", reserve: 99n }), 70n, {}, { ...rogue, bid: () => 69n })).toMatch(
      /beyond the cost/,
    );
  });
});

describe("the market", () => {
  const price = (given: object) =>
    ({ direction: "sell", format: "vickrey", units: 4, price: "40", bids: 3, ...given }) as never;

  it("is made of what was like the lot, oldest first, for as many units", () => {
    const found = [
      price({ price: "40" }),
      price({ price: "10", units: 1, bids: 2 }),
      price({ direction: "buy" }),
      price({ format: "uniform" }),
    ];
    expect(marketIn(found, lot())).toEqual({ prices: [40n, 40n], rivals: 2 });
    expect(marketIn([price({ format: "uniform", price: "7", units: 2 })], divisible())).toEqual({
      prices: [7n],
      rivals: 2,
    });
  });

  it("has one rival where nobody knows better, and none where nobody else ever bid", () => {
    expect(marketIn([], lot()).rivals).toBe(1);
    expect(marketIn([price({ bids: 1 })], lot()).rivals).toBe(0);
  });
});
