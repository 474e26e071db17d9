// Every format, selling and buying, against its oracle: ten thousand small cases each, and vectors for other readers.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/base/index.js";
import { taggedHash } from "../../src/crypto/index.js";
import {
  DIRECTIONS,
  type Direction,
  FORMATS,
  type FormatName,
  type RevealedBid,
} from "../../src/market/index.js";
import { ORACLES } from "../../testnet/lab/checks/oracle/index.js";
import { plain, vectors } from "../vectors.js";
import { agent, salt } from "./world.js";

const NAMES = Object.keys(FORMATS) as FormatName[];
const ROWS = NAMES.flatMap((format) => DIRECTIONS.map((direction) => [format, direction] as const));
const AUCTION = taggedHash("auction", new Uint8Array(1));

/** Small amounts, so that ties and reserves are met. */
const cases = fc.record({
  reserve: fc.bigInt({ min: 0n, max: 6n }),
  units: fc.integer({ min: 1, max: 5 }),
  amounts: fc.array(fc.bigInt({ min: 0n, max: 7n }), { maxLength: 6 }),
});
const bidsOf = (amounts: readonly bigint[]): RevealedBid[] =>
  amounts.map((amount, i) => ({ bidder: agent(`b${i}`), amount, salt: salt(`b${i}`) }));

function judged(
  format: FormatName,
  direction: Direction,
  reserve: bigint,
  units: number,
  amounts: readonly bigint[],
) {
  const { awards, clearingPrice } = FORMATS[format].outcome(
    { auction: AUCTION, direction, units, reserve },
    bidsOf(amounts),
  );
  return { awards: awards.map((one) => ({ ...one, bidder: toHex(one.bidder) })), clearingPrice };
}

describe.each(ROWS)("%s, to %s", (format, direction) => {
  it("ends as its oracle says, whatever the bids and in whichever order", () => {
    fc.assert(
      fc.property(cases, fc.nat(), ({ reserve, units, amounts }, turn) => {
        const bids = bidsOf(amounts);
        const turned = [...bids.slice(turn % (bids.length + 1)), ...bids.slice(0, turn % (bids.length + 1))];
        const expected = ORACLES[format]({ auction: AUCTION, direction, units, reserve }, turned);
        expect(judged(format, direction, reserve, units, amounts)).toEqual(expected);
      }),
      { numRuns: 10_000 },
    );
  });

  it("sells no more than there is, to nobody beyond the reserve, for what each has bid at most", () => {
    fc.assert(
      fc.property(cases, ({ reserve, units, amounts }) => {
        const { awards } = judged(format, direction, reserve, units, amounts);
        expect(awards.reduce((sum, one) => sum + one.units, 0)).toBeLessThanOrEqual(units);
        for (const one of awards) {
          const amount = amounts[bidsOf(amounts).findIndex(({ bidder }) => toHex(bidder) === one.bidder)]!;
          expect(direction === "sell" ? one.receives : one.pays).toBe(0n);
          if (direction === "sell") expect([reserve <= amount, one.pays <= amount]).toEqual([true, true]);
          else expect([amount <= reserve, one.receives >= amount]).toEqual([true, true]);
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
];

interface OutcomeVectors {
  readonly cases: readonly { readonly format: string; readonly direction: string }[];
}

describe("what each format makes of the same bids", () => {
  const file = vectors<OutcomeVectors>("outcomes", () => ({
    about:
      "Outcomes of each format in both directions (spec/auctions#outcome): awards in the order in which they were won, and the clearing price, null where there are none. Amounts are micro-credits.",
    cases: ROWS.flatMap(([format, direction]) =>
      ASKED.map(([what, reserve, units, amounts]) =>
        plain({
          what,
          format,
          direction,
          auction: AUCTION,
          reserve,
          units,
          bids: bidsOf(amounts),
          outcome: judged(format, direction, reserve, units, amounts),
        }),
      ),
    ),
  }));
  it("is told of each format in both directions", () =>
    expect(file.cases).toHaveLength(ROWS.length * ASKED.length));
});
