// `mabeam bench`: how fast this is here, each figure beside its limit in the same run.
import { type BenchOptions, type CommandIo, EXIT } from "../../node/cli/commands.js";
import { usageFailure } from "../../node/cli/failure.js";
import { measureAll, ROW_NAMES } from "../bench/bench.js";
import { thisMachine } from "../bench/report.js";
import { machineLine, rowLines } from "../bench/row-lines.js";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** Exit 0 whether targets are met or not: the rows say. @throws CliFailure USAGE where no row has such a name */
export async function run({ only, json }: BenchOptions, io: CommandIo): Promise<number> {
  if (only !== null && !ROW_NAMES.some((name) => name.includes(only))) {
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
    const report = await measureAll(only, (row) => {
      if (!json) for (const line of rowLines(row, io)) io.out(line);
      else if (io.progress) io.err(`${row.name}: ${row.value} ${row.unit}`);
    });
    if (json) io.out(JSON.stringify(report));
    return EXIT.ok;
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupted);
  }
}
