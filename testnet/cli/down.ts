// `mabeam testnet down`: asks the process that runs the testnet to end, and waits until it and its peers have.
import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type CommandIo, EXIT } from "../../node/cli/commands.js";
import { testnetHome, testnetPaths } from "../home.js";
import type { HomeFlags } from "./flags.js";
import { endRunner } from "./folder-claim.js";

/** Exit 0 when none runs any more, and also where none ran. Its state stays: `up` resumes it. */
export async function run(io: CommandIo, flags: HomeFlags): Promise<number> {
  const paths = testnetPaths(testnetHome(flags.home));
  const pid = await endRunner(paths);
  const peerPids = await endPeers(dirname(paths.peer("peer-0")));
  if (flags.json) {
    io.out(JSON.stringify({ apiVersion: "v1", kind: "TestnetDown", home: paths.home, pid, peerPids }));
    return EXIT.ok;
  }
  const ended = [
    ...(pid === null ? [] : [`process ${pid}`]),
    ...peerPids.map((one) => `the peer's process ${one}`),
  ];
  if (ended.length === 0) io.err(`no testnet runs in ${paths.home}`);
  else io.out(`stopped ${ended.join(", ")}; its state stays in ${paths.home}`);
  return EXIT.ok;
}

/** Peers that somebody started again by hand, or that a testnet which was killed has left. */
async function endPeers(folder: string): Promise<readonly number[]> {
  const names = await readdir(folder).catch(() => []);
  const pids = await Promise.all(names.map((name) => endRunner({ home: join(folder, basename(name)) })));
  return pids.filter((pid) => pid !== null);
}
