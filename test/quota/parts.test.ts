// One gateway's part of a key: what flows in it, what changes with it, what it lends, borrows, tells, and what of it was used.
import { describe, expect, it } from "vitest";
import { flowedMost, Pool, type PoolRules, type Turn } from "../../src/quota/index.js";
import { ask, MINUTE, RPM, RULES, TPM, use } from "./asking.js";

const A_MINUTE: PoolRules = { ...RULES, limits: [RPM], headroomBp: 0, parts: 0 };
const poolOf = (parts: number, rules: Partial<PoolRules> = {}): Pool => {
  const pool = new Pool({ ...A_MINUTE, ...rules });
  pool.part.set(parts, -MINUTE);
  pool.turn(-MINUTE);
  return pool;
};
/** Begins as many as it may. */
function begin(pool: Pool, nowMs: number, count = 100): number {
  for (let at = 0; at < count; at++) pool.ask(ask("a", use(0)), nowMs);
  const { begun } = pool.turn(nowMs);
  for (const { id } of begun) pool.settle(id, use(0), nowMs);
  return begun.length;
}
const next = (pool: Pool, nowMs: number): Turn => {
  pool.ask(ask("a", use(0)), nowMs);
  return pool.turn(nowMs);
};

describe("a part", () => {
  it("is exact: 333 of 1,000 parts of 60 a minute are 19.98, and one of them flows off in 3,003.003 ms", () => {
    const pool = poolOf(333);
    expect(begin(pool, 0)).toBe(19);
    // 0.98 of one are left: the next goes when 0.02 have flowed off, at 0.333 a second.
    expect(next(pool, 0).wakeAtMs).toBe(61);
    const begun: number[] = [];
    for (let nowMs = 0; nowMs < 100 * MINUTE; ) {
      const turn = pool.turn(nowMs);
      for (const { id } of turn.begun) pool.settle(id, use(0), nowMs);
      begun.push(turn.begun.length);
      nowMs = turn.wakeAtMs ?? 100 * MINUTE;
    }
    expect(begun.reduce((a, b) => a + b)).toBe(82);
  });

  it("flows so many in a hundred minutes as its parts say, within one", () => {
    const pool = poolOf(333);
    let begun = 0;
    for (let nowMs = 0; nowMs < 100 * MINUTE; nowMs += 1_000) begun += begin(pool, nowMs, 1);
    expect(begun).toBeGreaterThanOrEqual(19 + 1_998 - 1);
    expect(begun).toBeLessThanOrEqual(19 + 1_998);
  });

  it("begins full: what is gained may be used already", () => {
    const pool = new Pool(A_MINUTE);
    pool.part.set(500, 0);
    expect(next(pool, 0).begun).toHaveLength(0);
    expect(pool.turn(1_999).begun).toHaveLength(0);
    expect(pool.turn(2_000).begun).toHaveLength(1);
    expect(pool.takenAt(2_000)[0]!.taken).toBe(30);
  });

  it("of which some is lost has no more used than it holds", () => {
    const pool = poolOf(500);
    expect(begin(pool, 0)).toBe(30);
    pool.part.set(200, 0);
    expect(pool.takenAt(0)[0]!.taken).toBe(12);
    pool.part.set(201, 0);
    expect(pool.part.levels(0)).toEqual([{ dimension: "requests", windowMs: MINUTE, level: 201_000_000 }]);
  });

  it("of nothing lets nothing begin, whoever waits: until there is one", () => {
    const pool = new Pool(A_MINUTE);
    expect(next(pool, 0)).toMatchObject({ begun: [], unfit: [], wakeAtMs: Number.MAX_SAFE_INTEGER });
    expect(pool.part.shortfall(0)).toBeNull();
    pool.part.set(1_000, 0);
    expect(pool.turn(1_000).begun).toHaveLength(1);
  });

  it("refuses only what the whole key would not hold but for a hundredth, which flows off as it is lent", () => {
    const pool = poolOf(100, { limits: [TPM] });
    expect(pool.ask(ask("a", use(99_001)), 0)).toMatchObject({ ok: false });
    expect(pool.ask(ask("a", use(99_000)), 0).ok).toBe(true);
    expect(pool.turn(0)).toMatchObject({ begun: [], unfit: [] });
    expect(pool.part.shortfall(0)).toBe(890_000_000);
  });

  it("is told as an agent's own limit", () => {
    const pool = poolOf(500);
    pool.ask(ask("a", use(0)), 0);
    expect(pool.shareOf("a", 0)).toMatchObject([{ limit: 30 }]);
  });
});

