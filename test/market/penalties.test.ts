// What failing costs (spec/standing#penalties): the table, its boundaries, and why it is one ladder (ADR 0067).
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_AMOUNT } from "../../src/base/index.js";
import {
  type Condition,
  FAULT_CLASS,
  type History,
  quotePenalty,
  VIOLATIONS,
  type Violation,
} from "../../src/market/index.js";

const NEVER: History = { violations: 0, slashes: 0 };
const due = (condition: Condition, base: bigint, history: History, shareBp?: number) =>
  quotePenalty(condition, base, history, shareBp).due;

/** A micro-credit about each step of the roundings, sums that people have, and the ends of the range. */
const bases = fc.oneof(
  fc.constantFrom(0n, 1n, 2n, 3n, 4n, 5n, 9n, 10n, 11n, 39n, 40n, 41n),
  fc.bigInt({ min: 0n, max: 10n ** 12n }),
  fc.constantFrom(MAX_AMOUNT / 25n, MAX_AMOUNT / 10n + 1n, MAX_AMOUNT - 1n, MAX_AMOUNT),
);
const histories: fc.Arbitrary<History> = fc
  .record({ violations: fc.nat(9), slashed: fc.nat(9) })
  .map(({ violations, slashed }) => ({ violations, slashes: Math.min(slashed, violations) }));

describe("the table of penalties", () => {
  it.each<[Condition, History, bigint]>([
    ["failure", { violations: 2, slashes: 0 }, 0n],
    ["failure", { violations: 3, slashes: 0 }, 100_000n],
    ["failure", { violations: 4, slashes: 1 }, 200_000n],
    ["timeout", { violations: 0, slashes: 0 }, 0n],
    ["timeout", { violations: 1, slashes: 0 }, 500_000n],
    ["timeout", { violations: 2, slashes: 1 }, 1_000_000n],
    ["misdelivery", { violations: 0, slashes: 0 }, 1_000_000n],
    ["misdelivery", { violations: 1, slashes: 1 }, 2_000_000n],
    ["misdelivery", { violations: 9, slashes: 3 }, 4_000_000n],
    ["misdelivery", { violations: 9, slashes: 4 }, 5_000_000n],
    ["misdelivery", { violations: 9, slashes: 5 }, 5_000_000n],
    ["B", { violations: 0, slashes: 0 }, 250_000n],
    ["B", { violations: 0, slashes: 4 }, 1_250_000n],
    ["A", { violations: 0, slashes: 0 }, 5_000_000n],
    ["A", { violations: 0, slashes: 5 }, 25_000_000n],
  ])("%s of a credit after %j costs %d", (condition, history, expected) => {
    expect(due(condition, 1_000_000n, history)).toBe(expected);
  });

  it("rounds the share of the base down before it multiplies, and the share of the verdict last", () => {
    expect([9n, 10n, 19n, 20n].map((base) => due("failure", base, { violations: 3, slashes: 1 }))).toEqual([
      0n,
      2n,
      2n,
      4n,
    ]);
    expect([1, 4_999, 5_000, 9_999, 10_000].map((share) => due("misdelivery", 3n, NEVER, share))).toEqual([
      0n,
      0n,
      1n,
      1n,
      2n,
    ]);
  });

  it("asks for an amount, whatever the base", () => {
    const worst: History = { violations: 9, slashes: 9 };
    expect(due("misdelivery", MAX_AMOUNT / 5n, worst)).toBeLessThan(MAX_AMOUNT);
    expect(due("misdelivery", MAX_AMOUNT / 5n + 2n, worst)).toBe(MAX_AMOUNT);
    expect(due("A", MAX_AMOUNT, worst)).toBe(MAX_AMOUNT);
  });

  it("is told with all numbers that it is computed from", () => {
    expect(quotePenalty("misdelivery", 1000n, { violations: 4, slashes: 2 }, 2_500)).toEqual({
      condition: "misdelivery",
      base: 1000n,
      penaltyBp: 5_000,
      severity: 2,
      grace: 0,
      violations: 4,
      repeat: 3,
      shareBp: 2_500,
      isWarning: false,
      due: 750n,
    });
  });

  it("has a row for each class of faults", () => {
    for (const faultClass of Object.values(FAULT_CLASS))
      expect(due(faultClass, 100n, NEVER)).toBeGreaterThan(0n);
  });
});

/** A rule by which the trades of one agent are punished, one after the other. */
interface Ladder<Past> {
  readonly none: Past;
  due(condition: Violation, base: bigint, past: Past): bigint;
  after(past: Past, condition: Violation, due: bigint): Past;
}

const OURS: Ladder<History> = {
  none: NEVER,
  due: (condition, base, past) => due(condition, base, past),
  after: ({ violations, slashes }, _, cost) => ({
    violations: violations + 1,
    slashes: slashes + (cost > 0n ? 1 : 0),
  }),
};

