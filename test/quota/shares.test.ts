// What a flow is told that it is entitled to, and what is left of it.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Limit, Pool } from "../../src/quota/index.js";
import { ask, MINUTE, RPM, RULES, TPM, use } from "./asking.js";

const rules = { ...RULES, headroomBp: 0, limits: [RPM] };
const rpm = (limit: number): Limit => ({ ...RPM, limit });
const share = (limit: number, remaining: number, resetMs: number) => ({
  ...{ dimension: "requests", windowMs: MINUTE },
  ...{ limit, remaining, resetMs },
});

function use1(pool: Pool, flow: string, nowMs: number, weight = 1): string {
  const one = ask(flow, use(1), { weight });
  expect(pool.ask(one, nowMs).ok).toBe(true);
  pool.turn(nowMs);
  return one.id;
}

describe("a flow's share", () => {
  it("is all of a limit while it is alone, less headroom, and what it used comes back at the limit's rate", () => {
    const pool = new Pool({ ...rules, headroomBp: 1_000 });
    use1(pool, "a", 0);
    expect(pool.shareOf("a", 0)).toEqual([share(54, 53, 1_112)]);
    expect(pool.shareOf("a", 1_111)).toEqual([share(54, 53, 1)]);
    expect(pool.shareOf("a", 1_112)).toEqual([share(54, 54, 0)]);
  });

  it("is by weight among those that were there within a window, and no longer", () => {
    const pool = new Pool(rules);
    pool.settle(use1(pool, "a", 0, 1), use(1), 0);
    pool.settle(use1(pool, "b", 1_000, 3), use(1), 1_000);
    expect(pool.shareOf("a", 1_000)).toEqual([share(15, 15, 0)]);
    expect(pool.shareOf("b", 1_000)).toEqual([share(45, 44, 1_334)]);
    // Whoever is not there is told what it would have with a weight of 1.
    expect(pool.shareOf("c", 1_000)).toEqual([share(12, 12, 0)]);
    expect(pool.shareOf("b", MINUTE - 1)).toEqual([share(45, 45, 0)]);
    expect(pool.shareOf("b", MINUTE)).toEqual([share(60, 60, 0)]);
  });

  it("stays as long as something of the flow's waits or runs", () => {
    const pool = new Pool({ ...rules, limits: [rpm(2)] });
    const [running, gone] = [use1(pool, "a", 0), use1(pool, "b", 0)];
    pool.settle(gone, use(1), 0);
    use1(pool, "c", 0);
    const waiting = ask("d", use(1));
    pool.ask(waiting, 30_000);
    // a runs, c and d wait, b has gone.
    expect(pool.shareOf("a", 90_000)).toMatchObject([{ limit: 1 }]);
    pool.turn(90_000);
    pool.settle(running, use(1), 90_000);
    expect(pool.shareOf("c", 149_999)).toMatchObject([{ limit: 1 }]);
  });

  it("is among 10,000 at most, of a window however long, where nothing of the others waits or runs", () => {
    const DAY = 86_400_000;
    const pool = new Pool({ ...rules, limits: [{ ...RPM, limit: 1_000_000, windowMs: DAY }] });
    const running = use1(pool, "runs", 0);
    for (let n = 1; n <= 12_000; n++) {
      const gone = ask(`made-up-${n}`, use(1));
      expect(pool.ask(gone, n).ok).toBe(true);
      pool.leave(gone.id, n);
    }
    expect(pool.shareOf("another", 12_001)).toMatchObject([{ limit: Math.floor(1_000_000 / 10_001) }]);
    expect(pool.shareOf("made-up-12000", 12_001)).toMatchObject([{ limit: 100 }]);
    expect(pool.shareOf("runs", 12_001)).toMatchObject([{ limit: 100 }]);
    pool.settle(running, use(1), 12_001);
  });

  it("is one unit at least, and what is borrowed is not held against it", () => {
    const pool = new Pool(rules);
    for (let n = 0; n < 70; n++) use1(pool, `flow-${n}`, 0);
    // What came back within a second of a part of 60 does so of a part of 1.
    expect(pool.shareOf("flow-0", 0)).toEqual([share(1, 0, 1_000)]);
    expect(pool.shareOf("flow-59", 0)).toEqual([share(1, 0, MINUTE)]);
    expect(pool.shareOf("flow-69", 0)).toEqual([share(1, 1, 0)]);
    const alone = new Pool(rules);
    use1(alone, "b", 0);
    for (let n = 0; n < 59; n++) use1(alone, "a", 0);
    expect(alone.shareOf("a", 0)).toEqual([share(30, 0, MINUTE)]);
    expect(alone.shareOf("a", 2_000)).toEqual([share(30, 1, 58_000)]);
  });

  it("gives back what a request turned out not to use, and all of one that reached nobody", () => {
    const pool = new Pool({ ...rules, limits: [{ ...TPM, limit: 6_000 }], output: "written" });
    const tokens = (remaining: number) => [expect.objectContaining({ remaining })];
    const ids = [use(1_000, 2_000), use(500, 500)].map((estimate) => {
      const one = ask("a", estimate);
      pool.ask(one, 0);
      pool.turn(0);
      return one.id;
    });
    expect(pool.shareOf("a", 0)).toEqual(tokens(2_000));
    pool.settle(ids[0]!, use(1_000, 100), 0);
    expect(pool.shareOf("a", 0)).toEqual(tokens(3_900));
    pool.settle(ids[1]!, null, 0);
    expect(pool.shareOf("a", 0)).toEqual(tokens(4_900));
  });

  it("knows limits that are new, with whatever waits and runs", () => {
    const pool = new Pool({ ...rules, limits: [] });
    expect(pool.shareOf("a", 0)).toEqual([]);
    const running = use1(pool, "a", 0);
    use1(pool, "b", 0, 2);
    pool.relimit([RPM], 0);
    expect(pool.shareOf("a", 0)).toEqual([share(20, 19, 3_000)]);
    pool.relimit([rpm(120)], 0);
    expect(pool.shareOf("a", 0)).toEqual([share(40, 38, 3_000)]);
    pool.settle(running, null, 0);
    expect(pool.shareOf("a", 0)).toEqual([share(40, 40, 0)]);
  });

  it("never sums to more than a limit, and is whole, within its bounds", () => {
    const step = fc.record({
      flow: fc.integer({ min: 0, max: 5 }),
      weight: fc.integer({ min: 1, max: 9 }),
      tokens: fc.integer({ min: 1, max: 20_000 }),
      used: fc.option(fc.integer({ min: 1, max: 30_000 })),
      passMs: fc.integer({ min: 0, max: 50_000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const pool = new Pool({ ...rules, limits: [RPM, TPM] });
        let nowMs = 0;
        const running: { id: string; used: number | null }[] = [];
        const flows = new Set<string>();
        for (const { flow, weight, tokens, used, passMs } of steps) {
          const one = ask(`flow-${flow}`, use(tokens), { weight });
          flows.add(one.flow);
          pool.ask(one, nowMs);
          for (const { id } of pool.turn(nowMs).begun) running.push({ id, used });
          nowMs += passMs;
          if (running.length > 3) {
            const over = running.shift()!;
            pool.settle(over.id, over.used === null ? null : use(over.used), nowMs);
          }
          const shares = [...flows].map((name) => pool.shareOf(name, nowMs));
          for (const at of [0, 1]) {
            const { limit } = [RPM, TPM][at]!;
            for (const { limit: mine, remaining, resetMs } of shares.map((all) => all[at]!)) {
              expect(mine).toBeGreaterThanOrEqual(1);
              expect(mine).toBeLessThanOrEqual(limit);
              expect(remaining).toBeGreaterThanOrEqual(0);
              expect(remaining).toBeLessThanOrEqual(mine);
              expect(resetMs).toBeLessThanOrEqual(MINUTE);
              expect(remaining === mine).toBe(resetMs === 0);
            }
          }
          // Of those that are there; a weight of 1 stands for each that is not.
          const there = [...flows].filter((name) => pool.shareOf(name, nowMs)[1]!.resetMs > 0);
          const sum = there.map((name) => pool.shareOf(name, nowMs)[1]!.limit).reduce((a, b) => a + b, 0);
          expect(sum).toBeLessThanOrEqual(TPM.limit);
        }
      }),
      { numRuns: 30 },
    );
  });
});
