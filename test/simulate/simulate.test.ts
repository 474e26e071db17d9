// The simulator over the real peer: honest runs hold, broken rules are caught, and a seed has one history.
import { describe, expect, it, vi } from "vitest";
import type { CommandIo } from "../../node/cli/commands.js";
import { type SimulateFlags, run as simulateCommand } from "../../testnet/cli/simulate.js";
import { FAULT_KINDS } from "../../testnet/lab/simulate/faults.js";
import { MUTANTS } from "../../testnet/lab/simulate/mutants.js";
import { run } from "../../testnet/lab/simulate/run.js";
import { scenarioOf } from "../../testnet/lab/simulate/seed.js";
import { type SimulateOptions, simulate } from "../../testnet/lab/simulate/simulate.js";
import { realSignatures } from "../../testnet/lab/simulate/world/real-signatures.js";

const OPTIONS: SimulateOptions = {
  seed: 1,
  runs: 1,
  peers: null,
  quorum: null,
  byzantine: null,
  faults: new Set(FAULT_KINDS),
  mutant: null,
};
const noClock = (): number => 0;

// Runs take a third of a second of processor time each, whatever else the machine does meanwhile.
vi.setConfig({ testTimeout: 300_000 });

describe("simulate", () => {
  it("one seed has one history", () => {
    for (const seed of [3, 4]) {
      const scenario = scenarioOf(seed, OPTIONS);
      expect(run(scenario, null)).toEqual(run(scenarioOf(seed, OPTIONS), null));
    }
  });

  it.each([1, 2, 3, 4, 7])("a quorum of %i keeps every promise under faults", (quorum) => {
    const report = simulate({ ...OPTIONS, seed: 100 * quorum, runs: 6, quorum, byzantine: 0 }, noClock);
    expect(report.violations).toEqual([]);
    expect(report.entriesFinalised).toBeGreaterThan(6 * 20);
    expect(report.auctionsSettled).toBeGreaterThan(6);
  });

  it("without any fault nothing is lost, and every auction settles", () => {
    const report = simulate(
      { ...OPTIONS, seed: 7, runs: 3, quorum: 4, byzantine: 0, faults: new Set() },
      noClock,
    );
    expect(report.violations).toEqual([]);
    expect(report.faults).toMatchObject({ lost: 0, crashes: 0, partitions: 0, pauses: 0 });
    const wishes = { ...OPTIONS, quorum: 4, byzantine: 0, faults: new Set<never>() };
    const planned = [7, 8, 9].flatMap((seed) => scenarioOf(seed, wishes).workload.auctions);
    expect(report.auctionsSettled).toBe(planned.length);
  });

  it("with real keys and signatures the same promises hold", () => {
    const wishes = { ...OPTIONS, peers: 4, quorum: 4, byzantine: 1 };
    const result = run(scenarioOf(11, wishes), null, realSignatures);
    expect(result.violation).toBeNull();
    expect(result.auctionsSettled).toBeGreaterThan(0);
  });

  it("F Byzantine members of any strategy break nothing", () => {
    const seeds = Array.from({ length: 12 }, (_, i) => 1 + i);
    const wishes = { ...OPTIONS, quorum: 4, byzantine: 1 };
    const strategies = new Set(
      seeds.flatMap((seed) => scenarioOf(seed, wishes).culprits.map((one) => one.strategy)),
    );
    const report = simulate({ ...wishes, seed: 1, runs: seeds.length }, noClock);
    expect(report.violations).toEqual([]);
    expect(strategies.size).toBeGreaterThanOrEqual(6);
    expect(simulate({ ...OPTIONS, seed: 1, runs: 4, quorum: 7, byzantine: 2 }, noClock).violations).toEqual(
      [],
    );
  });

  it("a mutant alone is convicted within a few of the default seeds", () => {
    const { violations } = simulate({ ...OPTIONS, runs: 20, mutant: "quorum-off-by-one" }, noClock);
    expect(["final", "agree"]).toContain(violations[0]?.invariant);
    expect(violations[0]?.replay).toContain("--runs 1 --mutant quorum-off-by-one");
  });

  it("the line that replays a violation finds it again", () => {
    const options = { ...OPTIONS, runs: 300, quorum: 4, byzantine: 1, mutant: "no-gap-check" } as const;
    const first = simulate(options, noClock).violations[0]!;
    const again = simulate({ ...options, seed: first.seed, runs: 1 }, noClock);
    expect(again.violations).toEqual([first]);
  });
});

describe("mabeam simulate", () => {
  async function called(
    options: Partial<SimulateFlags>,
  ): Promise<{ code: number; out: string[]; err: string[] }> {
    const out: string[] = [];
    const err: string[] = [];
    const io: CommandIo = {
      out: (line) => void out.push(line),
      err: (line) => void err.push(line),
      colors: false,
      progress: false,
      self: "npx mabeam",
      outlive: () => undefined,
    };
    return { code: await simulateCommand(io, { seed: 1, runs: 1, shrink: false, ...options }), out, err };
  }

  it("prints one line of JSON in the documented shape and exits 0 when all holds", async () => {
    const { code, out } = await called({ quorum: 1, faults: ["none"], json: true });
    expect(code).toBe(0);
    expect(out).toHaveLength(1);
    expect(JSON.parse(out[0]!)).toMatchObject({
      kind: "SimulationReport",
      runs: 1,
      firstSeed: 1,
      ok: true,
      violations: [],
      entriesFinalised: expect.any(Number),
      auctionsSettled: expect.any(Number),
      faults: expect.any(Object),
      virtualSeconds: expect.any(Number),
      wallSeconds: expect.any(Number),
    });
  });

  it("exits 9 and names the invariant when a rule is broken", async () => {
    const { code, out } = await called({
      runs: 300,
      quorum: 4,
      byzantine: 1,
      mutant: "no-gap-check",
      json: true,
    });
    expect(code).toBe(9);
    expect(JSON.parse(out[0]!)).toMatchObject({ ok: false, violations: [{ invariant: "agree" }] });
  });

  it("an unknown mutant, an unknown fault, and more culprits than F are usage errors", async () => {
    expect((await called({ mutant: "no-such-rule" })).code).toBe(2);
    expect((await called({ faults: ["earthquake"] })).code).toBe(2);
    expect((await called({ quorum: 4, byzantine: 2 })).code).toBe(2);
    expect((await called({ peers: 3, quorum: 4 })).code).toBe(2);
    expect((await called({ runs: 0 })).code).toBe(2);
    const { out, err } = await called({ mutant: "no-such-rule" });
    expect(out).toEqual([]);
    expect(err.join(" ")).toContain("no-gap-check");
  });

  it("--list-mutants names every mutant", async () => {
    const { code, out } = await called({ listMutants: true });
    expect(code).toBe(0);
    expect(out.map((line) => line.split(" ")[0])).toEqual([...MUTANTS]);
  });
});
