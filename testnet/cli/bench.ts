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

/** Exit 0 whether targets are met or not: the rows say. @throws CliFailure NO_BENCH, or USAGE where no row has such a name */
export async function run(io: CommandIo, { only, json }: BenchFlags): Promise<number> {
  if (!existsSync(BENCH)) {
    throw new CliFailure(
      EXIT.failed,
      "NO_BENCH",
      "could not measure",
      "the installed package carries no benchmarks",
      "run `npm run bench` in a checkout of the repository",
    );
  }
  const { measureAll, ROW_NAMES } = await import("../bench/bench.js");
  const { thisMachine } = await import("../bench/report.js");
  const { machineLine, rowLines } = await import("../bench/row-lines.js");
  if (only !== undefined && !ROW_NAMES.some((name) => name.includes(only))) {
    throw usageFailure(
      "could not measure",
      `no row's name contains ${only}`,
      `the rows are ${ROW_NAMES.join(", ")}`,
    );
  }
  // Programs that were started for a measurement end with this one, and not after it.
  const interrupted = (): never => process.exit(EXIT.failed);
  for (const signal of SIGNALS) process.once(signal, interrupted);
  try {
    if (!json) io.out(machineLine(thisMachine()));
    const report = await measureAll(only ?? null, (row) => {
      if (!json) for (const line of rowLines(row, io)) io.out(line);
      else if (io.progress) io.err(`${row.name}: ${row.value} ${row.unit}`);
    });
    if (json) io.out(JSON.stringify(report));
    return EXIT.ok;
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupted);
  }
}
