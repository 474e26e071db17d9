// What was used before a restart: a pool that recalls it is as the one in which it happened.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BANDS } from "../../src/quota/bands.js";
import { type Limit, Pool } from "../../src/quota/index.js";
import { ask, RPM, RULES, TPM, use } from "./asking.js";

const rules = { ...RULES, headroomBp: 0 };
const FLOWS = ["a", "b", "c", "d"];

const story = fc.array(
  fc.record({
    flow: fc.constantFrom(...FLOWS),
    band: fc.constantFrom(...BANDS),
    weight: fc.integer({ min: 1, max: 5 }),
    inputTokens: fc.integer({ min: 0, max: 3_000 }),
    outputTokens: fc.integer({ min: 0, max: 3_000 }),
    passMs: fc.integer({ min: 0, max: 20_000 }),
  }),
  { maxLength: 25 },
);

/** What is to be seen of a pool: shares, and in which order and at which times it serves whatever asks. */
function seen(pool: Pool, nowMs: number): unknown {
  const shares = FLOWS.map((flow) => pool.shareOf(flow, nowMs));
  const fairness = FLOWS.flatMap((flow, at) =>
    Array.from({ length: 8 }, (_, n) => ask(flow, use(2_000 + 100 * at), { id: `${flow}-${n}` })),
  );
  for (const one of fairness) pool.ask(one, nowMs);
  const served: string[] = [];
  for (let atMs: number | null = nowMs; atMs !== null; ) {
    const { begun, wakeAtMs } = pool.turn(atMs);
    for (const { id } of begun) served.push(`${id} at ${atMs}`);
    for (const { id, estimate } of begun) pool.settle(id, estimate, atMs);
    atMs = wakeAtMs === Number.MAX_SAFE_INTEGER ? null : wakeAtMs;
  }
  return { shares, served };
}

describe("a pool that recalls", () => {
  it("is in all that is seen of it as if it had happened in it", () => {
    const limits: readonly Limit[] = [
      { ...RPM, limit: 30 },
      { ...TPM, limit: 160_000 },
    ];
    fc.assert(
      fc.property(
        story,
        fc.constantFrom("asked", "written"),
        fc.nat({ max: 90_000 }),
        (steps, output, sinceMs) => {
          const some = { ...rules, output, limits, memory: { halfLifeMs: 30_000, credit: 2e9 } } as const;
          const lived = new Pool(some);
          let nowMs = 0;
          const past: Parameters<Pool["recall"]>[0][] = [];
          const at: number[] = [];
          for (const { passMs, inputTokens, outputTokens, ...who } of steps) {
            nowMs += passMs;
            const one = ask(who.flow, use(inputTokens, outputTokens), who);
            expect(lived.ask(one, nowMs).ok).toBe(true);
            expect(lived.turn(nowMs).begun).toHaveLength(1);
            lived.settle(one.id, one.estimate, nowMs);
            past.push({ ...who, use: one.estimate, agoMs: 0 });
            at.push(nowMs);
          }
          const restartMs = nowMs + sinceMs;
          // The clock of the new process begins anew.
          const recalled = new Pool(some);
          past.forEach((one, n) => {
            recalled.recall({ ...one, agoMs: restartMs - at[n]! }, 5);
          });
          const shift = (text: unknown, byMs: number) =>
            JSON.stringify(text).replaceAll(/ at (\d+)/g, (_, ms) => ` at ${Number(ms) - byMs}`);
          expect(shift(seen(recalled, 5), 5)).toBe(shift(seen(lived, restartMs), restartMs));
        },
      ),
      { numRuns: 40 },
    );
  });

  it("takes what is told out of order as used with what was told before it, never as flowed off", () => {
    const pool = new Pool({ ...rules, limits: [{ ...RPM, limit: 2 }] });
    const past = { flow: "a", band: "normal", weight: 1, use: use(1) } as const;
    pool.recall({ ...past, agoMs: 10_000 }, 0);
    pool.recall({ ...past, agoMs: 50_000 }, 0);
    pool.ask(ask("a", use(1)), 0);
    expect(pool.turn(0)).toMatchObject({ begun: [], wakeAtMs: 20_000 });
  });

  it("knows how full a limit was, which uses of one window would not tell", () => {
    const some = { ...rules, limits: [{ ...RPM, limit: 60 }] };
    const lived = new Pool(some);
    for (let n = 0; n < 600; n++) lived.ask(ask("a", use(1)), 0);
    for (let atMs = 0; atMs <= 300_000; atMs += 1_000)
      for (const { id, estimate } of lived.turn(atMs).begun) lived.settle(id, estimate, atMs);
    const taken = lived.takenAt(300_000);
    expect(taken).toEqual([{ limit: some.limits[0], taken: 60 }]);
    const recalled = new Pool(some);
    recalled.recallTaken(taken, 2_000, 5);
    const past = { flow: "a", band: "normal", weight: 1, use: use(1) } as const;
    for (const agoMs of [3_000, 2_000, 1_000]) recalled.recall({ ...past, agoMs }, 5);
    // 60, less what flowed off in 2 s, and the one use that came after.
    expect(recalled.takenAt(5)).toMatchObject([{ taken: 59 }]);
  });

  it("G16 takes limits for full before all that it is told, so that one that has been is still", () => {
    const some = { ...rules, limits: [{ ...RPM, limit: 60 }] };
    const past = { flow: "a", band: "normal", weight: 1, use: use(1) } as const;
    const recalled = (everyMs: number, sinceMs: number) => {
      const pool = new Pool(some);
      pool.recallSince(sinceMs, 0);
      for (let agoMs = sinceMs - 1; agoMs > 0; agoMs -= everyMs) pool.recall({ ...past, agoMs }, 0);
      return pool.takenAt(0)[0]!.taken;
    };
    // Busy, it was full all the time; used every other second, nothing of what it was is left after two windows.
    expect(recalled(1_000, 2 * 60_000)).toBe(60);
    expect(recalled(2_000, 2 * 60_000)).toBe(0);
    expect(recalled(2_000, 60_000)).toBe(30);
  });
});
