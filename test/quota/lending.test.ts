// Who was granted what, and who lent to whom.
import fc from "fast-check";
import { expect, it } from "vitest";
import { Lending } from "../../src/quota/lending.js";

const MINUTE = 60_000;

it("what one was granted beyond its part of a window, the others lent it", () => {
  const lending = new Lending();
  lending.meet("idle", 2, 0, 0);
  lending.meet("a", 1, 1, 0);
  lending.grant("a", 90);
  lending.meet("b", 1, 1, 59_999);
  lending.grant("b", 10);
  expect(lending.of("a")).toEqual({ granted: 90, lent: 0, borrowed: 0 });
  // Of 100 the idle one was entitled to 50, the others to 25 each.
  lending.meet("a", 1, -1, MINUTE);
  expect(["idle", "a", "b"].map((flow) => lending.of(flow))).toEqual([
    { granted: 0, lent: 50, borrowed: 0 },
    { granted: 90, lent: 0, borrowed: 65 },
    { granted: 10, lent: 15, borrowed: 0 },
  ]);
  // One window later the idle one still has a part; two windows later it has not, but who has something open has.
  lending.grant("a", 40);
  lending.meet("a", 1, 0, 2 * MINUTE);
  expect(lending.of("idle").lent).toBe(70);
  lending.grant("a", 40);
  lending.meet("a", 1, 0, 3 * MINUTE);
  expect(["idle", "a", "b"].map((flow) => lending.of(flow))).toEqual([
    { granted: 0, lent: 70, borrowed: 0 },
    { granted: 170, lent: 0, borrowed: 65 + 30 + 20 },
    { granted: 10, lent: 15 + 10 + 20, borrowed: 0 },
  ]);
});

it("flows that are gone for a day are forgotten, and their sums kept", () => {
  const lending = new Lending();
  lending.meet("a", 1, 0, 0);
  lending.grant("a", 7);
  lending.meet("b", 1, 0, 0);
  lending.meet("b", 1, 0, 1_440 * MINUTE);
  expect(lending.of("a")).toEqual({ granted: 7, lent: 0, borrowed: 4 });
  lending.meet("b", 1, 0, 1_441 * MINUTE);
  expect(lending.of("a")).toEqual({ granted: 0, lent: 0, borrowed: 0 });
  expect(lending.forgotten).toEqual({ granted: 7, lent: 0, borrowed: 4 });
  expect(lending.of("b").lent).toBe(4);
});

it("lent is borrowed over all flows, whatever is granted and given back", () => {
  const step = fc.record({
    flow: fc.constantFrom("a", "b", "c", "d"),
    weight: fc.integer({ min: 1, max: 10_000 }),
    cost: fc.integer({ min: -1_000_000_000, max: 5_000_000_000 }),
    passMs: fc.integer({ min: 0, max: 50_000_000 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
      const lending = new Lending();
      let nowMs = -100_000;
      for (const { flow, weight, cost, passMs } of steps) {
        nowMs += passMs;
        lending.meet(flow, weight, 0, nowMs);
        lending.grant(flow, cost);
        const all = [...["a", "b", "c", "d"].map((one) => lending.of(one)), lending.forgotten];
        expect(all.reduce((sum, { lent, borrowed }) => sum + lent - borrowed, 0)).toBe(0);
        for (const { lent, borrowed } of all) expect(Math.min(lent, borrowed)).toBeGreaterThanOrEqual(0);
      }
    }),
    { numRuns: 100 },
  );
});

it("flows that somebody makes up are forgotten as soon as they have no part any more, and their sums kept", () => {
  const lending = new Lending();
  const most = 10_000;
  for (let i = 0; i < most + 1; i++) {
    lending.meet(`f${i}`, 1, 0, 0);
    lending.grant(`f${i}`, 1);
  }
  lending.meet("stays", 1, 1, 0);
  lending.meet("stays", 1, 0, MINUTE);
  expect([lending.of("f0").granted, lending.forgotten.granted]).toEqual([1, 0]);
  lending.meet("stays", 1, 0, 2 * MINUTE);
  expect([lending.of("f0").granted, lending.forgotten.granted]).toEqual([0, most + 1]);
});
