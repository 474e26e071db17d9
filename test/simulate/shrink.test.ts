// Shrinking keeps what breaks an invariant and little else; what is left replays by its names; old failures stay mended.
import { describe, expect, it, vi } from "vitest";
import { FAULT_KINDS } from "../../testnet/lab/simulate/faults.js";
import { only, partsOf } from "../../testnet/lab/simulate/parts.js";
import { run } from "../../testnet/lab/simulate/run.js";
import type { Scenario, ScenarioWishes } from "../../testnet/lab/simulate/scenario.js";
import { scenarioOf } from "../../testnet/lab/simulate/seed.js";
import { shrink } from "../../testnet/lab/simulate/shrink.js";
import { optionsFault, type SimulateOptions, simulate } from "../../testnet/lab/simulate/simulate.js";
import { REGRESSIONS } from "./regressions.js";

const ANYTHING: ScenarioWishes = {
  peers: null,
  quorum: null,
  byzantine: null,
  faults: new Set(FAULT_KINDS),
};
const noClock = (): number => 0;
const idsOf = (scenario: Scenario): string[] => partsOf(scenario).map(({ id }) => id);

vi.setConfig({ testTimeout: 300_000 });

describe("parts", () => {
  it("a scenario with all of its parts is itself, with none is calm and idle, and every part can be left out alone", () => {
    for (let seed = 1; seed <= 60; seed++) {
      const scenario = scenarioOf(seed, ANYTHING);
      const ids = idsOf(scenario);
      expect(new Set(ids).size).toBe(ids.length);
      expect(only(scenario, new Set(ids))).toEqual(scenario);
      expect(idsOf(only(scenario, new Set()))).toEqual([]);
      for (const id of ids) {
        const without = idsOf(only(scenario, new Set(ids.filter((one) => one !== id))));
        expect(without).toHaveLength(ids.length - 1);
      }
    }
  });
});

describe("shrink", () => {
  /** A stand-in for a run: it breaks where all of `culprits` are there. */
  const needs = (scenario: Scenario, culprits: readonly string[]) => {
    const words = new Map(partsOf(scenario).map(({ id, says }) => [id, says]));
    return (smaller: Scenario): boolean => {
      const left = new Set(partsOf(smaller).map(({ says }) => says));
      return culprits.every((id) => left.has(words.get(id)!));
    };
  };

  it("leaves exactly the parts that are needed together, in whatever places they stand", () => {
    for (let seed = 1; seed <= 40; seed++) {
      const scenario = scenarioOf(seed, ANYTHING);
      const ids = idsOf(scenario);
      const culprits = [ids[seed % ids.length]!, ids[(7 * seed) % ids.length]!, ids.at(-1)!];
      const wanted = ids.filter((id) => culprits.includes(id));
      const shrunk = shrink(scenario, needs(scenario, culprits), 1_000);
      expect(shrunk.only).toEqual(wanted);
      expect(shrunk.says).toHaveLength(wanted.length);
    }
  });

  it("takes no more runs than it may, and what it then has still breaks", () => {
    const scenario = scenarioOf(5, ANYTHING);
    const breaks = needs(scenario, idsOf(scenario).slice(0, 2));
    for (const most of [0, 1, 2, 5, 9]) {
      const { only: left, runs } = shrink(scenario, breaks, most);
      expect(runs).toBeLessThanOrEqual(most);
      expect(breaks(only(scenario, new Set(left)))).toBe(true);
    }
  });

  it("of a broken rule's violation, a few parts are left, and the line that names them breaks the same", () => {
    const options: SimulateOptions = {
      ...ANYTHING,
      seed: 1,
      runs: 300,
      quorum: 4,
      byzantine: 1,
      mutant: "no-gap-check",
      shrinkRuns: 60,
    };
    const [found] = simulate(options, noClock).violations;
    const { shrunk, seed, invariant } = found!;
    expect(shrunk!.only.length).toBeLessThanOrEqual(6);
    expect(shrunk!.only.some((id) => id.startsWith("liar-"))).toBe(true);
    expect(shrunk!.replay).toContain(`--runs 1 --quorum 4 --byzantine 1 --mutant no-gap-check --only `);
    const again = simulate({ ...options, seed, runs: 1, only: shrunk!.only, shrinkRuns: 0 }, noClock);
    expect(again.violations.map((one) => one.invariant)).toEqual([invariant]);
  });

  it("parts that a seed does not have, and parts of more than one run, make no sense", () => {
    const options: SimulateOptions = { ...ANYTHING, seed: 3, runs: 1, mutant: null };
    expect(optionsFault({ ...options, only: ["crash-99"] })).toContain("crash-99");
    expect(optionsFault({ ...options, only: [], runs: 2 })).toContain("one run");
    expect(optionsFault({ ...options, only: [] })).toBeNull();
  });
});

describe("regressions", () => {
  it.each(REGRESSIONS)("seed $seed stays mended: $was", ({ seed, wishes, only: ids }) => {
    const scenario = scenarioOf(seed, { ...ANYTHING, ...wishes });
    expect(run(ids === null ? scenario : only(scenario, new Set(ids)), null).violation).toBeNull();
  });
});
