// Every format, selling and buying, against its oracle: ten thousand small cases each, and vectors for other readers.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/base/index.js";
import { taggedHash } from "../../src/crypto/index.js";
import {
  DIRECTIONS,
  FORMATS,
  type FormatName,
  type Offer,
  type RevealedBid,
} from "../../src/market/index.js";
import { ORACLES } from "../../testnet/lab/checks/oracle/index.js";
import { plain, vectors } from "../vectors.js";
import { agent, salt } from "./world.js";

const NAMES = Object.keys(FORMATS) as FormatName[];
/** Each format sells and buys; a purchase of the lot as a whole may weigh standing besides. */
const ROWS = NAMES.flatMap((format) => [
  ...DIRECTIONS.map((direction) => [format, direction, "whoever bids"] as const),
  ...(FORMATS[format].isDivisible ? [] : [[format, "buy", "by standing"] as const]),
]);
type By = (typeof ROWS)[number][2];
const AUCTION = taggedHash("auction", new Uint8Array(1));

/** Amount, units and standing of one bid. */
type Wish = readonly [amount: bigint, units: number, standing: number];

/** Small amounts, so that ties and reserves are met, and units that do and do not fit. */
const cases = fc.record({
  reserve: fc.bigInt({ min: 0n, max: 6n }),
  units: fc.integer({ min: 1, max: 7 }),
  weight: fc.constantFrom(1, 2_500, 10_000),
  wishes: fc.array(
    fc.tuple(
      fc.bigInt({ min: 0n, max: 7n }),
      fc.integer({ min: 1, max: 7 }),
      fc.constantFrom(0, 4_999, 5_000, 10_000),
    ),
    { maxLength: 6 },
  ),
});
const weightIn = (by: By, weight: number): number => (by === "by standing" ? weight : 0);
const bidsOf = (format: FormatName, wishes: readonly Wish[], most: number): RevealedBid[] =>
  wishes.map(([amount, wanted, standing], i) => ({
    bidder: agent(`b${i}`),
    amount,
    units: FORMATS[format].isDivisible ? Math.min(wanted, most) : null,
    salt: salt(`b${i}`),
    standing,
  }));

function judged(offer: Omit<Offer, "auction">, format: FormatName, bids: readonly RevealedBid[]) {
  const { awards, clearingPrice } = FORMATS[format].outcome({ auction: AUCTION, ...offer }, bids);
  return { awards: awards.map((one) => ({ ...one, bidder: toHex(one.bidder) })), clearingPrice };
}

