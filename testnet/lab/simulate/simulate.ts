// Many runs, one report: run i lives through the scenario of seed + i.
import { invariant } from "../../../src/base/index.js";
import { byzantineTolerance } from "../../../src/quorum/index.js";
import type { Invariant, Violation } from "./checkers/checker.js";
import { convictingScenario } from "./convict.js";
import { FAULT_KINDS, type FaultKind } from "./faults.js";
import { type FaultCounts, noFaults } from "./injection.js";
import { MUTANT, type MutantName } from "./mutants.js";
import { only, partsOf } from "./parts.js";
import { type RunResult, run } from "./run.js";
import type { Scenario } from "./scenario.js";
import { scenarioOf } from "./seed.js";
import { type Shrunk, shrink } from "./shrink.js";

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
  /** only these parts of the seed's scenario, by id; absent: all */
  readonly only?: readonly string[] | null;
  /** how many runs may be spent on shrinking one violation; absent: none */
  readonly shrinkRuns?: number;
}

export interface FoundViolation {
  readonly seed: number;
  readonly invariant: Invariant;
  readonly detail: string;
  /** the command that lives through the same again */
  readonly replay: string;
  /** what of the scenario is enough to break the same invariant, and the command for that alone */
  readonly shrunk?: Shrunk & { readonly replay: string };
}

/** Of many violations only the first few are shrunk: they are mostly one. */
const MAX_SHRUNK = 3;

/** What machines read of a run (spec/api#R2). */
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
  if (byzantine === null) return strangePart(options);
  if (quorum === null) return "--byzantine needs --quorum";
  const most = byzantineTolerance(quorum);
  if (byzantine >= 0 && byzantine <= most) return strangePart(options);
  return `a quorum of ${quorum} tolerates ${most} Byzantine seats, not ${byzantine}`;
}

function strangePart(options: SimulateOptions): string | null {
  if (options.only == null) return null;
  if (options.runs !== 1) return "--only names the parts of one run";
  const parts = new Set(partsOf(scenarioOf(options.seed, options)).map(({ id }) => id));
  const stranger = options.only.find((id) => !parts.has(id));
  return stranger === undefined
    ? null
    : `this seed has no part "${stranger}"; it has ${[...parts].join(", ")}`;
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
  const violations: FoundViolation[] = [];
  for (let i = 0; i < options.runs; i++) {
    const scenario = scenarioFor(options.seed + i, options);
    const result = run(scenario, mutant);
    results.push(result);
    onRun(result);
    if (result.violation !== null) {
      const maxRuns = violations.length < MAX_SHRUNK ? (options.shrinkRuns ?? 0) : 0;
      violations.push(found(options, scenario, result.violation, maxRuns));
    }
    if (mutant !== null && result.violation !== null) break;
  }
  return reportOf(options, results, violations, wallMs() - startedMs);
}

/**
 * The scenario of a seed, or those parts of it that are wanted; for a mutant of which nothing else was said, one of the
 * kind that convicts it.
 */
export function scenarioFor(seed: number, options: SimulateOptions): Scenario {
  const { mutant, peers, quorum, byzantine, faults } = options;
  const isPlain =
    peers === null && quorum === null && byzantine === null && faults.size === FAULT_KINDS.length;
  const scenario = isPlain && mutant !== null ? convictingScenario(mutant, seed) : scenarioOf(seed, options);
  return options.only == null ? scenario : only(scenario, new Set(options.only));
}

function found(
  options: SimulateOptions,
  scenario: Scenario,
  { invariant: broken, detail }: Violation,
  maxRuns: number,
): FoundViolation {
  const { seed } = scenario;
  const plain = { seed, invariant: broken, detail, replay: replayOf(options, seed) };
  if (maxRuns === 0) return plain;
  const mutant = options.mutant === null ? null : MUTANT[options.mutant];
  const shrunk = shrink(scenario, (smaller) => run(smaller, mutant).violation?.invariant === broken, maxRuns);
  return { ...plain, shrunk: { ...shrunk, replay: replayOf({ ...options, only: shrunk.only }, seed) } };
}

function reportOf(
  options: SimulateOptions,
  results: readonly RunResult[],
  violations: readonly FoundViolation[],
  wallMs: number,
): SimulationReport {
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
  if (options.only != null)
    words.push(`--only ${options.only.length === 0 ? "none" : options.only.join(",")}`);
  return words.join(" ");
}
