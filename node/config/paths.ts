// Where things lie on this machine: one data folder, and one configuration file.
import { join, resolve } from "node:path";
import envPaths from "env-paths";

/** What lies in a data folder, by name. */
export interface HomePaths {
  readonly home: string;
  /** rows and sign guard */
  readonly store: string;
  readonly keys: string;
  /** how programs on this machine find the daemon */
  readonly apiFile: string;
  readonly tokenFile: string;
  readonly genesisFile: string;
  /** addresses to come back to */
  readonly peersFile: string;
  readonly logFile: string;
}

/** Where a testnet lies that nobody gave a folder: below the current one, so that a project has its own. */
export const TESTNET_HOME = join(".mabeam", "testnet");

/** The paths of the data folder `home`, whole. */
export function pathsOf(home: string): HomePaths {
  const at = (...parts: string[]) => join(resolve(home), ...parts);
  return {
    home: at(),
    store: at("store"),
    keys: at("keys"),
    apiFile: at("api.json"),
    tokenFile: at("token"),
    genesisFile: at("genesis.cbor"),
    peersFile: at("peers.json"),
    logFile: at("daemon.log"),
  };
}

/** The folders a daemon uses when nobody names one (XDG on Linux, Library on macOS, AppData on Windows). */
export function usualPlaces(): { readonly home: string; readonly configFile: string } {
  const places = envPaths("mabeam", { suffix: "" });
  return { home: places.data, configFile: join(places.config, "config.toml") };
}
