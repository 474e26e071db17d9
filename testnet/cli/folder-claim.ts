// One testnet in a folder at a time: claims it, knows who has claimed it, and ends whoever has.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Accident, codeOf, messageOf } from "../../node/accident.js";
import { EXIT } from "../../node/cli/commands.js";
import { CliFailure } from "../../node/cli/failure.js";
import { type FolderLock, LockError, type LockHolder, lockFolder, lockHolder } from "../../node/lock.js";
import { isAlive } from "../../node/process-place.js";
import { shellWord } from "../../node/shell-word.js";
import type { TestnetPaths } from "../home.js";

const LOOK_EVERY_MS = 100;
const ENDS_WITHIN_MS = 60_000;

type Folder = Pick<TestnetPaths, "home">;

/** @param fix what to do about a testnet that runs there @throws Accident LOCK_HELD naming its process */
export async function claimFolder({ home }: Folder, what: string, fix: string): Promise<FolderLock> {
  try {
    return await lockFolder(home);
  } catch (error) {
    if (!(error instanceof LockError) || error.code !== "LOCK_HELD") throw error;
    throw new Accident("LOCK_HELD", what, error.why, fix, error);
  }
}

/** Who runs a testnet, or one of its peers, in a folder. */
export type Runner = LockHolder | "unknown";

/**
 * It holds the kernel's lock, whatever a pid file says. null: nobody.
 * @throws LockError FOLDER_OPEN where the folder is not this user's: its pid file could name anybody's process
 */
export async function runnerOf({ home }: Folder): Promise<Runner | null> {
  if (!existsSync(join(home, "lock"))) return null;
  try {
    const lock = await lockFolder(home);
    await lock.release();
    return null;
  } catch (error) {
    if (!(error instanceof LockError) || error.code !== "LOCK_HELD") throw error;
    return (await lockHolder(home)) ?? "unknown";
  }
}

/**
 * Asks whoever runs in the folder to end in good order, and waits until its process is gone.
 * @returns its process id; null: nobody ran there
 * @throws CliFailure STILL_RUNNING, OUT_OF_REACH; LockError as `runnerOf`
 */
export async function endRunner({ home }: Folder): Promise<number | null> {
  const runner = await runnerOf({ home });
  if (runner === null) return null;
  if (runner === "unknown")
    throw outOfReach("its process has not written down which it is", "try again soon");
  const { pid, elsewhere } = runner;
  if (elsewhere !== null)
    throw outOfReach(`process ${pid} of ${elsewhere} runs it, another machine or container`, "stop it there");
  try {
    process.kill(pid, "SIGTERM");
  } catch (error) {
    if (codeOf(error) !== "ESRCH") throw outOfReach(messageOf(error), `stop process ${pid} as its owner`);
  }
  for (let waitedMs = 0; waitedMs < ENDS_WITHIN_MS; waitedMs += LOOK_EVERY_MS) {
    if (!isAlive(pid)) return pid;
    await pause(LOOK_EVERY_MS);
  }
  const why = `process ${pid} still runs after ${ENDS_WITHIN_MS / 1000} s`;
  const fix = `end it with \`kill -9 ${pid}\``;
  throw new CliFailure(EXIT.timeout, "STILL_RUNNING", `could not stop what runs in ${home}`, why, fix);
}

const outOfReach = (why: string, fix: string): CliFailure =>
  new CliFailure(EXIT.failed, "OUT_OF_REACH", "could not stop the testnet", why, fix);

/** ` --home <folder>`, for a command that is to be typed. */
export const homeFlag = ({ home }: Folder): string => ` --home ${shellWord(home)}`;
