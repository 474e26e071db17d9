// `mabeam testnet down`: asks the process that runs the testnet to end, and waits until it has.
import { setTimeout as pause } from "node:timers/promises";
import { type CommandIo, EXIT, type TestnetDownOptions } from "../../node/cli/commands.js";
import { CliFailure } from "../../node/cli/failure.js";
import { testnetHome, testnetPaths } from "../home.js";
import { runnerOf } from "./folder-claim.js";

const LOOK_EVERY_MS = 100;
const ENDS_WITHIN_MS = 20_000;

/** Exit 0 when none runs any more, and also where none ran. Its state stays: `up` resumes it. */
export async function run(options: TestnetDownOptions, io: CommandIo): Promise<number> {
  const paths = testnetPaths(testnetHome(options.home));
  const pid = await runnerOf(paths);
  if (pid !== null) await end(pid, paths.home);
  if (options.json) io.out(JSON.stringify({ apiVersion: "v1", kind: "TestnetDown", home: paths.home, pid }));
  else if (pid === null) io.err(`no testnet runs in ${paths.home}`);
  else io.out(`stopped process ${pid}; its state stays in ${paths.home}`);
  return EXIT.ok;
}

/** Whoever holds the folder's lock is a testnet, so the signal reaches no stranger that was given an old pid. */
async function end(pid: number, home: string): Promise<void> {
  process.kill(pid, "SIGTERM");
  for (let waitedMs = 0; waitedMs < ENDS_WITHIN_MS; waitedMs += LOOK_EVERY_MS) {
    await pause(LOOK_EVERY_MS);
    if ((await runnerOf(testnetPaths(home))) === null) return;
  }
  const why = `process ${pid} still runs after ${ENDS_WITHIN_MS / 1000} s`;
  throw new CliFailure(
    EXIT.timeout,
    "STILL_RUNNING",
    "could not stop the testnet",
    why,
    `end it with \`kill -9 ${pid}\``,
  );
}
