// The upstream's limiter: figures that real upstreams told, and an oracle of exact fractions that knows nothing of it.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Amounts,
  DAY_MS,
  type Dimension,
  type Limit,
  MINUTE_MS,
} from "../../../testnet/upstream/amounts.js";
import { Bucket } from "../../../testnet/upstream/bucket.js";
import { DayCount } from "../../../testnet/upstream/day-count.js";
import { Limiter, type LimiterRules } from "../../../testnet/upstream/limiter.js";

const limitOf = (
  dimension: Dimension,
  limit: number,
  windowMs = MINUTE_MS,
  ends: Limit["ends"] = "refill",
): Limit => ({ dimension, limit, windowMs, ends });
const NOTHING: Amounts = { requests: 0, tokens: 0, inputTokens: 0, outputTokens: 0 };
const PLAIN: LimiterRules = {
  limits: [],
  burstMs: null,
  countsFailed: false,
  acceleration: null,
  hidden: null,
};

describe("what upstreams were recorded to say", () => {
  test.each([
    { limit: 500_000, used: 442_231, requested: 249_686, told: 23_030 },
    // Told without its figures: of the same client's retry, so of the same limit and request.
    { limit: 500_000, used: 396_581, requested: 249_686, told: 17_552 },
    { limit: 30_000, used: 14_567, requested: 24_754, told: 18_642 },
    { limit: 10_000, used: 8_554, requested: 3_082, told: 9_816 },
    { limit: 200_000, used: 162_960, requested: 42_288, told: 1_574 },
    { limit: 30_000, used: 29_937, requested: 385, told: 644 },
  ])(
    "a refusal: $used of $limit used, $requested asked: wait $told ms",
    ({ limit, used, requested, told }) => {
      const bucket = new Bucket(limitOf("tokens", limit), 0);
      bucket.add(used, 0);
      expect(bucket.over(requested, 0)).toMatchObject({ used, requested, waitMs: told });
    },
  );

  test.each([
    { what: "requests of a day", limit: 10_000, remaining: 9_999, windowMs: DAY_MS, told: 8_640 },
    { what: "tokens", limit: 200_000, remaining: 199_978, windowMs: MINUTE_MS, told: 6 },
    { what: "requests", limit: 200, remaining: 199, windowMs: MINUTE_MS, told: 300 },
    { what: "tokens", limit: 10_000, remaining: 9_973, windowMs: MINUTE_MS, told: 162 },
    { what: "tokens", limit: 150_000, remaining: 149_994, windowMs: MINUTE_MS, told: 2 },
    { what: "tokens", limit: 30_000_000, remaining: 29_998_807, windowMs: MINUTE_MS, told: 2 },
    { what: "tokens", limit: 30_000_000, remaining: 29_999_973, windowMs: MINUTE_MS, told: 0 },
    { what: "requests of a day", limit: 1_000, remaining: 998, windowMs: DAY_MS, told: 172_800 },
    { what: "tokens", limit: 8_000, remaining: 7_927, windowMs: MINUTE_MS, told: 547 },
    { what: "requests", limit: 5_000, remaining: 4_999, windowMs: MINUTE_MS, told: 12 },
  ])("a reset: $remaining of $limit $what left: $told ms", ({ limit, remaining, windowMs, told }) => {
    const bucket = new Bucket(limitOf("tokens", limit, windowMs), 0);
    bucket.add(limit - remaining, 0);
    expect(bucket.reading(0)).toMatchObject({ remaining, resetMs: told });
  });
});

/** Fractions as pairs, never reduced: the dullest way to hold `used` exactly. */
class Fractions {
  private top = 0n;
  private bottom = 1n;
  private atMs = 0;
  constructor(private readonly limit: Limit) {}

