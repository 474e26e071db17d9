// Which network a folder's daemon runs in: the one it belongs to, one that a founding file founds, or one that is joined.
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { type Bytes, fromHex, type Hash, toHex } from "../src/index.js";
import { chainOf, decodeGenesis } from "../src/ledger/index.js";
import { Accident, messageOf } from "./accident.js";
import type { Config } from "./config/config.js";
import { addressesIn, type Founding, readFounding } from "./founding/founding-file.js";
import { privateDirectory } from "./keys/private-files.js";
import { readNetwork, writeNetwork } from "./known-network.js";
import { fetchGenesis, NetworkRefusal } from "./net/index.js";
import { writeWhole } from "./whole-file.js";

/** A peer that many call at once may have no place for a moment. */
const FETCH_ATTEMPTS = 3;
const FETCH_AGAIN_MS = 3000;

export interface FolderNetwork {
  /** canonical bytes */
  readonly genesis: Bytes;
  /** addresses of its peers, from earlier or from its founding file */
  readonly join: readonly string[];
  /** makes the folder belong to it, if it does not yet: to be called once nothing speaks against it */
  readonly settle: () => Promise<void>;
}

/**
 * The network of the folder; or of the founding file; or that --join and --chain name, or that the folder's keys were last in,
 * its genesis' hash checked.
 * @param foundingFile null: none was named @param stopping gives looking for it up
 * @returns null: `stopping` came first
 * @throws Accident NETWORK_UNKNOWN, CHAIN_MISMATCH, PEER_UNREACHABLE; FoundingError
 */
export async function folderNetwork(
  config: Config,
  foundingFile: string | null,
  stopping: AbortSignal,
): Promise<FolderNetwork | null> {
  const { paths, settings } = config;
  const founding = foundingFile === null ? null : readFounding(foundingFile);
  const known = readNetwork(paths.networkFile);
  const named = settings.chain ?? (founding === null ? known?.chain : toHex(founding.chain));
  const chain = named === undefined ? null : fromHex(named);
  const kept = existsSync(paths.genesisFile) ? new Uint8Array(readFileSync(paths.genesisFile)) : null;
  const asked = settings.chain === undefined ? null : chain;
  if (founding !== null) refuseOther(foundingFile!, founding.bytes, asked, "--chain");
  if (kept !== null) {
    refuseOther("this folder", kept, asked, "--chain");
    if (founding !== null) refuseOther("this folder", kept, founding.chain, foundingFile!);
  }
  if (kept !== null || founding !== null) {
    const genesis = kept ?? founding!.bytes;
    const join = [...(founding === null ? [] : addressesIn(founding)), ...beside(config, genesis)];
    return { genesis, join, settle: async () => void (kept ?? (await belongTo(config, founding!))) };
  }
  const join = settings.join.length === 0 && known?.chain === named ? (known?.join ?? []) : settings.join;
  if (chain === null || join.length === 0) {
    throw new Accident(
      "NETWORK_UNKNOWN",
      "this folder belongs to no network yet",
      `${paths.home} holds no genesis, and ${missingFlags(chain !== null, join.length > 0)}`,
      "join one with `mabeam daemon --join <multiaddr> --chain <hash>`, a line that `mabeam testnet up` and `mabeam network create` print, or with the file of a founder, `mabeam daemon --genesis <file>`",
    );
  }
  const genesis = await fetched(join, chain, stopping);
  if (genesis === null) return null;
  return { genesis, join: beside(config, genesis), settle: () => writeWhole(paths.genesisFile, genesis) };
}

/** Addresses first: a crash between the two leaves a folder that begins anew, and none that knows nobody. */
async function belongTo({ paths }: Config, founding: Founding): Promise<void> {
  const addresses = addressesIn(founding);
  privateDirectory(paths.keys);
  if (addresses.length > 0) await writeNetwork(paths.networkFile, toHex(founding.chain), addresses);
  await writeWhole(paths.genesisFile, founding.bytes);
}

/** @param what has this genesis @param by what names another chain @throws Accident CHAIN_MISMATCH */
function refuseOther(what: string, kept: Bytes, chain: Hash | null, by: string): void {
  const genesis = decodeGenesis(kept);
  if (!genesis.ok || chain === null) return;
  const own = toHex(chainOf(genesis.value));
  if (own === toHex(chain)) return;
  throw new Accident(
    "CHAIN_MISMATCH",
    `${what} belongs to chain ${own}`,
    `${by} names ${toHex(chain)}`,
    `leave ${by === "--chain" ? by : "--genesis"} out, or give the other network a folder of its own with --home`,
  );
}

/** Addresses of the network of this genesis that lie beside the keys. */
function beside({ paths }: Config, genesis: Bytes): readonly string[] {
  const decoded = decodeGenesis(genesis);
  const known = readNetwork(paths.networkFile);
  return decoded.ok && known?.chain === toHex(chainOf(decoded.value)) ? known.join : [];
}

/** Null: a signal came first. */
async function fetched(join: readonly string[], chain: Hash, stopping: AbortSignal): Promise<Bytes | null> {
  let failures: NetworkRefusal[] = [];
  for (let attempt = 1; attempt <= FETCH_ATTEMPTS; attempt++) {
    failures = [];
    for (const address of join) {
      try {
        return await fetchGenesis(address, chain, stopping);
      } catch (error) {
        if (stopping.aborted) return null;
        if (!(error instanceof NetworkRefusal)) throw error;
        failures.push(error);
      }
    }
    // An address that nobody listens at, or that is none, gets no better by waiting.
    if (!failures.some((one) => one.code === "UNREACHABLE" && !one.message.includes("ECONNREFUSED"))) break;
    if (attempt < FETCH_ATTEMPTS)
      await wait(FETCH_AGAIN_MS, undefined, { signal: stopping }).catch(() => undefined);
    if (stopping.aborted) return null;
  }
  const mismatch = failures.find((one) => one.code === "WRONG_CHAIN");
  throw new Accident(
    mismatch === undefined ? "PEER_UNREACHABLE" : "CHAIN_MISMATCH",
    "could not join the network",
    failures.map(messageOf).join("; "),
    mismatch === undefined
      ? "check that the address is right and that a peer runs there; one that is busy answers later"
      : "take --chain from whoever runs the network: `mabeam testnet up` prints the whole line",
  );
}

/** Which half of a network's name was left out. */
function missingFlags(hasChain: boolean, hasJoin: boolean): string {
  if (hasJoin) return "--chain, by which the genesis is checked, is missing";
  return hasChain ? "--join, the address of a peer to fetch it from, is missing" : "no network was named";
}
