// What votes on a dispute decide, against oracles that count in the dullest way (spec/disputes#decision).
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_GENESIS_SEATS, quorumOf } from "../../src/ledger/index.js";
import { decisionOf, medianOf, type Opinion } from "../../src/market/index.js";
import { HONEST_RULES } from "../../src/quorum/rules.js";

const share = fc.integer({ min: 1, max: 10_000 });
const opinion = fc.option(share, { nil: null });

/** The least of the values that at least half of them do not exceed. */
const naiveMedian = (values: readonly number[]): number =>
  Math.min(...values.filter((one) => 2 * values.filter((other) => other <= one).length >= values.length));

/** What all votes together say. */
function naiveEnd(votes: readonly Opinion[], jurors: number): string {
  const upholding = votes.filter((one) => one !== null).length;
  if (3 * upholding >= 2 * jurors) return "upheld";
  return 3 * (votes.length - upholding) >= 2 * jurors ? "rejected" : "hung";
}

/** Every end that jurors who have not voted can still bring about, silent ones too. */
function naiveEnds(votes: readonly Opinion[], jurors: number): ReadonlySet<string> {
  const ends = new Set<string>();
  const open = jurors - votes.length;
  for (let upholding = 0; upholding <= open; upholding++) {
    for (let rejecting = 0; upholding + rejecting <= open; rejecting++) {
      const later = [...Array<Opinion>(upholding).fill(1), ...Array<Opinion>(rejecting).fill(null)];
      ends.add(naiveEnd([...votes, ...later], jurors));
    }
  }
  return ends;
}

describe("the decision of a jury", () => {
  it("counts a quorum as the log does, for every number of seats", () => {
    for (let seats = 1; seats <= MAX_GENESIS_SEATS; seats++) {
      expect(quorumOf(seats)).toBe(HONEST_RULES.quorumPower(seats));
    }
  });

  it("comes about though F seats are silent, with a party's seat among the jury's or recused", () => {
    for (let seats = 1; seats <= MAX_GENESIS_SEATS; seats++) {
      const tolerance = Math.floor((seats - 1) / 3);
      expect(seats - tolerance).toBeGreaterThanOrEqual(quorumOf(seats));
      if (seats > 1) expect(seats - 1 - tolerance).toBe(quorumOf(seats - 1));
      if (seats > 2)
        expect(seats - 2 - Math.max(0, tolerance - 1)).toBeGreaterThanOrEqual(quorumOf(seats - 2));
      // Lying jurors alone decide nothing, where any are tolerated.
      if (tolerance > 0) expect(quorumOf(seats - 2)).toBeGreaterThan(tolerance);
    }
  });

  it("is there exactly when no vote still to come can change it, and silence neither", () => {
    const cases = fc
      .integer({ min: 1, max: 12 })
      .chain((jurors) => fc.tuple(fc.constant(jurors), fc.array(opinion, { maxLength: jurors })));
    fc.assert(
      fc.property(cases, ([jurors, votes]) => {
        const ends = naiveEnds(votes, jurors);
        const decision = decisionOf(votes, jurors);
        expect(decision?.cause ?? null).toBe(ends.size === 1 ? [...ends][0] : null);
      }),
      { numRuns: 10_000 },
    );
  });

  it("upholds the lower middle of the upholding shares, in whatever order they came", () => {
    fc.assert(
      fc.property(fc.array(share, { minLength: 1, maxLength: 40 }), (shares) => {
        const median = naiveMedian(shares);
        expect(medianOf(shares)).toBe(median);
        expect(medianOf([...shares].reverse())).toBe(median);
        expect(decisionOf(shares, shares.length)).toEqual({ cause: "upheld", shareBp: median });
      }),
      { numRuns: 10_000 },
    );
  });

  it("leaves rejections out of the median", () => {
    expect(decisionOf([null, 9000, 2000, 4000], 4)).toEqual({ cause: "upheld", shareBp: 4000 });
    expect(decisionOf([9000, 2000, 4000, 5000, null], 6)).toEqual({ cause: "upheld", shareBp: 4000 });
  });

  it("lies among the shares of the honest while no more jurors lie than are tolerated", () => {
    const cases = fc.integer({ min: 1, max: 10 }).chain((tolerance) => {
      const quorum = quorumOf(3 * tolerance + 1);
      return fc.tuple(
        fc.array(share, { minLength: quorum - tolerance, maxLength: quorum - tolerance }),
        fc.array(share, { minLength: tolerance, maxLength: tolerance }),
      );
    });
    fc.assert(
      fc.property(cases, ([honest, lying]) => {
        const median = medianOf([...lying, ...honest]);
        expect(median).toBeGreaterThanOrEqual(Math.min(...honest));
        expect(median).toBeLessThanOrEqual(Math.max(...honest));
      }),
      { numRuns: 10_000 },
    );
  });

  it("needs two thirds, rounded up, of one kind", () => {
    expect(decisionOf([1, 1], 4)).toBeNull();
    expect(decisionOf([1, 1, 1], 4)).toEqual({ cause: "upheld", shareBp: 1 });
    expect(decisionOf([null, null], 4)).toBeNull();
    expect(decisionOf([null, null, null], 4)).toEqual({ cause: "rejected" });
    expect(decisionOf([1, null], 4)).toBeNull();
    expect(decisionOf([1, null, 1], 4)).toBeNull();
    expect(decisionOf([1, null, 1, null], 4)).toEqual({ cause: "hung" });
    expect(decisionOf([1, null], 3)).toBeNull();
    expect(decisionOf([1, null], 2)).toEqual({ cause: "hung" });
    expect(decisionOf([10_000], 1)).toEqual({ cause: "upheld", shareBp: 10_000 });
  });
});
