// `mabeam bench`: how fast this is here, each figure beside its limit in the same run.
import { type BenchOptions, type CommandIo, EXIT } from "../../node/cli/commands.js";
import { usageFailure } from "../../node/cli/failure.js";
import { measureAll, ROW_NAMES } from "../bench/bench.js";
import { thisMachine } from "../bench/report.js";
import { machineLine, rowLines } from "../bench/row-lines.js";

/** Exit 0 whether targets are met or not: the rows say. @throws CliFailure USAGE where no row has such a name */
export async function run({ only, json }: BenchOptions, io: CommandIo): Promise<number> {
  if (only !== null && !ROW_NAMES.some((name) => name.includes(only))) {
    throw usageFailure(
      "could not measure",
      `no row's name contains ${only}`,
      `the rows are ${ROW_NAMES.join(", ")}`,
    );
  }
  if (!json) io.out(machineLine(thisMachine()));
  const report = await measureAll(only, (row) => {
    if (json) io.err(`${row.name}: ${row.value} ${row.unit}`);
    else for (const line of rowLines(row, io)) io.out(line);
  });
  if (json) io.out(JSON.stringify(report));
  return EXIT.ok;
}
