// `mabeam testnet reset`: takes away what a testnet that is down has left in its folder.
import { existsSync, lstatSync } from "node:fs";
import { dirname } from "node:path";
import { EXIT } from "../../node/cli/commands.js";
import { usageFailure } from "../../node/cli/failure.js";
import type { Terminal } from "../../node/cli/terminal.js";
import { removeTestnet, type TestnetPaths, testnetHome, testnetPaths } from "../home.js";
import type { HomeFlags } from "./flags.js";
import { claimFolder, homeFlag } from "./folder-claim.js";

interface ResetFlags extends HomeFlags {
  /** it is meant: nobody is asked */
  readonly yes?: true;
}

/** Exit 0 when nothing of it is left, and also where nothing was. @throws Accident LOCK_HELD while it runs */
export async function run(terminal: Terminal, flags: ResetFlags): Promise<number> {
  const meant = flags.yes ?? (await terminal.confirm("Remove the testnet and everything on it?"));
  if (meant === null) throw unasked();
  if (!meant) return EXIT.ok;
  const paths = testnetPaths(testnetHome(flags.home));
  const what = `could not remove the testnet in ${paths.home}`;
  refuseLinks(paths, what);
  // What no testnet has made is not ours to remove, whatever its files are called.
  const existed = existsSync(paths.manifest) || existsSync(paths.logFile);
  if (existed) {
    const fix = `it still runs: end it with \`mabeam testnet down${homeFlag(paths)}\` first`;
    const lock = await claimFolder(paths, what, fix);
    await removeTestnet(paths).finally(() => lock.release());
  }
  if (flags.json)
    terminal.out(JSON.stringify({ apiVersion: "v1", kind: "TestnetReset", home: paths.home, existed }));
  else if (existed) terminal.out(`removed the testnet of ${paths.home}`);
  else terminal.err(`no testnet was started in ${paths.home}`);
  return EXIT.ok;
}

const unasked = () =>
  usageFailure(
    "did not remove the testnet",
    "nobody is here to ask whether it is meant",
    "add --yes if it is",
  );

/** What lies behind a link may be anything: it is removed only where it is named itself. */
function refuseLinks({ home }: TestnetPaths, what: string): void {
  for (const path of [dirname(home), home]) {
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true) continue;
    throw usageFailure(what, `${path} is a link to another folder`, "name the folder itself with --home");
  }
}
