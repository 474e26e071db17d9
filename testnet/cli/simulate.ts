// `mabeam simulate`: runs seeds in virtual time, and reports in one line of JSON or in a few for people.
import { type CommandIo, EXIT } from "../../node/cli/commands.js";
import { FAULT_KINDS, type FaultKind } from "../lab/simulate/faults.js";
import { isMutantName, MUTANT, MUTANTS } from "../lab/simulate/mutants.js";
import {
  type FoundViolation,
  optionsFault,
  type SimulateOptions,
  type SimulationReport,
  simulate,
} from "../lab/simulate/simulate.js";

/** Runs spent on leaving out what a violation does not need: seconds, and mostly enough. */
const SHRINK_RUNS = 80;

export interface SimulateFlags {
  readonly seed: number;
  readonly runs: number;
  readonly peers?: number;
  readonly quorum?: number;
  readonly byzantine?: number;
  /** kinds of faults to allow, by name; absent: all */
  readonly faults?: readonly string[];
  readonly mutant?: string;
  /** only these parts of one seed's scenario, as a shrunk violation names them; absent: all */
  readonly only?: readonly string[];
  /** leave out of a violation's scenario what it does not need */
  readonly shrink: boolean;
  readonly listMutants?: true;
  readonly json?: true;
}

/** Exit 0 without a violation, 9 with one, 2 where the options make no sense (spec/api#R2). */
export async function run(io: CommandIo, flags: SimulateFlags): Promise<number> {
  if (flags.listMutants) return listMutants(io, flags);
  const wished = parse(flags);
  const fault = typeof wished === "string" ? wished : optionsFault(wished);
  if (typeof wished === "string" || fault !== null) {
    io.err(`mabeam simulate: ${fault}.`);
    io.err(`Fix: see \`${io.self} simulate --help\`.`);
    return EXIT.usage;
  }
  let done = 0;
  const report = simulate(
    wished,
    () => performance.now(),
    ({ seed, violation }) => {
      done++;
      if (violation !== null)
        io.err(`seed ${seed}: ${violation.invariant} at ${violation.atMs} ms: ${violation.detail}`);
      else if (io.progress && done % 25 === 0) io.err(`${done} of ${wished.runs} runs`);
    },
  );
  if (flags.json) io.out(JSON.stringify(report));
  else for (const line of linesOf(report)) io.out(line);
  return report.ok ? EXIT.ok : EXIT.verification;
}

function listMutants(io: CommandIo, { json }: SimulateFlags): number {
  if (json) {
    const items = MUTANTS.map((name) => ({ name, says: MUTANT[name].says, breaks: MUTANT[name].breaks }));
    io.out(JSON.stringify({ apiVersion: "v1", kind: "MutantList", items, nextCursor: null }));
  } else {
    const width = Math.max(...MUTANTS.map((name) => name.length));
    for (const name of MUTANTS)
      io.out(`${name.padEnd(width)}  ${MUTANT[name].says}; ${MUTANT[name].breaks} must see it`);
  }
  return EXIT.ok;
}

/** The options as the simulator takes them, or what is wrong with them. */
function parse(flags: SimulateFlags): SimulateOptions | string {
  const { seed, runs, peers = null, quorum = null, byzantine = null, mutant = null, faults } = flags;
  if (mutant !== null && !isMutantName(mutant)) {
    return `there is no mutant "${mutant}"; there are ${MUTANTS.join(", ")}`;
  }
  const kinds = faults === undefined ? FAULT_KINDS : faults.filter((kind) => kind !== "none");
  const unknown = kinds.find((kind) => !isFaultKind(kind));
  if (unknown !== undefined)
    return `there is no fault "${unknown}"; there are ${FAULT_KINDS.join(", ")}, none`;
  const only = flags.only?.filter((id) => id !== "none") ?? null;
  const shrinkRuns = flags.shrink ? SHRINK_RUNS : 0;
  return {
    seed,
    runs,
    peers,
    quorum,
    byzantine,
    mutant,
    faults: new Set(kinds.filter(isFaultKind)),
    only,
    shrinkRuns,
  };
}

const isFaultKind = (name: string): name is FaultKind => (FAULT_KINDS as readonly string[]).includes(name);

function linesOf(report: SimulationReport): readonly string[] {
  const speed = Math.round(report.virtualSeconds / Math.max(report.wallSeconds, 0.001));
  const faults = Object.entries(report.faults).map(([kind, count]) => `${kind} ${count}`);
  return [
    `${report.runs} runs from seed ${report.firstSeed}: ${report.ok ? "every invariant held" : "violated"}`,
    `${report.entriesFinalised} entries finalised, ${report.auctionsSettled} auctions settled`,
    `faults: ${faults.join(", ")}`,
    `${report.virtualSeconds} virtual seconds in ${report.wallSeconds} s (${speed} times as fast)`,
    ...report.violations.flatMap(violationLines),
  ];
}

const violationLines = ({ seed, invariant, detail, replay, shrunk }: FoundViolation): readonly string[] => [
  `seed ${seed} violates ${invariant}: ${detail}`,
  `  ${replay}`,
  ...(shrunk === undefined
    ? []
    : [`after ${shrunk.runs} runs, this is left of it:`, ...shrunk.says.map((line) => `  - ${line}`)]),
  ...(shrunk === undefined ? [] : [`  ${shrunk.replay}`]),
];
