// Many runs, one report: run i lives through the scenario of seed + i.
import { invariant } from "../../src/base/index.js";
import { byzantineTolerance } from "../../src/quorum/member-set.js";
import type { Invariant } from "./checkers/checker.js";
import { convictingScenario } from "./convict.js";
import { FAULT_KINDS, type FaultKind } from "./faults.js";
import { type FaultCounts, noFaults } from "./injection.js";
import { MUTANT, type MutantName } from "./mutants.js";
import { type RunResult, run } from "./run.js";
import { type Scenario, scenarioOf } from "./scenario.js";

export interface SimulateOptions {
  /** an integer 0..2^53−1−runs */
  readonly seed: number;
  readonly runs: number;
  /** null: the seed chooses */
  readonly peers: number | null;
  readonly quorum: number | null;
  readonly byzantine: number | null;
  /** kinds that may occur */
  readonly faults: ReadonlySet<FaultKind>;
  readonly mutant: MutantName | null;
}

export interface FoundViolation {
  readonly seed: number;
  readonly invariant: Invariant;
  readonly detail: string;
  /** the command that lives through the same again */
  readonly replay: string;
}

/** INTERFACES §6, "What machines read". */
export interface SimulationReport {
  readonly kind: "SimulationReport";
  readonly runs: number;
  readonly firstSeed: number;
  readonly ok: boolean;
  readonly violations: readonly FoundViolation[];
  readonly entriesFinalised: number;
  readonly auctionsSettled: number;
  readonly faults: Readonly<Record<keyof FaultCounts, number>>;
  readonly virtualSeconds: number;
  readonly wallSeconds: number;
}

/** Why options make no sense, as a sentence; null if they do. */
export function optionsFault(options: SimulateOptions): string | null {
  const { peers, quorum, byzantine, seed, runs } = options;
  const last = seed + runs;
  if (!Number.isSafeInteger(last) || seed < 0 || runs < 1)
    return "seeds are integers from 0 on, runs at least 1";
  if (quorum !== null && (quorum < 1 || quorum > 32)) return "a quorum has 1 to 32 seats";
  if (peers !== null && (peers < 1 || peers > 64)) return "there are 1 to 64 peers";
  if (peers !== null && quorum !== null && peers < quorum) return "there must be a peer for every seat";
  if (byzantine === null) return null;
  if (quorum === null) return "--byzantine needs --quorum";
  const most = byzantineTolerance(quorum);
  if (byzantine >= 0 && byzantine <= most) return null;
  return `a quorum of ${quorum} tolerates ${most} Byzantine seats, not ${byzantine}`;
}

/**
 * @param wallMs reads a clock, for `wallSeconds` alone
 * @param onRun is told of each run as it ends
 */
export function simulate(
  options: SimulateOptions,
  wallMs: () => number,
  onRun: (result: RunResult) => void = () => {},
): SimulationReport {
  const fault = optionsFault(options);
  invariant(fault === null, fault ?? "");
  const mutant = options.mutant === null ? null : MUTANT[options.mutant];
  const startedMs = wallMs();
  const results: RunResult[] = [];
  for (let i = 0; i < options.runs; i++) {
    const result = run(scenarioFor(options.seed + i, options), mutant);
    results.push(result);
    onRun(result);
    if (mutant !== null && result.violation !== null) break;
  }
  return reportOf(options, results, wallMs() - startedMs);
}

/** The scenario of a seed; for a mutant of which nothing else was said, one of the kind that convicts it. */
export function scenarioFor(seed: number, options: SimulateOptions): Scenario {
  const { mutant, peers, quorum, byzantine, faults } = options;
  const isPlain =
    peers === null && quorum === null && byzantine === null && faults.size === FAULT_KINDS.length;
  return (isPlain && mutant !== null ? convictingScenario(mutant, seed) : null) ?? scenarioOf(seed, options);
}

function reportOf(options: SimulateOptions, results: readonly RunResult[], wallMs: number): SimulationReport {
  const violations = results.flatMap(({ seed, violation }) =>
    violation === null
      ? []
      : [{ seed, invariant: violation.invariant, detail: violation.detail, replay: replayOf(options, seed) }],
  );
  const sum = (of: (result: RunResult) => number): number =>
    results.reduce((total, one) => total + of(one), 0);
  const faults = noFaults();
  for (const kind of Object.keys(faults) as (keyof FaultCounts)[])
    faults[kind] = sum((one) => one.faults[kind]);
  return {
    kind: "SimulationReport",
    runs: results.length,
    firstSeed: options.seed,
    ok: violations.length === 0,
    violations,
    entriesFinalised: sum((one) => one.entriesFinalised),
    auctionsSettled: sum((one) => one.auctionsSettled),
    faults,
    virtualSeconds: Math.round(sum((one) => one.virtualMs) / 1000),
    wallSeconds: Math.round(wallMs) / 1000,
  };
}

function replayOf(options: SimulateOptions, seed: number): string {
  const words = ["npx mabeam simulate", `--seed ${seed}`, "--runs 1"];
  if (options.peers !== null) words.push(`--peers ${options.peers}`);
  if (options.quorum !== null) words.push(`--quorum ${options.quorum}`);
  if (options.byzantine !== null) words.push(`--byzantine ${options.byzantine}`);
  if (options.faults.size < FAULT_KINDS.length) {
    words.push(`--faults ${options.faults.size === 0 ? "none" : [...options.faults].join(",")}`);
  }
  if (options.mutant !== null) words.push(`--mutant ${options.mutant}`);
  return words.join(" ");
}