/** Of each condition apart, as the papers have it. */
type PapersPast = Readonly<Record<"failure" | "timeout", History>>;
const papersCondition = (condition: Violation) => (condition === "timeout" ? "timeout" : "failure");
/** Grace and repeat for each condition apart; a dispute upheld costs what a concession costs. */
const PAPERS: Ladder<PapersPast> = {
  none: { failure: NEVER, timeout: NEVER },
  due(condition, base, past) {
    const name = papersCondition(condition);
    return due(name, base, past[name]);
  },
  after(past, condition, cost) {
    const name = papersCondition(condition);
    return { ...past, [name]: OURS.after(past[name], condition, cost) };
  },
};

const deeds = fc.array(fc.record({ condition: fc.constantFrom(...VIOLATIONS), base: bases }), {
  maxLength: 12,
});
type Deeds = typeof deeds extends fc.Arbitrary<infer T> ? T : never;

function pastOf<Past>(ladder: Ladder<Past>, history: Deeds): Past {
  let past = ladder.none;
  for (const { condition, base } of history)
    past = ladder.after(past, condition, ladder.due(condition, base, past));
  return past;
}

/** For a price and a history: a milder violation never costs more than a worse one. */
const mildIsCheap = <Past>(ladder: Ladder<Past>) =>
  fc.property(deeds, bases, (history, base) => {
    const past = pastOf(ladder, history);
    const [failure, timeout, misdelivery] = VIOLATIONS.map((one) => ladder.due(one, base, past));
    return failure! <= timeout! && timeout! <= misdelivery!;
  });

describe("conceding", () => {
  it("costs no more than silence, and silence no more than being proven wrong, for every price and history", () => {
    fc.assert(mildIsCheap(OURS), { numRuns: 10_000 });
  });

  it("costs strictly less where the worse is not forgiven, four micro-credits answer, and the range is not left", () => {
    fc.assert(
      fc.property(bases, histories, (base, history) => {
        const quotes = VIOLATIONS.map((one) => quotePenalty(one, base, history));
        for (const [i, worse] of quotes.entries()) {
          if (i === 0 || worse.isWarning || base < 4n || worse.due === MAX_AMOUNT) continue;
          expect(quotes[i - 1]!.due).toBeLessThan(worse.due);
        }
      }),
      { numRuns: 10_000 },
    );
    const once: History = { violations: 1, slashes: 0 };
    expect([3n, 4n].map((base) => due("timeout", base, once))).toEqual([0n, 2n]);
  });

  it("makes nothing dearer that comes after, than a worse violation in its place would", () => {
    const replaced = fc.array(fc.record({ condition: fc.nat(2), milder: fc.nat(2), base: bases }), {
      minLength: 1,
      maxLength: 15,
    });
    fc.assert(
      fc.property(replaced, (story) => {
        let [mild, bad] = [OURS.none, OURS.none];
        for (const { condition, milder, base } of story) {
          const worse = VIOLATIONS[condition]!;
          const better = VIOLATIONS[Math.min(condition, milder)]!;
          const [costs, cost] = [OURS.due(better, base, mild), OURS.due(worse, base, bad)];
          expect(costs).toBeLessThanOrEqual(cost);
          [mild, bad] = [OURS.after(mild, better, costs), OURS.after(bad, worse, cost)];
        }
      }),
      { numRuns: 10_000 },
    );
  });
});

describe("the papers' rule, grace and repeat for each condition apart", () => {
  it("makes a concession dearer than silence, and being proven wrong cheaper, and the property finds it", () => {
    expect(fc.check(mildIsCheap(PAPERS), { numRuns: 10_000, seed: 67 }).failed).toBe(true);
  });

  it.each<[name: string, history: readonly Violation[], dues: readonly bigint[]]>([
    [
      "three concessions, and silence is free where a fourth is not",
      ["failure", "failure", "failure"],
      [100n, 0n, 100n],
    ],
    [
      "two silences, and a verdict is free where silence costs the lien",
      ["timeout", "timeout"],
      [0n, 1000n, 0n],
    ],
    [
      "seven upheld, and a concession costs what an unforgiven silence does",
      [...Array<Violation>(7).fill("misdelivery"), "timeout"],
      [500n, 500n, 500n],
    ],
  ])("after %s", (_, history, dues) => {
    const past = pastOf(
      PAPERS,
      history.map((condition) => ({ condition, base: 1000n })),
    );
    expect(VIOLATIONS.map((one) => PAPERS.due(one, 1000n, past))).toEqual(dues);
    const ours = pastOf(
      OURS,
      history.map((condition) => ({ condition, base: 1000n })),
    );
    const [failure, timeout, misdelivery] = VIOLATIONS.map((one) => OURS.due(one, 1000n, ours));
    expect(failure! < timeout! && timeout! < misdelivery!).toBe(true);
  });
});
