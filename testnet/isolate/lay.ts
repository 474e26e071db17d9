// Laying a testnet out for one process per peer: a data folder each, such as `mabeam daemon` has, with its keys in it.
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { generateKeyPairFromSeed } from "@libp2p/crypto/keys";
import { peerIdFromPrivateKey } from "@libp2p/peer-id";
import { Accident, messageOf } from "../../node/accident.js";
import { pathsOf } from "../../node/config/paths.js";
import { type KeyKind, storeKey } from "../../node/keys/index.js";
import { beginSeat } from "../../node/new-seat.js";
import { writeWhole } from "../../node/whole-file.js";
import type { Bytes } from "../../src/base/index.js";
import { bounded } from "../bounded.js";
import { dialPlan } from "../dialling.js";
import type { PlannedPeer, TestnetPlan } from "../plan.js";

const LAID_AT_ONCE = 8;

export interface Layout {
  readonly plan: TestnetPlan;
  /** canonical genesis bytes */
  readonly genesis: Bytes;
  /** the folder of the testnet: its peers' data folders are `peers/<name>` below it */
  readonly home: string;
  /** where each peer shall listen, by place, such as `/ip4/127.0.0.1/tcp/4001`; empty: at ports that are free now */
  readonly listen: readonly string[];
  /** no seat of this network has ever signed: an empty store is a beginning. Else it is a loss, hence amnesia */
  readonly fresh: boolean;
  /** host:port where the first peer's API shall listen; absent: at any free port, as all others do */
  readonly api?: string;
}

/** The data folder of a peer of the testnet in `home`. */
export const peerHome = (home: string, name: string): string => join(home, "peers", name);

/**
 * Gives every peer its folder: genesis, plain test keys, `config.toml`, and a new seat's guard where the network is
 * `fresh`. What is there already stays, but the configuration, which says where everyone listens now.
 * @returns where each peer listens, by place
 */
export async function layPeers(layout: Layout): Promise<readonly string[]> {
  const { plan, listen } = layout;
  const places = listen.length === plan.peers ? listen : await freePlaces(plan.peers);
  const addresses = await Promise.all(
    plan.peerPlans.map(async (peer, place) => `${places[place]!}/p2p/${await nameOf(peer.peerSeed)}`),
  );
  await bounded(plan.peerPlans, LAID_AT_ONCE, (peer, place) =>
    layPeer(
      layout,
      peer,
      place,
      places[place]!,
      joinsOf(plan, place).map((other) => addresses[other]!),
    ),
  );
  return places;
}

async function layPeer(
  { plan, genesis, home, fresh, api }: Layout,
  peer: PlannedPeer,
  place: number,
  listen: string,
  joins: readonly string[],
): Promise<void> {
  const paths = pathsOf(peerHome(home, peer.name));
  await mkdir(paths.home, { recursive: true, mode: 0o700 });
  await layGenesis(paths.genesisFile, genesis);
  const keep = async (name: string, kind: KeyKind, seed: Bytes): Promise<void> => {
    if (existsSync(join(paths.keys, `${name}.json`))) return;
    await storeKey(paths.keys, name, kind, seed, { kind: "plain" });
  };
  await keep("peer", "peer", peer.peerSeed);
  for (const { name, role, peer: home, keySeed } of plan.agentPlans) {
    if (home === place) await keep(role === "guest" ? "agent" : name, "agent", keySeed);
  }
  if (place === 0) await keep("faucet", "agent", plan.faucetSeed);
  if (peer.consensusSeed !== null) {
    await keep("consensus", "consensus", peer.consensusSeed);
    if (fresh) await beginSeat(paths.store);
  }
  await writeWhole(join(paths.home, "config.toml"), configOf(listen, joins, place === 0 ? api : undefined));
}

/** Another network's folder is not to be made this one's. @throws Accident */
async function layGenesis(path: string, genesis: Bytes): Promise<void> {
  if (!existsSync(path)) return writeWhole(path, genesis);
  if (Buffer.compare(await readFile(path), genesis) === 0) return;
  const fix = "end the old network for good with `mabeam testnet reset`, or name another folder with --home";
  throw new Accident("TESTNET_DIFFERS", "could not lay out the testnet", `${path} is another network's`, fix);
}

/** A restart by hand needs no flags: `mabeam daemon --home <folder>` finds all of it here. */
const configOf = (listen: string, joins: readonly string[], api: string | undefined): string =>
  [
    "# Written anew by every `mabeam testnet up --isolate process`.",
    `listen = ${JSON.stringify([listen])}`,
    `join = ${JSON.stringify(joins)}`,
    "insecurePlainKeys = true",
    'logLevel = "warn"',
    ...(api === undefined ? [] : [`api = ${JSON.stringify(api)}`]),
    "",
  ].join("\n");

/** Whom a peer dials: a member all others, since each may be the one that was restarted; a follower a few. */
function joinsOf(plan: TestnetPlan, place: number): readonly number[] {
  if (place < plan.quorum) return Array.from({ length: plan.quorum }, (_, i) => i).filter((i) => i !== place);
  return dialPlan(plan.peers, plan.quorum, plan.seed)
    .filter(({ from }) => from === place)
    .map(({ to }) => to);
}

const nameOf = async (peerSeed: Bytes): Promise<string> =>
  peerIdFromPrivateKey(await generateKeyPairFromSeed("Ed25519", peerSeed)).toString();

/** Ports that nobody listens at. Another program may take one before its peer does: then that peer says PORT_TAKEN. */
async function freePlaces(count: number): Promise<readonly string[]> {
  const servers = await Promise.all(Array.from({ length: count }, listenAnywhere));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports.map((port) => `/ip4/127.0.0.1/tcp/${port}`);
}

const listenAnywhere = () =>
  new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
    const server = createServer();
    server.once("error", (error) => reject(new Error(`no port is free: ${messageOf(error)}`)));
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
