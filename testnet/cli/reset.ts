// `mabeam testnet reset`: takes away what a testnet that is down has left in its folder.
import { existsSync, lstatSync } from "node:fs";
import { dirname } from "node:path";
import { type CommandIo, EXIT, type TestnetResetOptions } from "../../node/cli/commands.js";
import { usageFailure } from "../../node/cli/failure.js";
import { removeTestnet, type TestnetPaths, testnetHome, testnetPaths } from "../home.js";
import { claimFolder, homeFlag } from "./folder-claim.js";

/** Exit 0 when nothing of it is left, and also where nothing was. @throws Accident LOCK_HELD while it runs */
export async function run(options: TestnetResetOptions, io: CommandIo): Promise<number> {
  const paths = testnetPaths(testnetHome(options.home));
  const what = `could not remove the testnet in ${paths.home}`;
  refuseLinks(paths, what);
  // What no testnet has made is not ours to remove, whatever its files are called.
  const existed = existsSync(paths.manifest) || existsSync(paths.logFile);
  if (existed) {
    const fix = `it still runs: end it with \`mabeam testnet down${homeFlag(paths)}\` first`;
    const lock = await claimFolder(paths, what, fix);
    await removeTestnet(paths).finally(() => lock.release());
  }
  if (options.json)
    io.out(JSON.stringify({ apiVersion: "v1", kind: "TestnetReset", home: paths.home, existed }));
  else if (existed) io.out(`removed the testnet of ${paths.home}`);
  else io.err(`no testnet was started in ${paths.home}`);
  return EXIT.ok;
}

/** What lies behind a link may be anything: it is removed only where it is named itself. */
function refuseLinks({ home }: TestnetPaths, what: string): void {
  for (const path of [dirname(home), home]) {
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true) continue;
    throw usageFailure(what, `${path} is a link to another folder`, "name the folder itself with --home");
  }
}
