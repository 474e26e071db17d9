// Clocks: what a log whose beginning is not known needs to be told of it.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Clock,
  clockAfter,
  LOCAL_TESTNET_PARAMS,
  MAX_OUTAGES,
  maxSpentMs,
  newClock,
  OUTAGE_REST,
  outageMs,
  spentMs,
} from "../../src/ledger/index.js";

const params = LOCAL_TESTNET_PARAMS;
const LIMIT_MS = outageMs(params);
const BEGAN_MS = 1_000_000;

/** Steps of a log: entries as far apart as the test says, each with its parent's time. */
const stepsOf = (gapsMs: readonly number[]) => {
  let timeMs = BEGAN_MS;
  return gapsMs.map((gapMs) => {
    const parentTimeMs = timeMs;
    timeMs += gapMs;
    return { timeMs, parentTimeMs };
  });
};

/** What live time was behind after each step. */
function behind(first: Clock, steps: ReturnType<typeof stepsOf>): readonly number[] {
  let clock = first;
  return steps.map((step) => {
    clock = clockAfter(clock, step, params);
    return clock.outagesMs;
  });
}

const gap = fc.oneof(
  fc.constantFrom(300, LIMIT_MS, LIMIT_MS + 1, OUTAGE_REST * LIMIT_MS),
  fc.integer({ min: 1, max: 3 * LIMIT_MS }),
);

describe("what outages have used up", () => {
  const gaps = fc.array(gap, { maxLength: 40 });
  it("at a moment is all that later gaps need to know of it, and has a bound", () => {
    fc.assert(
      fc.property(gaps, gap, gaps, (before, own, after) => {
        const steps = stepsOf([...before, own, ...after]);
        const whole = behind(newClock(), steps);
        const { timeMs } = steps[before.length]!;
        let clock = newClock();
        for (const step of steps.slice(0, before.length + 1)) clock = clockAfter(clock, step, params);
        const used = spentMs(clock, timeMs);
        expect(used).toBeLessThanOrEqual(maxSpentMs(params));
        const later = behind({ outagesMs: 0, spentToMs: timeMs + used }, steps.slice(before.length + 1));
        expect(later.map((one) => one + clock.outagesMs)).toEqual(whole.slice(before.length + 1));
      }),
      { numRuns: 500 },
    );
  });

  it("reaches its bound after as many outages as may follow each other", () => {
    let clock = newClock();
    const steps = stepsOf(Array(MAX_OUTAGES + 1).fill(LIMIT_MS + 1));
    for (const step of steps) clock = clockAfter(clock, step, params);
    expect(clock.outagesMs).toBe(MAX_OUTAGES * (LIMIT_MS + 1));
    expect(spentMs(clock, steps[MAX_OUTAGES - 1]!.timeMs)).toBe(maxSpentMs(params));
    expect(maxSpentMs(params)).toBe(MAX_OUTAGES * OUTAGE_REST * LIMIT_MS);
  });
});
