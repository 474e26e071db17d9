// `mabeam testnet run`: a finite run for machines: start, trade, check, stop, and one line of JSON.
import { type CommandIo, EXIT } from "../../node/cli/commands.js";
import { usageFailure } from "../../node/cli/failure.js";
import type { FormatName } from "../../node/contract/auction.js";
import { openLog } from "../../node/log.js";
import { DEFAULT_FORMAT } from "../../src/market/index.js";
import { DEFAULT_AGENTS, DEFAULT_PEERS, defaultQuorum, sizeFault, type TestnetSize } from "../plan.js";
import { allHeld } from "../report/report.js";
import { runTestnet } from "../run.js";
import { reportLines } from "./report-lines.js";
import { stepLines } from "./step-lines.js";
import { collectEagerly } from "./thrift.js";

const DEFAULT_ROUNDS = 10;
const DEFAULT_SEED = 1;

interface RunFlags extends Partial<TestnetSize> {
  readonly rounds?: number;
  /** which sellers' offers take in turn */
  readonly formats?: readonly FormatName[];
  readonly json?: true;
}

/** Exit 0: every check held; 9: one did not. What fails the run itself is thrown, and exits 1. */
export async function run(io: CommandIo, flags: RunFlags): Promise<number> {
  const size = sizeOf(flags);
  collectEagerly();
  const report = await runTestnet({
    ...size,
    rounds: flags.rounds ?? DEFAULT_ROUNDS,
    formats: flags.formats ?? [DEFAULT_FORMAT],
    log: openLog({ level: "error", file: null }),
    onStep: stepLines(io),
  });
  if (flags.json) io.out(JSON.stringify(report));
  else for (const line of reportLines(report, io)) io.out(line);
  return allHeld(report) ? EXIT.ok : EXIT.verification;
}

/** The numbers that were given, and the usual ones in place of those that were not. @throws CliFailure USAGE */
function sizeOf(flags: RunFlags): TestnetSize {
  const peers = flags.peers ?? DEFAULT_PEERS;
  const size = {
    peers,
    quorum: flags.quorum ?? defaultQuorum(peers),
    agents: flags.agents ?? DEFAULT_AGENTS,
    seed: flags.seed ?? DEFAULT_SEED,
  };
  const fault = size.agents === 0 ? "a run needs agents that trade: at least 2" : sizeFault(size);
  if (fault !== null) throw usageFailure("could not start the run", fault, "see `mabeam testnet run --help`");
  return size;
}