describe.each(ROWS)("%s, to %s, %s", (format, direction, by) => {
  it("ends as its oracle says, whatever the bids and in whichever order", () => {
    fc.assert(
      fc.property(cases, fc.nat(), ({ reserve, units, weight, wishes }, turn) => {
        const bids = bidsOf(format, wishes, units);
        const at = turn % (bids.length + 1);
        const offer = { direction, units, reserve, standingWeight: weightIn(by, weight) };
        const expected = ORACLES[format]({ auction: AUCTION, ...offer }, [
          ...bids.slice(at),
          ...bids.slice(0, at),
        ]);
        expect(judged(offer, format, bids)).toEqual(expected);
      }),
      { numRuns: 10_000 },
    );
  });

  it("sells no more than there is, to nobody beyond the reserve, for what each has bid at most", () => {
    fc.assert(
      fc.property(cases, ({ reserve, units, weight, wishes }) => {
        const bids = bidsOf(format, wishes, units);
        const offer = { direction, units, reserve, standingWeight: weightIn(by, weight) };
        const { awards, clearingPrice: price } = judged(offer, format, bids);
        if (price !== null) expect(direction === "sell" ? reserve <= price : price <= reserve).toBe(true);
        expect(awards.reduce((sum, one) => sum + one.units, 0)).toBeLessThanOrEqual(units);
        for (const one of awards) {
          const bid = bids.find(({ bidder }) => toHex(bidder) === one.bidder)!;
          const worth = bid.amount * BigInt(bid.units === null ? 1 : one.units);
          expect(one.units).toBeLessThanOrEqual(bid.units ?? units);
          expect(direction === "sell" ? one.receives : one.pays).toBe(0n);
          if (direction === "sell") expect([reserve <= bid.amount, one.pays <= worth]).toEqual([true, true]);
          else expect([bid.amount <= reserve, one.receives >= worth]).toEqual([true, true]);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

/** What each format is asked, in both directions. */
const ASKED: readonly [what: string, reserve: bigint, units: number, amounts: readonly bigint[]][] = [
  ["nobody", 5n, 1, []],
  ["one beyond the reserve on either side", 5n, 1, [4n, 6n]],
  ["one at the reserve", 5n, 2, [5n]],
  ["three that differ", 5n, 2, [3n, 7n, 5n]],
  ["a tie for the first place", 5n, 1, [5n, 5n, 5n]],
  ["a tie behind the first, selling", 1n, 3, [9n, 7n, 7n]],
  ["a tie behind the first, buying", 9n, 3, [1n, 7n, 7n]],
  ["a tie of five for seven", 5n, 7, [5n, 5n, 5n, 5n, 5n]],
];

/** The first asks for one unit, the next for two, and so on; each has less standing than the one before. */
const wished = (format: FormatName, amounts: readonly bigint[], most: number): RevealedBid[] =>
  bidsOf(
    format,
    amounts.map((amount, i): Wish => [amount, i + 1, 10_000 - 2_000 * i]),
    most,
  );

/** What asks by standing are asked besides, at a weight of 10,000 bp: amount and standing of each. */
const WEIGHED: readonly [what: string, ceiling: bigint, asks: readonly (readonly [bigint, number])[]][] = [
  [
    "the dearer ask wins, at what would tie",
    100n,
    [
      [40n, 0],
      [60n, 10_000],
    ],
  ],
  [
    "what would tie is above the ceiling",
    75n,
    [
      [40n, 0],
      [60n, 10_000],
    ],
  ],
  [
    "three asks of one score",
    100n,
    [
      [60n, 10_000],
      [30n, 0],
      [40n, 5_000],
    ],
  ],
  [
    "an ask of the tied score that is above the ceiling has no say",
    40n,
    [
      [80n, 10_000],
      [40n, 0],
      [40n, 0],
    ],
  ],
  [
    "what would tie is rounded down",
    100n,
    [
      [10n, 5_000],
      [11n, 2_500],
      [90n, 10_000],
    ],
  ],
  [
    "scores beyond 2^64",
    2n ** 53n - 1n,
    [
      [2n ** 53n - 2n, 1],
      [2n ** 53n - 1n, 2],
      [2n ** 53n - 1n, 0],
    ],
  ],
  [
    "scores that differ beyond the precision of a double",
    2n ** 53n - 1n,
    [
      [2n ** 53n - 1n, 9_999],
      [2n ** 53n - 2n, 9_999],
    ],
  ],
];

interface OutcomeVectors {
  readonly cases: readonly { readonly format: string; readonly direction: string }[];
}

describe("what each format makes of the same bids", () => {
  const file = vectors<OutcomeVectors>("outcomes", () => ({
    about:
      "Outcomes of each format in both directions (spec/auctions#outcome): awards in the order in which they were won, and the clearing price, null where there are none. Amounts are micro-credits, standing and its weight bp; a weight of 0 is none.",
    cases: ROWS.flatMap(([format, direction, by]) => [
      ...ASKED.map(([what, reserve, units, amounts]) => {
        const offer = { direction, units, reserve, standingWeight: weightIn(by, 10_000) };
        const bids = wished(format, amounts, units);
        const outcome = judged(offer, format, bids);
        return plain({ what, format, auction: AUCTION, ...offer, bids, outcome });
      }),
      ...(by === "by standing" ? WEIGHED : []).map(([what, reserve, asks]) => {
        const offer = { direction, units: 1, reserve, standingWeight: 10_000 };
        const bids = bidsOf(
          format,
          asks.map(([amount, standing]): Wish => [amount, 1, standing]),
          1,
        );
        const outcome = judged(offer, format, bids);
        expect(outcome).toEqual(ORACLES[format]({ auction: AUCTION, ...offer }, bids));
        return plain({ what, format, auction: AUCTION, ...offer, bids, outcome });
      }),
    ]),
  }));
  it("is told of each format in both directions", () =>
    expect(file.cases).toHaveLength(
      ROWS.length * ASKED.length + ROWS.filter(([, , by]) => by === "by standing").length * WEIGHED.length,
    ));
});
