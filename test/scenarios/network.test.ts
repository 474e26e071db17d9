// Scenarios 9–13 of spec/scenarios: what links do to members, in the simulator.
import { describe, expect, it } from "vitest";
import { CALM } from "../../testnet/lab/simulate/faults.js";
import { between, calm, heightsAt, lived, logOf, parted, TIMING, unheard } from "./scenario-of.js";

/** Two histories of small sets; larger ones cost more. */
const seedsFrom = (seed: number, size: number): readonly number[] => (size > 4 ? [seed] : [seed, seed + 1]);
const all = (size: number): readonly number[] => Array.from({ length: size }, (_, at) => at);
const CUT_MS = 4_000;
const MENDED_MS = 12_000;
/** What was on its way when the links were cut has arrived. */
const SETTLED_MS = CUT_MS + 200;

describe("scenario 9: a symmetric partition with no quorum side", () => {
  for (const [size, here] of [
    [2, 1],
    [4, 2],
    [7, 4],
  ] as const) {
    it(`scenario 9: ${here} of ${size} on one side: nobody commits, and healing brings progress`, () => {
      for (const seed of seedsFrom(1, size)) {
        const cuts = between(all(size).slice(0, here), all(size).slice(here));
        const partitions = [parted(CUT_MS, MENDED_MS, cuts)];
        let heights: ReturnType<typeof heightsAt> = new Map();
        lived(calm(seed, size, { healMs: MENDED_MS, faults: { partitions } }), (world) => {
          heights = heightsAt(world, [SETTLED_MS, MENDED_MS - 1]);
        });
        expect(heights.get(MENDED_MS - 1)).toEqual(heights.get(SETTLED_MS));
        expect(Math.min(...heights.get(SETTLED_MS)!)).toBeGreaterThan(3);
      }
    });
  }
});

describe("scenario 10: a quorum and a minority", () => {
  for (const [size, minority] of [
    [3, 1],
    [4, 1],
    [7, 2],
  ] as const) {
    it(`scenario 10: ${minority} of ${size} apart: the minority never commits, the quorum goes on, and all catch up`, () => {
      for (const seed of seedsFrom(3, size)) {
        const few = all(size).slice(size - minority);
        const many = all(size).slice(0, size - minority);
        const partitions = [parted(CUT_MS, MENDED_MS, between(few, many))];
        let heights: ReturnType<typeof heightsAt> = new Map();
        const { result } = lived(calm(seed, size, { healMs: MENDED_MS, faults: { partitions } }), (world) => {
          heights = heightsAt(world, [SETTLED_MS, MENDED_MS - 1]);
        });
        const [before, after] = [heights.get(SETTLED_MS)!, heights.get(MENDED_MS - 1)!];
        for (const at of few) expect(after[at]).toBe(before[at]);
        for (const at of many) expect(after[at]!).toBeGreaterThan(before[at]! + 4);
        expect(result.entriesFinalised).toBeGreaterThan(Math.max(...after));
      }
    });
  }
});

describe("scenario 11: links that carry one way only", () => {
  const ring = all(4).map((at): readonly [number, number] => [at, (at + 1) % 4]);
  const shapes = [
    ["one pair of four", [[1, 0] as const]],
    ["a member whom nobody hears", unheard([2], all(4))],
    ["a member who hears nobody", unheard(all(4), [2])],
    ["a ring in which nobody hears the one before", ring],
    ["two who are not heard by the other two", unheard([0, 1], [2, 3])],
  ] as const;
  for (const [what, cuts] of shapes) {
    it(`scenario 11: ${what}: one chain, and progress after healing`, () => {
      for (const seed of seedsFrom(5, 4)) {
        const partitions = [parted(CUT_MS, MENDED_MS, cuts)];
        lived(calm(seed, 4, { healMs: MENDED_MS, faults: { partitions } }));
      }
    });
  }
});

describe("scenario 12: a partition that comes and goes with every t_adv", () => {
  const advMs = TIMING.idleMs + 3 * TIMING.deltaMs;
  for (const size of [4, 7]) {
    it(`scenario 12: ${size} members, another split each time: one chain, and progress after healing`, () => {
      for (const seed of seedsFrom(7, size)) {
        const flaps = all(12).map((i) => {
          const here = all(size).filter((at) => (at + i) % 2 === 0);
          const there = all(size).filter((at) => (at + i) % 2 === 1);
          return parted(1_000 + 2 * i * advMs, 1_000 + (2 * i + 1) * advMs, between(here, there));
        });
        const { result } = lived(calm(seed, size, { faults: { partitions: flaps } }));
        expect(result.faults.partitions).toBe(12);
      }
    });
  }
});

describe("scenario 13: a storm", () => {
  for (const size of [1, 4, 7]) {
    it(`scenario 13: ${size} members, 30 % lost, 20 % twice, reordered, 10 s late: one chain, and it lives`, () => {
      for (const seed of seedsFrom(9, size)) {
        const weather = {
          ...CALM,
          loss: 0.3,
          duplication: 0.2,
          reordering: 0.3,
          slow: 0.05,
          slowMs: 10_000,
        };
        let heights: ReturnType<typeof heightsAt> = new Map();
        const scenario = calm(seed, size, { healMs: 30_000, faults: { weather } });
        const { result, world } = lived(scenario, (one) => {
          heights = heightsAt(one, [5_000, 30_000]);
        });
        // Even in the storm the log grows: each term that fails is only slower.
        expect(Math.max(...heights.get(30_000)!)).toBeGreaterThan(Math.max(...heights.get(5_000)!));
        expect(logOf(world.hosts[0]!).length).toBeGreaterThanOrEqual(result.entriesFinalised - 2);
        if (size > 1) expect(result.faults.lost).toBeGreaterThan(100);
      }
    });
  }
});
