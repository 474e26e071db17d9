// `mabeam bench`: how fast this is here, each figure beside its limit in the same run.
import { existsSync } from "node:fs";
import { type CommandIo, EXIT } from "../../node/cli/commands.js";
import { CliFailure, usageFailure } from "../../node/cli/failure.js";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;
/** A checkout has it; the package does not. */
const BENCH = new URL("../bench/", import.meta.url);

interface BenchFlags {
  /** only rows whose name contains this */
  readonly only?: string;
  readonly json?: true;
}

/** Exit 0 whether targets are met or not: the rows say. @throws CliFailure NO_BENCH, or USAGE where no group or row has such a name */
export async function run(io: CommandIo, { only, json }: BenchFlags, group?: string): Promise<number> {
  if (!existsSync(BENCH)) {
    throw new CliFailure(
      EXIT.failed,
      "NO_BENCH",
      "could not measure",
      "the installed package carries no benchmarks",
      "run `npm run bench` in a checkout of the repository",
    );
  }
  const { GROUP_NAMES, measureAll, rowNamesOf } = await import("../bench/bench.js");
  const { thisMachine } = await import("../bench/report.js");
  const { machineLine, rowLines, tableLines } = await import("../bench/row-lines.js");
  if (group !== undefined && !GROUP_NAMES.includes(group)) {
    throw usageFailure(
      "could not measure",
      `no group of rows is called ${group}`,
      `say ${GROUP_NAMES.join(", ")}, or nothing for the usual rows`,
    );
  }
  const rowNames = rowNamesOf(group ?? null);
  if (only !== undefined && !rowNames.some((name) => name.includes(only))) {
    throw usageFailure(
      "could not measure",
      `no row's name contains ${only}`,
      `the rows are ${rowNames.join(", ")}`,
    );
  }
  // Programs that were started for a measurement end with this one, and not after it.
  const interrupted = (): never => process.exit(EXIT.failed);
  for (const signal of SIGNALS) process.once(signal, interrupted);
  try {
    if (!json) io.out(machineLine(thisMachine()));
    const report = await measureAll(
      { group: group ?? null, only: only ?? null },
      {
        row(row) {
          if (!json) for (const line of rowLines(row, io)) io.out(line);
          else if (io.progress) io.err(`${row.name}: ${row.value} ${row.unit}`);
        },
        table(table) {
          if (!json) for (const line of tableLines(table, io)) io.out(line);
        },
      },
    );
    if (json) io.out(JSON.stringify(report));
    return EXIT.ok;
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupted);
  }
}
