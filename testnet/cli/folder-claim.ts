// One testnet in a folder at a time: claims it, and knows who has claimed it.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Accident } from "../../node/accident.js";
import { type FolderLock, LockError, lockFolder, lockHolder } from "../../node/lock.js";
import type { TestnetPaths } from "../home.js";

/** @throws Accident LOCK_HELD naming the process that runs a testnet there */
export async function claimFolder({ home }: TestnetPaths): Promise<FolderLock> {
  try {
    return await lockFolder(home);
  } catch (error) {
    if (!(error instanceof LockError) || error.code !== "LOCK_HELD") throw error;
    const fix = "end it with `mabeam testnet down`, or give this one another folder with --home";
    throw new Accident("LOCK_HELD", `could not start a testnet in ${home}`, error.why, fix, error);
  }
}

/** The process that runs a testnet, or one of its peers, in the folder: it holds the kernel's lock, whatever a pid file says. null: none */
export async function runnerOf({ home }: Pick<TestnetPaths, "home">): Promise<number | null> {
  if (!existsSync(join(home, "lock"))) return null;
  try {
    const lock = await lockFolder(home);
    await lock.release();
    return null;
  } catch (error) {
    if (error instanceof LockError && error.code === "LOCK_HELD") return lockHolder(home);
    throw error;
  }
}