describe("a loan", () => {
  it("is what whoever is next lacks, and lets it go at once", () => {
    const pool = poolOf(100);
    expect(begin(pool, 0)).toBe(6);
    expect(next(pool, 0).begun).toHaveLength(0);
    const lack = pool.part.shortfall(0)!;
    expect(lack).toBe(16_666_667);
    const loan = { parts: 0, standsMs: 0, elapsedMs: 0, isOwed: false };
    pool.part.borrow([{ ...loan, share: lack - 1 }], 0);
    expect(pool.turn(0).begun).toHaveLength(0);
    pool.part.borrow([{ ...loan, share: 1 }], 0);
    expect(pool.turn(0).begun).toHaveLength(1);
  });

  it("lets go what is greater than one's own part, and is lost where nothing begins", () => {
    const pool = poolOf(100, { limits: [TPM] });
    const loan = { parts: 0, standsMs: 0, elapsedMs: 0, isOwed: false };
    pool.ask(ask("a", use(40_000)), 0);
    expect(pool.turn(0).begun).toHaveLength(0);
    pool.part.borrow([{ ...loan, share: 299_999_999 }], 0);
    expect(pool.turn(0).begun).toHaveLength(0);
    pool.part.borrow([{ ...loan, share: 1 }], 0);
    expect(pool.turn(0).begun).toHaveLength(0);
    // Those of two lenders that come together do.
    pool.part.borrow(
      [
        { ...loan, share: 299_999_999 },
        { ...loan, share: 1 },
      ],
      0,
    );
    expect(pool.turn(0).begun).toHaveLength(1);
    expect(pool.takenAt(0)[0]!.taken).toBe(10_000);
  });

  it("has less of it by what flowed off at its lender as it came, once what was used there before is gone", () => {
    const pool = poolOf(100, { limits: [TPM] });
    pool.ask(ask("a", use(40_000)), 0);
    // At 300 parts 5 · 10⁶ billionths flow off in a second.
    const late = { parts: 300, standsMs: 2_000, elapsedMs: 3_000, isOwed: false };
    pool.part.borrow([{ ...late, share: 304_999_999 }], 0);
    expect(pool.turn(0).begun).toHaveLength(0);
    pool.part.borrow([{ ...late, share: 305_000_000 }], 0);
    expect(pool.turn(0).begun).toHaveLength(1);
  });

  it("counts at its lender at once, and leaves it a tenth of its own", () => {
    const pool = poolOf(500);
    expect(pool.part.lend(1_000_000_000, 0)).toEqual({
      share: 450_000_000,
      parts: 500,
      standsMs: 0,
      isOwed: false,
    });
    expect(pool.part.levels(0)[0]!.level).toBe(450_000_000);
    expect(pool.part.lend(1, 0)).toBeNull();
    expect(begin(pool, 0)).toBe(3);
  });

  it("is given by nobody who waits, or has nothing", () => {
    const pool = poolOf(100);
    expect(begin(pool, 0, 7)).toBe(6);
    expect(pool.part.lend(1, 100)).toBeNull();
    expect(new Pool(A_MINUTE).part.lend(1, 0)).toBeNull();
    expect(new Pool({ ...A_MINUTE, limits: [], parts: 1_000 }).part.lend(1, 0)).toBeNull();
  });

  it("stands as long as what was used before it, where nothing runs that may be less", () => {
    const pool = poolOf(500);
    expect(begin(pool, 0, 3)).toBe(3);
    expect(pool.part.lend(1, 0)).toMatchObject({ standsMs: 6_000 });
    const { begun } = next(pool, 0);
    expect(pool.part.lend(1, 0)).toMatchObject({ standsMs: 0 });
    pool.settle(begun[0]!.id, use(0), 0);
    expect(pool.part.lend(1, 0)!.standsMs).toBe(8_000);
  });

  it("helps nobody whom something else holds back", () => {
    const pool = poolOf(100);
    expect(begin(pool, 0, 5)).toBe(5);
    const { begun } = next(pool, 0);
    next(pool, 0);
    expect(pool.part.shortfall(0)).not.toBeNull();
    pool.refused(begun[0]!.id, 500, 0);
    expect(pool.part.shortfall(0)).toBeNull();
    expect(new Pool({ ...A_MINUTE, parts: 10 }).part.shortfall(0)).toBeNull();
  });
});

