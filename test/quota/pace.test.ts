// Requests follow each other as closely as an upstream lets them, where it enforces short bursts.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Pool } from "../../src/quota/index.js";
import { ask, MINUTE, RPM, RULES, use } from "./asking.js";
import { Limiter } from "./upstream.js";

/** Asks at once, and follows the pool's own times. @returns when each was begun */
function begun(limit: number, burstMs: number | undefined, count: number): readonly number[] {
  const one = burstMs === undefined ? { ...RPM, limit } : { ...RPM, limit, burstMs };
  const pool = new Pool({ ...RULES, headroomBp: 0, limits: [one] });
  for (let n = 0; n < count; n++) pool.ask(ask("a", use(1)), 0);
  const times: number[] = [];
  for (let atMs = 0; times.length < count; ) {
    const turn = pool.turn(atMs);
    times.push(...turn.begun.map(() => atMs));
    if (turn.wakeAtMs !== null) atMs = turn.wakeAtMs;
  }
  return times;
}

describe("G22 a burst", () => {
  it("is what the whole window holds, unless the limit says otherwise", () => {
    expect(begun(3, undefined, 4)).toEqual([0, 0, 0, 20_000]);
    expect(begun(3, 40_000, 4)).toEqual([0, 0, 20_000, 40_000]);
    expect(begun(3, 1, 4)).toEqual([0, 20_000, 40_000, 60_000]);
    expect(begun(60, 1_000, 3)).toEqual([0, 1_000, 2_000]);
  });

  it("after a refill starts no more than an upstream lets through that enforces it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 900 }), fc.integer({ min: 1, max: MINUTE }), (limit, burstMs) => {
        const most = Math.max(1, (limit * burstMs) / MINUTE);
        const limiter = new Limiter([{ limit: most, windowMs: (most * MINUTE) / limit }]);
        for (const atMs of begun(limit, burstMs, 30)) expect(limiter.take([1], atMs)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it("keeps its pace when the limit changes", () => {
    const pool = new Pool({ ...RULES, headroomBp: 0, limits: [{ ...RPM, burstMs: 1_000 }] });
    for (let n = 0; n < 5; n++) pool.ask(ask("a", use(1)), 0);
    expect(pool.turn(0).begun).toHaveLength(1);
    pool.relimit([{ ...RPM, limit: 120, burstMs: 500 }], 0);
    expect(pool.turn(0)).toMatchObject({ begun: [], wakeAtMs: 500 });
    expect(pool.turn(500)).toMatchObject({ begun: [{}], wakeAtMs: 1_000 });
    pool.relimit([{ ...RPM, limit: 120 }], 500);
    expect(pool.turn(500).begun).toHaveLength(3);
  });
});
