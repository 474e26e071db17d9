// Founding: which network an `up` starts: the one that its folder holds, or a new one.
import { randomInt } from "node:crypto";
import { EXIT } from "../node/cli/commands.js";
import { CliFailure, usageFailure } from "../node/cli/failure.js";
import { toHex } from "../src/base/index.js";
import { networkOf } from "../src/ledger/index.js";
import { PEOPLES_PARAMS, testnetGenesis } from "./genesis.js";
import { type Manifest, readManifest, type TestnetPaths } from "./home.js";
import {
  DEFAULT_AGENTS,
  DEFAULT_PEERS,
  defaultQuorum,
  planTestnet,
  sizeFault,
  type TestnetSize,
} from "./plan.js";

/** Seeds that nobody chose: enough of them, and short enough to be typed again. */
const MAX_RANDOM_SEED = 1_000_000_000;

/** @throws CliFailure USAGE, or TESTNET_DIFFERS where the folder holds a network of other numbers; Accident */
export async function foundTestnet(
  asked: Partial<TestnetSize>,
  paths: TestnetPaths,
  inMemory: boolean,
  usualPeers = DEFAULT_PEERS,
): Promise<Manifest> {
  const kept = inMemory ? null : await readManifest(paths);
  if (kept === null) return newNetwork(asked, usualPeers);
  for (const name of ["peers", "quorum", "agents", "seed"] as const) {
    const wanted = asked[name];
    if (wanted !== undefined && wanted !== kept[name]) throw differs(name, kept[name], wanted, paths.home);
  }
  return kept;
}

function newNetwork(asked: Partial<TestnetSize>, usualPeers: number): Manifest {
  const peers = asked.peers ?? usualPeers;
  const size = {
    peers,
    quorum: asked.quorum ?? defaultQuorum(peers),
    agents: asked.agents ?? DEFAULT_AGENTS,
    seed: asked.seed ?? randomInt(1, MAX_RANDOM_SEED),
  };
  const fault = sizeFault(size);
  if (fault !== null)
    throw usageFailure("could not start the testnet", fault, "see `mabeam testnet up --help`");
  const genesisMs = Date.now();
  const chain = toHex(networkOf(testnetGenesis(planTestnet(size), genesisMs, PEOPLES_PARAMS)).chain);
  return { v: 1, ...size, chain, genesisMs, begun: false, listen: [], api: null };
}

const differs = (name: string, kept: number, wanted: number, home: string): CliFailure =>
  new CliFailure(
    EXIT.conflict,
    "TESTNET_DIFFERS",
    `could not start a testnet with --${name} ${wanted}`,
    `${home} holds one with --${name} ${kept}, which goes on where it stopped`,
    `leave --${name} out, give the new one a folder with --home, or end the old one for good with \`mabeam testnet reset\``,
  );
