// A testnet's folder: what it needs to come back as the same network, written as soon as it is known.
import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "zod";
import { Accident, codeOf, messageOf } from "../node/accident.js";
import { usageFailure } from "../node/cli/failure.js";
import { expandedPath, pathsOf, TESTNET_HOME } from "../node/config/paths.js";
import { shellWord } from "../node/shell-word.js";
import { readText } from "../node/text-file.js";
import { writeWhole } from "../node/whole-file.js";

export interface TestnetPaths {
  readonly home: string;
  readonly manifest: string;
  /** one data folder for each peer */
  peer(name: string): string;
  readonly apiFile: string;
  readonly tokenFile: string;
  /** what `up` has printed: market events, for `mabeam testnet logs` */
  readonly logFile: string;
  /** what its peers have to say of themselves: warnings and worse */
  readonly peersLogFile: string;
}

/** The folder that was asked for, else MABEAM_HOME, else the default in the current folder. @throws CliFailure USAGE */
export function testnetHome(asked?: string, env: NodeJS.ProcessEnv = process.env): string {
  const given = asked ?? (env.MABEAM_HOME || TESTNET_HOME);
  const home = expandedPath(given);
  if (home !== null) return resolve(home);
  const why = "it begins with ~, and no home folder is known for it";
  throw usageFailure(`could not take the folder ${given}`, why, "write the whole path");
}

export function testnetPaths(home: string): TestnetPaths {
  const { apiFile, tokenFile } = pathsOf(home);
  return {
    home,
    manifest: join(home, "testnet.json"),
    peer: (name) => join(home, "peers", name),
    apiFile,
    tokenFile,
    logFile: join(home, "testnet.log"),
    peersLogFile: join(home, "peers.log"),
  };
}

const manifest = z.strictObject({
  v: z.literal(1),
  peers: z.int().min(1),
  quorum: z.int().min(1),
  agents: z.int().min(0),
  seed: z.int().min(0),
  chain: z.string(),
  /** ledger time of genesis: with the numbers above it makes the genesis again */
  genesisMs: z.int().min(0),
  /** whether every seat has had the chance to sign: from then on an empty store is a loss, not a beginning */
  begun: z.boolean(),
  /** where each peer listens; empty until it is known */
  listen: z.array(z.string()),
  /** where the API listens; null until it is known */
  api: z.string().nullable(),
});
export type Manifest = z.infer<typeof manifest>;

/** What the folder holds; null: no testnet was started there. @throws Accident TESTNET_UNREADABLE */
export async function readManifest(paths: TestnetPaths): Promise<Manifest | null> {
  try {
    return manifest.parse(JSON.parse(readText(paths.manifest)));
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    const why = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    throw new Accident(
      "TESTNET_UNREADABLE",
      `could not read ${paths.manifest}`,
      why,
      `remove ${shellWord(paths.home)}`,
      error,
    );
  }
}

export const writeManifest = (paths: TestnetPaths, content: Manifest): Promise<void> =>
  writeWhole(paths.manifest, `${JSON.stringify(content, null, 2)}\n`);

/** Takes everything away that a testnet wrote into its folder, and nothing else. */
export async function removeTestnet(paths: TestnetPaths): Promise<void> {
  // Last of all what says that a testnet is here: a removal that was cut short can be done again.
  const written = [
    paths.apiFile,
    paths.tokenFile,
    paths.logFile,
    paths.peersLogFile,
    join(paths.home, "peers"),
    paths.manifest,
  ];
  for (const path of written) await rm(path, { recursive: true, force: true });
}
