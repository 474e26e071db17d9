// The store of a data folder whose daemon is stopped, for commands that work on it.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Accident, messageOf } from "../../accident.js";
import type { HomePaths } from "../../config/paths.js";
import { LockError, lockFolder } from "../../lock.js";
import { openStore } from "../../store/level-store.js";
import type { Store } from "../../store/store.js";
import { EXIT } from "../commands.js";
import { CliFailure } from "../failure.js";
import type { Terminal } from "../terminal.js";
import { type ConfigFlags, configOf } from "./config.js";

/** Runs `body` over the folder's store, while no daemon runs on it. */
export async function opened<T>(
  terminal: Terminal,
  flags: ConfigFlags,
  what: string,
  body: (store: Store, paths: HomePaths) => Promise<T>,
): Promise<T> {
  const { paths } = await configOf(terminal, flags);
  if (!existsSync(join(paths.store, "rows", "CURRENT"))) throw noStore(what, paths, "there is no store");
  return held(paths, what, async () => {
    const store = await openStore(paths.store);
    try {
      return await body(store, paths);
    } finally {
      await store.close();
    }
  });
}

/** @throws LockError LOCK_HELD, which says how to stop the daemon */
export async function held<T>({ home }: HomePaths, what: string, body: () => Promise<T>): Promise<T> {
  const lock = await lockFolder(home).catch((error) => {
    if (!(error instanceof LockError) || error.code !== "LOCK_HELD") throw error;
    const fix = "stop the daemon with `mabeam stop`, do this, and start it again";
    throw new LockError("LOCK_HELD", what, error.why, fix, error);
  });
  try {
    return await body();
  } finally {
    await lock.release();
  }
}

export const noStore = (what: string, { store }: HomePaths, why: string): CliFailure =>
  new CliFailure(
    EXIT.notFound,
    "STORE_ABSENT",
    what,
    `${why} in ${store}`,
    "name the data folder of a daemon that has run, with --home",
  );

export async function genesisOf({ genesisFile }: HomePaths): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(genesisFile));
  } catch (error) {
    throw new Accident(
      "GENESIS_INVALID",
      "could not read the network's genesis",
      messageOf(error),
      "start the daemon once with --join and --chain: it fetches the genesis and checks it",
      error,
    );
  }
}

export function sizeText(bytes: number): string {
  if (bytes < 10_000) return `${bytes} B`;
  if (bytes < 10_000_000) return `${(bytes / 1000).toFixed(1)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
