// Strategies: what holds of every bid, whatever a bidder knows.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  aggressive,
  budgetPaced,
  conservative,
  type Memory,
  NO_MEMORY,
  type Situation,
  type Strategy,
  strategic,
  truthful,
} from "../../../src/market/strategies/index.js";
import {
  bestReply,
  ENOUGH_PRICES,
  eagerBid,
  equilibriumBid,
} from "../../../src/market/strategies/shading.js";

const ALL: readonly Strategy[] = [
  truthful(),
  strategic(),
  conservative(),
  conservative({ doubtBp: 9999 }),
  aggressive(),
  budgetPaced({ total: 5000n, lots: 20 }),
];

const amount = fc.bigInt(0n, 2000n);
const situation: fc.Arbitrary<Situation> = fc.record({
  direction: fc.constantFrom("sell" as const, "buy" as const),
  value: fc.bigInt(1n, 2000n),
  reserve: amount,
  tradesAtOwnBid: fc.boolean(),
  rivals: fc.nat(12),
  prices: fc.array(amount, { maxLength: 24 }),
  most: amount,
});
const memory: fc.Arbitrary<Memory> = fc.record({
  multiplierPpm: fc.bigInt(0n, 100_000_000n),
  spent: fc.bigInt(0n, 6000n),
});

const of = (given: Partial<Situation>): Situation => ({
  direction: "sell",
  value: 100n,
  reserve: 0n,
  tradesAtOwnBid: true,
  rivals: 1,
  prices: [],
  most: 1000n,
  ...given,
});

