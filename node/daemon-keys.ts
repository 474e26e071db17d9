// The keys of a daemon: opened from its folder, and made there the first time.
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  createKey,
  KeyError,
  type KeyKind,
  type LoadedKey,
  listKeys,
  loadKey,
  type Protection,
} from "./keys/index.js";
import { privateDirectory, readPrivateText, writePrivateFile } from "./keys/private-files.js";

export interface DaemonKeys {
  readonly agents: readonly LoadedKey[];
  readonly peer: LoadedKey;
  /** null: this daemon holds no seat */
  readonly consensus: LoadedKey | null;
  /** who could sign: all but `encrypted` mean whoever can read the folder */
  readonly custody: "encrypted" | "passphrase-beside" | "plain";
}

export interface KeySources {
  /** the folder of the keys */
  readonly folder: string;
  /** what the owner gave; null: nothing */
  readonly passphrase: string | null;
  readonly insecurePlainKeys: boolean;
}

const SEAT_KEY = "consensus";

/** Opens the key of this daemon's seat, and makes it the first time: only who founds a network may. @throws KeyError */
export async function openSeat(sources: KeySources): Promise<LoadedKey> {
  const { folder } = sources;
  const protection = protectionOf(sources);
  const isThere = listKeys(folder).some((one) => one.name === SEAT_KEY);
  if (!isThere) return createKey(folder, SEAT_KEY, "consensus", protection);
  return loadKey(
    folder,
    SEAT_KEY,
    "consensus",
    protection.kind === "passphrase" ? protection.passphrase : null,
  );
}

/** A daemon that was given no passphrase makes one, and keeps it here: encrypted files then move safely without it. */
const OWN_PASSPHRASE = "passphrase";

/**
 * Opens every agent key, the peer key, and a consensus key if there is one; makes the first agent's and the peer's.
 * @throws KeyError
 */
export async function openKeys(sources: KeySources): Promise<DaemonKeys> {
  const { folder } = sources;
  const protection = protectionOf(sources);
  const passphrase = protection.kind === "passphrase" ? protection.passphrase : null;
  const open = async (name: string, kind: KeyKind): Promise<LoadedKey> =>
    listKeys(folder).some((one) => one.name === name)
      ? loadKey(folder, name, kind, passphrase)
      : createKey(folder, name, kind, protection);
  const peer = await open("peer", "peer");
  const first = await open("agent", "agent");
  const others = listKeys(folder).filter(({ name, kind }) => kind === "agent" && name !== "agent");
  const agents = [first];
  for (const { name, kind } of others) agents.push(await loadKey(folder, name, kind, passphrase));
  const seated = listKeys(folder).some((one) => one.name === SEAT_KEY);
  const consensus = seated ? await loadKey(folder, SEAT_KEY, "consensus", passphrase) : null;
  const beside = existsSync(join(folder, OWN_PASSPHRASE)) ? "passphrase-beside" : "encrypted";
  return { agents, peer, consensus, custody: agents.some((one) => one.plain) ? "plain" : beside };
}

/** Opens the key of an agent, and makes it the first time. @throws KeyError */
export async function openAgentKey(sources: KeySources, name: string): Promise<LoadedKey> {
  const { folder } = sources;
  const protection = protectionOf(sources);
  if (!listKeys(folder).some((one) => one.name === name)) return createKey(folder, name, "agent", protection);
  return loadKey(folder, name, "agent", protection.kind === "passphrase" ? protection.passphrase : null);
}

function protectionOf({ folder, passphrase: given, insecurePlainKeys }: KeySources): Protection {
  if (given !== null) return { kind: "passphrase", passphrase: given };
  if (insecurePlainKeys) return { kind: "plain" };
  privateDirectory(folder);
  const path = join(folder, OWN_PASSPHRASE);
  if (!existsSync(path) && listKeys(folder).some((one) => !one.plain)) {
    throw new KeyError(
      "NO_PASSPHRASE",
      `could not open the keys in ${folder}`,
      "they were made with a passphrase, and none was given",
      "set MABEAM_PASSPHRASE, or name a file with --passphrase-file",
    );
  }
  if (!existsSync(path)) writePrivateFile(path, `${randomBytes(32).toString("base64url")}\n`);
  return { kind: "passphrase", passphrase: readPrivateText(path).trim() };
}