describe("what flowed off", () => {
  it("is what was used and what was lent, of the limit that was used most, and never more than the parts in that time", () => {
    const pool = poolOf(500, { limits: [RPM, TPM] });
    const before = pool.part.flowed(0);
    pool.part.lend(100_000_000, 0);
    expect(begin(pool, 0, 6)).toBe(6);
    // 200 parts of a minute were taken, of which half was lent; 500 flow off in a minute.
    expect(flowedMost(before, pool.part.flowed(6_000))).toEqual({ used: 0, lent: 500 * 6_000 });
    expect(flowedMost(before, pool.part.flowed(18_000))).toEqual({ used: 500 * 6_000, lent: 500 * 12_000 });
    expect(flowedMost(before, pool.part.flowed(MINUTE))).toEqual({ used: 100 * MINUTE, lent: 100 * MINUTE });
  });

  it("is not what was only taken to be used", () => {
    const pool = poolOf(500, { limits: [TPM] });
    const before = pool.part.flowed(0);
    pool.ask(ask("a", use(50_000)), 0);
    const { begun } = pool.turn(0);
    expect(flowedMost(before, pool.part.flowed(30_000))).toEqual({ used: 500 * 30_000, lent: 0 });
    pool.settle(begun[0]!.id, use(10_000), 30_000);
    expect(flowedMost(before, pool.part.flowed(MINUTE))).toEqual({ used: 100 * MINUTE, lent: 0 });
  });

  it("is so much as its limits held at the time", () => {
    const pool = poolOf(500);
    const before = pool.part.flowed(0);
    expect(begin(pool, 0, 6)).toBe(6);
    pool.part.set(500, 6_000);
    pool.relimit([{ ...RPM, limit: 120 }], 6_000);
    expect(flowedMost(before, pool.part.flowed(MINUTE))).toEqual({ used: 500 * 9_000, lent: 0 });
  });
});

describe("others of a key", () => {
  const observed = (used: number) => ({ dimension: "requests", windowMs: MINUTE, used }) as const;
  const levels = (level: number) => [{ dimension: "requests", windowMs: MINUTE, level }];

  it("are nobody else as far as they tell, and what flows off of them is gone", () => {
    const pool = poolOf(500);
    pool.part.hear("b", 500, levels(200_000_000), 0);
    const { begun } = next(pool, 6_000);
    // Of twelve three have flowed off in six seconds; one is this one.
    expect(pool.observe(begun[0]!.id, observed(10), 6_000)).toBe(0);
    expect(pool.observe(begun[0]!.id, observed(12), 6_000)).toBe(2);
    expect(pool.takenAt(6_000)[0]!.taken).toBe(2);
  });

  it("may have used since what they tell later", () => {
    const pool = poolOf(500);
    const { begun } = next(pool, 0);
    pool.part.hear("b", 500, levels(100_000_000), 10);
    expect(pool.observe(begun[0]!.id, observed(7), 1_000)).toBe(0);
    expect(pool.observe(begun[0]!.id, observed(8), 1_000)).toBe(1);
  });

  it("are nobody once they have no part", () => {
    const pool = poolOf(500);
    pool.part.hear("b", 500, levels(100_000_000), 0);
    pool.part.forget("b");
    const { begun } = next(pool, 0);
    expect(pool.observe(begun[0]!.id, observed(7), 0)).toBe(6);
    expect(pool.takenAt(0)[0]!.taken).toBe(4);
  });

  it("count what nobody tells by their parts: after some answers all of it, once", () => {
    const pools = ["a", "b", "c"].map((name) => ({ name, pool: poolOf(333, { limits: [TPM] }) }));
    const runs = pools.map(({ pool }) => {
      pool.ask(ask("a", use(100)), 0);
      return pool.turn(0).begun[0]!.id;
    });
    const nowMs = 0;
    const tell = () => {
      for (const { name, pool } of pools)
        for (const other of pools)
          if (other.name !== name) other.pool.part.hear(name, 333, pool.part.levels(nowMs), nowMs);
    };
    tell();
    const used = { dimension: "tokens", windowMs: MINUTE, used: 3_300 } as const;
    const seen = Array.from({ length: 30 }, (_, at) => {
      const foreign = pools[at % 3]!.pool.observe(runs[at % 3]!, used, nowMs);
      tell();
      return foreign;
    });
    expect(seen[0]).toBe(3_000);
    expect(seen.at(-1)).toBeLessThanOrEqual(3);
    const all = pools.reduce((sum, { pool }) => sum + pool.takenAt(nowMs)[0]!.taken, 0);
    expect(all).toBeGreaterThanOrEqual(3_299);
    expect(all).toBeLessThanOrEqual(3_303);
  });
});