  take(amount: number, nowMs: number): { used: number; waitMs: number } | null {
    const windowMs = BigInt(this.limit.windowMs);
    const limit = BigInt(this.limit.limit);
    this.top = this.top * windowMs - BigInt(nowMs - this.atMs) * limit * this.bottom;
    this.bottom *= windowMs;
    if (this.top < 0n) this.top = 0n;
    this.atMs = nowMs;
    const asked = BigInt(amount);
    if (this.top + asked * this.bottom > limit * this.bottom) {
      const used = (this.top + this.bottom - 1n) / this.bottom;
      return { used: Number(used), waitMs: Number(((used + asked - limit) * windowMs) / limit) };
    }
    this.top += asked * this.bottom;
    return null;
  }
}

describe("a limit that refills", () => {
  const LIMIT = fc.integer({ min: 1, max: 500_000 });
  const ASKS = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat({ max: 40_000 })), {
    maxLength: 24,
  });

  test("refuses what the fractions refuse, with the same figures", () => {
    fc.assert(
      fc.property(LIMIT, ASKS, (size, asks) => {
        const limit = limitOf("tokens", size);
        const bucket = new Bucket(limit, 0);
        const oracle = new Fractions(limit);
        let nowMs = 0;
        for (const [share, passMs] of asks) {
          nowMs += passMs;
          const requested = Math.floor(share * size);
          const told = bucket.over(requested, nowMs);
          if (told === null) bucket.add(requested, nowMs);
          expect(told && { used: told.used, waitMs: told.waitMs }).toEqual(oracle.take(requested, nowMs));
        }
      }),
      { numRuns: 300 },
    );
  });

  test("who waits as told and one millisecond is let in, unless others were before", () => {
    fc.assert(
      fc.property(LIMIT, ASKS, (size, asks) => {
        const bucket = new Bucket(limitOf("tokens", size), 0);
        let nowMs = 0;
        for (const [share] of asks) {
          const requested = Math.floor(share * size);
          const told = bucket.over(requested, nowMs);
          if (told !== null) {
            nowMs += told.waitMs! + 1;
            expect(bucket.over(requested, nowMs)).toBeNull();
          }
          bucket.add(requested, nowMs);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("what is larger than the limit never fits, and the limit itself does", () => {
    const bucket = new Bucket(limitOf("tokens", 100), 0);
    expect(bucket.over(101, 0)).toMatchObject({ waitMs: null });
    expect(bucket.over(100, 0)).toBeNull();
  });

  test("in short bursts, 60 a minute are one a second", () => {
    const bucket = new Bucket(limitOf("requests", 60), 0, 1_000);
    bucket.add(1, 0);
    expect(bucket.over(1, 999)).toMatchObject({ reason: "burst", used: 1, waitMs: 1_000 });
    expect(bucket.over(1, 1_000)).toBeNull();
  });

  test("in short bursts one request may always be sent, however few a minute", () => {
    const bucket = new Bucket(limitOf("requests", 10), 0, 1_000);
    expect(bucket.over(1, 0)).toBeNull();
    bucket.add(1, 0);
    expect(bucket.over(1, 5_999)).not.toBeNull();
    expect(bucket.over(1, 6_000)).toBeNull();
  });
});

describe("a limit of a day", () => {
  const MIDNIGHT_MS = Date.parse("2026-11-27T08:00:00Z");

  test("gives nothing back before midnight in the west, and all of it then", () => {
    const count = new DayCount(limitOf("requests", 2, DAY_MS, "midnight"), MIDNIGHT_MS - DAY_MS);
    count.add(2, MIDNIGHT_MS - DAY_MS);
    expect(count.over(1, MIDNIGHT_MS - 1)).toMatchObject({ used: 2, waitMs: 1 });
    expect(count.over(2, MIDNIGHT_MS)).toBeNull();
  });
});

describe("a limiter", () => {
  const request = (tokens: number): Amounts => ({
    ...NOTHING,
    requests: 1,
    tokens,
    inputTokens: tokens,
  });
  const limits = [limitOf("requests", 60), limitOf("tokens", 1_000)];

  test("a request that passes one limit counts against none, and hears of every limit it passes", () => {
    const limiter = new Limiter({ ...PLAIN, limits: [limitOf("requests", 1), limitOf("tokens", 10)] }, 1, 0);
    expect(limiter.take(request(11), 0).map(({ limit }) => limit.dimension)).toEqual(["tokens"]);
    expect(limiter.readings(0).map(({ used }) => used)).toEqual([0, 0]);
    expect(limiter.take(request(10), 0)).toEqual([]);
    expect(limiter.take(request(1), 0).map(({ limit }) => limit.dimension)).toEqual(["requests", "tokens"]);
  });

  test("where failures count, each refusal is a request more, and its tokens are not", () => {
    const limiter = new Limiter({ ...PLAIN, limits, countsFailed: true }, 1, 0);
    expect(limiter.take(request(1_001), 0)).toHaveLength(1);
    expect(limiter.readings(0).map(({ used }) => used)).toEqual([1, 0]);
  });

  test("what is refused accelerates nothing, where failures count too", () => {
    const acceleration = { floor: 100, growth: 2 };
    const rules = { ...PLAIN, limits: [limitOf("inputTokens", 1_000)], countsFailed: true, acceleration };
    const limiter = new Limiter(rules, 1, 0);
    for (let i = 0; i < 3; i++) expect(limiter.take(request(101), 0)).toHaveLength(1);
    expect(limiter.take(request(100), 0)).toEqual([]);
  });

  test("the three limits of input, output and requests are apart", () => {
    const three = [limitOf("requests", 1_000), limitOf("inputTokens", 40_000), limitOf("outputTokens", 100)];
    const limiter = new Limiter({ ...PLAIN, limits: three }, 1, 0);
    limiter.add("inputTokens", 39_981, 0);
    const over = limiter.take({ ...request(20), outputTokens: 1 }, 0);
    expect(over).toMatchObject([{ limit: three[1], used: 39_981, requested: 20 }]);
    limiter.add("outputTokens", 150, 0);
    expect(limiter.readings(0).map(({ remaining }) => remaining)).toEqual([1_000, 19, -50]);
    expect(limiter.take({ ...request(1), outputTokens: 1 }, 0)).toMatchObject([{ limit: three[2] }]);
  });

  test("an acceleration limit lets a minute use its floor, or as often what the minute before used", () => {
    const rules = {
      ...PLAIN,
      limits: [limitOf("inputTokens", 100_000)],
      acceleration: { floor: 100, growth: 2 },
    };
    const limiter = new Limiter(rules, 1, 0);
    expect(limiter.take(request(101), 0)).toMatchObject([{ reason: "acceleration", waitMs: MINUTE_MS }]);
    expect(limiter.take(request(100), 0)).toEqual([]);
    expect(limiter.take(request(200), MINUTE_MS)).toEqual([]);
    expect(limiter.take(request(1), MINUTE_MS)).toHaveLength(1);
    expect(limiter.take(request(401), 2 * MINUTE_MS)).toHaveLength(1);
    expect(limiter.take(request(400), 2 * MINUTE_MS)).toEqual([]);
    expect(limiter.take(request(101), 4 * MINUTE_MS)).toHaveLength(1);
  });

  test("a hidden user takes its share at its rate, and the same one by the same seed", () => {
    const hidden = { requestsPerMinute: 30, inputTokens: 10, outputTokens: 5 };
    // A limit so slow that nothing flows off while this looks.
    const rules = { ...PLAIN, limits: [limitOf("requests", 100_000, 10 ** 12)], hidden };
    const usedBy = (seed: number): number => new Limiter(rules, seed, 0).readings(100 * MINUTE_MS)[0]!.used;
    expect(usedBy(3)).toBe(usedBy(3));
    expect(usedBy(3)).not.toBe(usedBy(4));
    expect(Math.abs(usedBy(3) - 3_000)).toBeLessThan(200);
  });
});