describe.each(ALL.map((one) => [one.name, one] as const))("%s", (_, strategy) => {
  it("never bids beyond value, funds or reserve", () => {
    fc.assert(
      fc.property(situation, memory, (seen, kept) => {
        const bid = strategy.bid(seen, kept);
        if (bid === 0n) return;
        const { direction, value, reserve, most } = seen;
        if (direction === "sell")
          expect(bid >= reserve && bid <= value && bid <= most && bid > 0n).toBe(true);
        else expect(bid >= value && bid <= reserve).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it("rises with the value", () => {
    fc.assert(
      fc.property(situation, fc.bigInt(1n, 2000n), memory, (seen, more, kept) => {
        const low = strategy.bid(seen, kept);
        const high = strategy.bid({ ...seen, value: seen.value + more }, kept);
        // Of a sale nothing is bid for too little worth, of a purchase nothing is asked at too much cost.
        if (seen.direction === "sell") expect(high >= low).toBe(true);
        else expect(high === 0n || (low > 0n && high >= low)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("what is bid", () => {
  it("truthful: the value, whatever the others do", () => {
    expect(truthful().bid(of({}), NO_MEMORY)).toBe(100n);
    expect(truthful().bid(of({ direction: "buy", reserve: 300n }), NO_MEMORY)).toBe(100n);
  });

  it("at the reserve, and not one below; at the funds, and not one above", () => {
    expect(truthful().bid(of({ reserve: 100n }), NO_MEMORY)).toBe(100n);
    expect(truthful().bid(of({ reserve: 101n }), NO_MEMORY)).toBe(0n);
    expect(truthful().bid(of({ most: 99n }), NO_MEMORY)).toBe(99n);
    expect(truthful().bid(of({ most: 99n, reserve: 100n }), NO_MEMORY)).toBe(0n);
    // The ceiling of a purchase is a reserve turned round.
    expect(truthful().bid(of({ direction: "buy", reserve: 100n }), NO_MEMORY)).toBe(100n);
    expect(truthful().bid(of({ direction: "buy", reserve: 99n }), NO_MEMORY)).toBe(0n);
  });

  it("shading by how many bid: half against one, two thirds against two, and never below the reserve", () => {
    expect([1, 2, 9].map((rivals) => equilibriumBid(90n, rivals))).toEqual([45n, 60n, 81n]);
    expect([1, 2, 9].map((rivals) => eagerBid(95n, rivals))).toEqual([63n, 76n, 90n]);
    expect(strategic().bid(of({ reserve: 80n }), NO_MEMORY)).toBe(80n);
    expect(strategic().bid(of({ rivals: 0 }), NO_MEMORY)).toBe(1n);
    expect(strategic().bid(of({ tradesAtOwnBid: false }), NO_MEMORY)).toBe(100n);
  });

  it("of a purchase the room below the ceiling is shaded: a cost of 100 under 300 asks 200 against one", () => {
    expect(strategic().bid(of({ direction: "buy", reserve: 300n }), NO_MEMORY)).toBe(200n);
    expect(aggressive().bid(of({ direction: "buy", reserve: 300n }), NO_MEMORY)).toBe(167n);
  });

  it("the best reply is that of a naive search over every bid", () => {
    fc.assert(
      fc.property(
        fc.bigInt(1n, 60n),
        fc.array(fc.bigInt(0n, 60n), { minLength: ENOUGH_PRICES, maxLength: 20 }),
        (value, prices) => {
          const gainOf = (bid: bigint): bigint =>
            (value - bid) * BigInt(prices.filter((one) => one < bid).length);
          const bid = bestReply({ value, prices, rivals: 1 });
          if (prices.every((one) => one >= value)) expect(bid).toBe(equilibriumBid(value, 1));
          else for (let other = 0n; other <= value; other++) expect(gainOf(bid) >= gainOf(other)).toBe(true);
        },
      ),
    );
  });

  it("with one price fewer than enough it goes by how many bid", () => {
    const prices = Array.from({ length: ENOUGH_PRICES }, () => 20n);
    expect(strategic().bid(of({ prices }), NO_MEMORY)).toBe(21n);
    expect(strategic().bid(of({ prices: prices.slice(1) }), NO_MEMORY)).toBe(50n);
  });

  it("conservative: the winner's curse off first, 5 % of 100 against two where estimates are off by a tenth", () => {
    const seen = of({ tradesAtOwnBid: false, rivals: 2 });
    expect(conservative().bid(seen, NO_MEMORY)).toBe(95n);
    expect(conservative({ doubtBp: 0 }).bid(seen, NO_MEMORY)).toBe(100n);
    expect(conservative().bid({ ...seen, direction: "buy", reserve: 105n }, NO_MEMORY)).toBe(105n);
    expect(conservative().bid({ ...seen, direction: "buy", reserve: 104n }, NO_MEMORY)).toBe(0n);
    for (const doubtBp of [-1, 10_000, 0.5, Number.NaN])
      expect(() => conservative({ doubtBp })).toThrow(RangeError);
  });
});

describe("budgetPaced", () => {
  const paced = budgetPaced({ total: 1000n, lots: 100 });

  it("bids less after it spent more than its pace, and more again after it spent less", () => {
    const seen = of({ tradesAtOwnBid: false });
    const dear = paced.learn(NO_MEMORY, 110n);
    // 1/√100 = 0.1 of (110 − 10)/10: the divisor is 2.
    expect(dear).toEqual({ multiplierPpm: 1_000_000n, spent: 110n });
    expect(paced.bid(seen, dear)).toBe(50n);
    const later = paced.learn(dear, 0n);
    expect(later.multiplierPpm).toBe(900_000n);
    expect(paced.bid(seen, later)).toBe(52n);
    expect(paced.learn(NO_MEMORY, 10n)).toEqual({ multiplierPpm: 0n, spent: 10n });
    expect(paced.learn(NO_MEMORY, 0n)).toEqual(NO_MEMORY);
  });

  it("never spends more than its total, whatever is paid for at most its bids", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.bigInt(1n, 500n), fc.boolean()), { maxLength: 200 }), (lots) => {
        let kept = NO_MEMORY;
        for (const [value, wins] of lots)
          kept = paced.learn(kept, wins ? paced.bid(of({ value, tradesAtOwnBid: false }), kept) : 0n);
        expect(kept.spent <= 1000n).toBe(true);
      }),
    );
    const left = (spent: bigint) => paced.bid(of({ tradesAtOwnBid: false }), { ...NO_MEMORY, spent });
    expect([left(999n), left(1000n), left(1001n)]).toEqual([1n, 0n, 0n]);
  });

  it("asks its cost of a purchase, which it is paid for", () => {
    const seen = of({ direction: "buy", reserve: 300n, tradesAtOwnBid: false });
    expect(paced.bid(seen, { multiplierPpm: 5_000_000n, spent: 1000n })).toBe(100n);
  });

  it("wants a budget and a number of lots", () => {
    for (const total of [0n, -1n]) expect(() => budgetPaced({ total, lots: 1 })).toThrow(RangeError);
    for (const lots of [0, -1, 1.5, Number.NaN])
      expect(() => budgetPaced({ total: 1n, lots })).toThrow(RangeError);
    expect(budgetPaced({ total: 1n, lots: 1 }).name).toBe("budgetPaced");
  });
});
