// Deadlines against a plain sorted list: whatever is set, moved and removed, what is due is the same.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Deadlines } from "../../src/ledger/deadlines.js";

const step = fc.record({
  id: fc.constantFrom("a", "b", "c", "d", "e", "f", "g", "h"),
  dueMs: fc.option(fc.integer({ min: -3, max: 6 }), { nil: null }),
});

describe("deadlines", () => {
  it("give the first, and all that are due, as a sorted list does", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const deadlines = new Deadlines<number>((dueMs) => dueMs);
        const naive = new Map<string, number>();
        for (const { id, dueMs } of steps) {
          if (dueMs === null) {
            deadlines.delete(id);
            naive.delete(id);
          } else {
            deadlines.set(id, dueMs);
            naive.set(id, dueMs);
          }
          const sorted = [...naive].map(([key, due]) => ({ id: key, dueMs: due })).sort(byDue);
          expect(deadlines.sorted()).toEqual(sorted);
          expect(deadlines.first).toEqual(sorted[0] ?? null);
          expect(deadlines.size).toBe(naive.size);
          for (const timeMs of [-3, 0, 1, 6]) {
            const due = sorted.filter((one) => one.dueMs <= timeMs);
            expect([...deadlines.upTo(timeMs)].sort(byDue)).toEqual(due);
          }
        }
      }),
    );
  });
});

const byDue = (a: { id: string; dueMs: number }, b: { id: string; dueMs: number }): number =>
  a.dueMs - b.dueMs || (a.id < b.id ? -1 : 1);
