// Where things lie on this machine: one data folder, and one configuration file.
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { Accident } from "../accident.js";

/** What lies in a data folder, by name. */
export interface HomePaths {
  readonly home: string;
  /** rows and sign guard */
  readonly store: string;
  readonly keys: string;
  /** goods of trades, given and taken, sealed */
  readonly handover: string;
  /** how programs on this machine find the daemon */
  readonly apiFile: string;
  readonly tokenFile: string;
  readonly genesisFile: string;
  /** addresses to come back to */
  readonly peersFile: string;
  /** which network the keys act in, and who was there: a backup of the keys holds it too */
  readonly networkFile: string;
  readonly logFile: string;
  /** of a gateway: the agents that its owner has named */
  readonly gatewayAgentsFile: string;
  /** of a gateway: its books */
  readonly gatewayBooks: string;
}

/** Where a testnet lies that nobody gave a folder: below the current one, so that a project has its own. */
export const TESTNET_HOME = join(".mabeam", "testnet");

/** Where a network of one lies that nobody gave a folder. */
export const DEV_HOME = join(".mabeam", "dev");

/** The paths of the data folder `home`, whole. */
export function pathsOf(home: string): HomePaths {
  const at = (...parts: string[]) => join(resolve(home), ...parts);
  return {
    home: at(),
    store: at("store"),
    keys: at("keys"),
    handover: at("handover"),
    apiFile: at("api.json"),
    tokenFile: at("token"),
    genesisFile: at("genesis.cbor"),
    peersFile: at("peers.json"),
    networkFile: at("keys", "network"),
    logFile: at("daemon.log"),
    gatewayAgentsFile: at("gateway-agents.json"),
    gatewayBooks: at("gateway"),
  };
}

/** The folder of this user; null: the system knows none (no HOME, and a user id without an entry). */
function userFolder(): string | null {
  try {
    const folder = homedir();
    return isAbsolute(folder) ? folder : null;
  } catch {
    return null;
  }
}

/** `~` and `~/…` as a shell would expand them; null: it begins with `~`, and whose folder is meant is not known. */
export function expandedPath(text: string): string | null {
  if (!text.startsWith("~")) return text;
  const user = userFolder();
  return user === null || !/^~(?:[/\\]|$)/.test(text) ? null : join(user, text.slice(1));
}

/**
 * The folders a daemon uses when nobody names one: XDG on Linux, Library on macOS, AppData on Windows.
 * @throws Accident NO_USER_FOLDER
 */
export function usualPlaces(): { readonly home: string; readonly configFile: string } {
  const { data, config } = placesOf(process.platform, process.env);
  return { home: data, configFile: join(config, "config.toml") };
}

function placesOf(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): { data: string; config: string } {
  // A variable that holds no whole path is to be ignored (XDG base directories).
  const at = (variable: string, ...usual: string[]): string => {
    const given = env[variable];
    return given !== undefined && isAbsolute(given) ? given : join(mustKnow(userFolder()), ...usual);
  };
  switch (platform) {
    case "darwin": {
      const library = join(mustKnow(userFolder()), "Library");
      return {
        data: join(library, "Application Support", "mabeam"),
        config: join(library, "Preferences", "mabeam"),
      };
    }
    case "win32":
      return {
        data: join(at("LOCALAPPDATA", "AppData", "Local"), "mabeam", "Data"),
        config: join(at("APPDATA", "AppData", "Roaming"), "mabeam", "Config"),
      };
    default:
      return {
        data: join(at("XDG_DATA_HOME", ".local", "share"), "mabeam"),
        config: join(at("XDG_CONFIG_HOME", ".config"), "mabeam"),
      };
  }
}

function mustKnow(folder: string | null): string {
  if (folder !== null) return folder;
  throw new Accident(
    "NO_USER_FOLDER",
    "could not find a place for the data folder",
    "HOME is not set, and the system knows no home folder of this user",
    "name a folder with --home or MABEAM_HOME, or set HOME",
  );
}
