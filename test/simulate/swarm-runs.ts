// Swarm testing in chunks: each test runs a stretch of seeds, and a failure holds the line that replays it.
import { expect, it } from "vitest";
import { FAULT_KINDS } from "../../testnet/lab/simulate/faults.js";
import type { FaultCounts } from "../../testnet/lab/simulate/injection.js";
import { type SimulateOptions, simulate } from "../../testnet/lab/simulate/simulate.js";

const CHUNK = 25;

const ANYTHING: Omit<SimulateOptions, "seed" | "runs"> = {
  peers: null,
  quorum: null,
  byzantine: null,
  faults: new Set(FAULT_KINDS),
  mutant: null,
};

/**
 * One test for each chunk of seeds: the seed chooses everything.
 * @param harsh faults of which every stretch of so many seeds has some
 */
export function swarm(firstSeed: number, chunks: number, harsh: readonly (keyof FaultCounts)[]): void {
  const happened = new Map<keyof FaultCounts, number>();
  it.each(Array.from({ length: chunks }, (_, i) => firstSeed + i * CHUNK))(
    `%i and the ${CHUNK - 1} seeds after it break no invariant, whatever they choose`,
    (seed) => {
      const report = simulate({ ...ANYTHING, seed, runs: CHUNK }, () => 0);
      expect(report.violations).toEqual([]);
      expect(report.entriesFinalised).toBeGreaterThan(CHUNK * 20);
      for (const kind of harsh) happened.set(kind, (happened.get(kind) ?? 0) + report.faults[kind]);
    },
    300_000,
  );
  it("every kind of fault has happened, not only been planned", () => {
    expect(harsh.filter((kind) => (happened.get(kind) ?? 0) === 0)).toEqual([]);
  });
}

export const HARSH: readonly (keyof FaultCounts)[] = [
  "lost",
  "duplicated",
  "reordered",
  "cut",
  "partitions",
  "crashes",
  "pauses",
  "skewedClocks",
  "clockSteps",
  "fullDisks",
  "turnedBits",
  "lostDisks",
  "restoredDisks",
];
