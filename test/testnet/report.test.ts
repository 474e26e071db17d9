// Figures of a report: percentiles that were measured, and efficiency over what was feasible.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { efficiencyOf } from "../../testnet/report/efficiency.js";
import { percentile, spreadOf } from "../../testnet/report/percentile.js";

describe("a percentile", () => {
  test("is a measurement that at least so many do not exceed", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer(), { minLength: 1 }),
        fc.integer({ min: 1, max: 100 }),
        (values, percent) => {
          const found = percentile(values, percent)!;
          expect(values).toContain(found);
          const below = values.filter((value) => value <= found).length;
          expect(below * 100).toBeGreaterThanOrEqual(percent * values.length);
        },
      ),
    );
  });
  test("of nothing there is none", () => expect(spreadOf([])).toBeNull());
});

describe("efficiency", () => {
  const values = new Map([
    ["ada", 80n],
    ["bob", 100n],
  ]);
  const sold = (bidder: string | null) => ({
    awards: bidder === null ? [] : [{ bidder, units: 4 }],
    units: 4,
    wanted: 4,
  });
  test("of units is what each has of them over what those who value them most would have", () => {
    const awards = [
      { bidder: "ada", units: 3 },
      { bidder: "bob", units: 1 },
    ];
    // Ada's three are worth 60 and bob's one 25; bob's three and ada's one would be 75 and 20.
    expect(efficiencyOf([{ awards, units: 4, wanted: 3, reserve: 10n, values }])).toBeCloseTo(85 / 95, 5);
  });
  test("is the winners' value over the best", () => {
    expect(efficiencyOf([{ ...sold("ada"), reserve: 10n, values }])).toBe(0.8);
    expect(efficiencyOf([{ ...sold("bob"), reserve: 10n, values }])).toBe(1);
  });
  test("a lot that somebody wanted and nobody got is a loss", () => {
    expect(
      efficiencyOf([
        { ...sold(null), reserve: 10n, values },
        { ...sold("bob"), reserve: 10n, values },
      ]),
    ).toBe(0.5);
  });
  test("a lot that nobody values at its reserve counts for nothing", () => {
    expect(efficiencyOf([{ ...sold(null), reserve: 101n, values }])).toBeNull();
  });
});
