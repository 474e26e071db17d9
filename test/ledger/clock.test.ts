// Clocks: what a log whose beginning is not known may have begun with.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Clock,
  clockAfter,
  clocksBefore,
  LOCAL_TESTNET_PARAMS,
  MAX_OUTAGES,
  OUTAGE_REST,
  outageMs,
} from "../../src/ledger/index.js";

const params = LOCAL_TESTNET_PARAMS;
const LIMIT_MS = outageMs(params);
const MOST_MS = MAX_OUTAGES * OUTAGE_REST * LIMIT_MS;
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

describe("clocks before a log", () => {
  it("whatever was used up before it, one of them makes the same gaps outages", () => {
    fc.assert(
      fc.property(fc.array(gap, { minLength: 1, maxLength: 40 }), fc.nat(MOST_MS), (gapsMs, spentMs) => {
        const steps = stepsOf(gapsMs);
        const wanted = behind({ outagesMs: 0, spentToMs: BEGAN_MS + spentMs }, steps);
        const found = clocksBefore(steps, params, 1000).map((clock) => behind(clock, steps));
        expect(found).toContainEqual(wanted);
      }),
      { numRuns: 500 },
    );
  });

  it("a log without gaps needs one", () => {
    expect(clocksBefore(stepsOf([300, LIMIT_MS, 300]), params, 1000)).toHaveLength(1);
  });

  it("are few for a log of few gaps, and never more than asked for", () => {
    const counts = fc.sample(fc.array(gap, { minLength: 1, maxLength: 40 }), { numRuns: 300, seed: 1 });
    for (const gapsMs of counts) {
      const steps = stepsOf(gapsMs);
      const gaps = gapsMs.filter((one) => one > LIMIT_MS).length;
      expect(clocksBefore(steps, params, 1000).length).toBeLessThanOrEqual(4 * gaps + 1);
      expect(clocksBefore(steps, params, 3).length).toBeLessThanOrEqual(3);
    }
  });
});
