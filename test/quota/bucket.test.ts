// A bucket against recorded refusals, and its bounds.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Bucket } from "../../src/quota/bucket.js";
import type { Limit, Use } from "../../src/quota/index.js";

const MINUTE = 60_000;
const tokens = (limit: number): Limit => ({ dimension: "tokens", limit, windowMs: MINUTE });
const use = (inputTokens: number, outputTokens = 0): Use => ({ inputTokens, outputTokens });

describe("a bucket", () => {
  it.each([
    { limit: 500_000, used: 442_231, requested: 249_686, told: 23.03 },
    { limit: 200_000, used: 22, requested: 200_000, told: 0.006 },
    { limit: 10_000, used: 1, requested: 10_000, told: 0.006 },
    { limit: 10_000, used: 0, requested: 10_000, told: 0 },
  ])("waits as recorded upstreams say, $told s", ({ limit, used, requested, told }) => {
    const bucket = new Bucket(tokens(limit), "asked", 0);
    bucket.reserve(use(used), 0);
    const ms = bucket.msUntilFits(use(requested), 0)!;
    // Theirs are cut to the millisecond, or to the hundredth of a second; ours is when it fits.
    expect(ms - told * 1_000).toBeGreaterThanOrEqual(0);
    expect(ms - told * 1_000).toBeLessThanOrEqual(told > 1 ? 10 : 1);
    expect(bucket.takenAt(MINUTE)).toBe(0);
  });

  it("G25 fits exactly when it says so, and not a millisecond before", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.integer({ min: 0, max: 9_999 }),
        fc.array(fc.tuple(fc.nat({ max: 1_000_000 }), fc.nat({ max: 100_000 })), { maxLength: 8 }),
        fc.nat({ max: 1_000_000 }),
        (limit, headroomBp, before, asked) => {
          const bucket = new Bucket(tokens(limit), "asked", headroomBp);
          let nowMs = 0;
          for (const [amount, passMs] of before) {
            if (bucket.msUntilFits(use(amount), nowMs) === 0) bucket.reserve(use(amount), nowMs);
            nowMs += passMs;
          }
          const ms = bucket.msUntilFits(use(asked), nowMs);
          expect(ms === null).toBe(!bucket.everFits(use(asked)));
          if (ms === null) return;
          if (ms > 0) expect(bucket.msUntilFits(use(asked), nowMs + ms - 1)).toBe(1);
          expect(bucket.msUntilFits(use(asked), nowMs + ms)).toBe(0);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("G12 G13 holds what is being written until it is over, where the upstream counts what it writes", () => {
    const bucket = new Bucket(tokens(1_000), "written", 0);
    const mark = bucket.reserve(use(100, 900), 0);
    expect(bucket.msUntilFits(use(100), 0)).toBe(6_000);
    expect(bucket.msUntilFits(use(101), MINUTE)).toBeNull();
    bucket.settle(mark, use(100, 300), MINUTE);
    expect(bucket.takenAt(MINUTE)).toBe(300);
    expect(bucket.takenAt(2 * MINUTE)).toBe(0);
  });

  it("G15 gives all back of what never reached the upstream", () => {
    const bucket = new Bucket(tokens(1_000), "asked", 0);
    bucket.settle(bucket.reserve(use(100, 900), 0), null, 0);
    expect(bucket.takenAt(0)).toBe(0);
  });

  it("gives nothing back that would have flowed off as nothing", () => {
    const bucket = new Bucket(tokens(60_000), "asked", 0);
    // One a millisecond flows off: 100 stand for what was 50, and after 60 ms nothing of it is left upstream.
    const high = bucket.reserve(use(100), 0);
    bucket.reserve(use(30), 60);
    expect(bucket.takenAt(60)).toBe(70);
    bucket.settle(high, use(50), 60);
    expect(bucket.takenAt(60)).toBe(30);
  });

  it("counts what was more than it was taken for from when that is known", () => {
    const bucket = new Bucket(tokens(60_000), "asked", 0);
    const low = bucket.reserve(use(10), 0);
    bucket.settle(low, use(25), 20);
    expect(bucket.takenAt(20)).toBe(15);
  });

  it("G13 counts what is known while it runs: less as if it had always been known, more from then on", () => {
    const bucket = new Bucket(tokens(60_000), "asked", 0);
    let mark = bucket.reserve(use(100), 0);
    mark = bucket.correct(mark, use(40), 20);
    expect(bucket.takenAt(20)).toBe(20);
    mark = bucket.correct(mark, use(70), 30);
    expect(bucket.takenAt(30)).toBe(40);
    // Of what came last, at 30, five are given back, then of the rest.
    bucket.settle(mark, use(30), 35);
    expect(bucket.takenAt(35)).toBe(0);
    bucket.settle(bucket.reserve(use(10), 35), null, 35);
    expect(bucket.takenAt(35)).toBe(0);
  });

  it("G12 holds more of what is being written once it is more than was taken for", () => {
    const bucket = new Bucket(tokens(60_000), "written", 0);
    const mark = bucket.correct(bucket.reserve(use(0, 100), 0), use(0, 300), 50);
    expect(bucket.takenAt(50)).toBe(300);
    bucket.settle(mark, use(0, 250), 60);
    expect(bucket.takenAt(60)).toBe(250);
  });

  it("G24 counts what somebody else must have used, and never its own requests twice", () => {
    const bucket = new Bucket(tokens(1_000), "asked", 0);
    const first = bucket.reserve(use(100), 0);
    bucket.reserve(use(50), 10);
    // The answer to the first may have been given before the second arrived, or after it.
    expect(bucket.observe(100, first, 20)).toBe(0);
    expect(bucket.observe(150, first, 20)).toBe(0);
    expect(bucket.observe(400, first, 20)).toBe(250);
    expect(bucket.takenAt(20)).toBe(400);
  });

  it("G24 leaves to somebody else what it is told to, and suspects nobody of it; a use that needs all waits for an empty one", () => {
    const bucket = new Bucket(tokens(60_000), "asked", 0);
    const mark = bucket.reserve(use(1_000), 0);
    bucket.leave(9_000);
    expect([
      bucket.takenAt(0),
      bucket.msUntilFits(use(50_000), 0),
      bucket.msUntilFits(use(50_001), 0),
    ]).toEqual([1_000, 0, 1]);
    expect(bucket.msUntilFits(use(60_000), 0)).toBe(1_000);
    // All of the first has flown off when its answer tells that another's 500 are used.
    expect([bucket.observe(1_000, mark, 0), bucket.observe(1_500, mark, 2_000)]).toEqual([0, 500]);
    bucket.leave(0);
    expect(bucket.msUntilFits(use(59_500), 2_000)).toBe(0);
  });
});
