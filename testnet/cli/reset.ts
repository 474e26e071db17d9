// `mabeam testnet reset`: takes away what a testnet that is down has left in its folder.
import { existsSync } from "node:fs";
import { type CommandIo, EXIT, type TestnetResetOptions } from "../../node/cli/commands.js";
import { removeTestnet, testnetHome, testnetPaths } from "../home.js";
import { claimFolder } from "./folder-claim.js";

/** Exit 0 when nothing of it is left, and also where nothing was. @throws Accident LOCK_HELD while it runs */
export async function run(options: TestnetResetOptions, io: CommandIo): Promise<number> {
  const paths = testnetPaths(testnetHome(options.home));
  const existed = existsSync(paths.manifest);
  if (existsSync(paths.home)) {
    const lock = await claimFolder(paths);
    await removeTestnet(paths).finally(() => lock.release());
  }
  if (options.json)
    io.out(JSON.stringify({ apiVersion: "v1", kind: "TestnetReset", home: paths.home, existed }));
  else if (existed) io.out(`removed the testnet of ${paths.home}`);
  else io.err(`no testnet was started in ${paths.home}`);
  return EXIT.ok;
}
