// The API of a testnet: one server for all its peers, chosen by number.
import { randomBytes } from "node:crypto";
import { freshToken, HostedPeer, type RunningApi, startApi } from "../node/api/index.js";
import { VERSION } from "../node/cli/version.js";
import { removeApiFile, writeApiFile } from "../node/config/api-file.js";
import type { Log } from "../node/log.js";
import type { PeerNode } from "../node/peer-node.js";
import { toHex } from "../src/base/index.js";
import { AddedAgents } from "./added-agents.js";
import type { TestnetPaths } from "./home.js";
import { faucetOf, type PlannedAgent } from "./plan.js";
import type { Testnet } from "./testnet.js";

/** Events of each peer that a listener may have missed and still reads: many peers share one process. */
const KEPT_EVENTS = 512;

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface ServeOptions {
  readonly testnet: Testnet;
  /** null: nothing is written, and only whoever is told the token may ask */
  readonly paths: TestnetPaths | null;
  readonly inMemory: boolean;
  readonly listen: Endpoint;
  readonly log: Log;
  /** told when a program asks for the orderly end */
  readonly onStop: () => void;
}

export interface ServedTestnet {
  readonly url: string;
  readonly port: number;
  readonly token: string;
  /** one for each peer */
  readonly hosted: readonly HostedPeer[];
  close(): Promise<void>;
}

/** Serves the API, and tells programs on this machine where. @throws ApiStartError PORT_TAKEN, NOT_LOOPBACK */
export async function serveTestnet(options: ServeOptions): Promise<ServedTestnet> {
  const { testnet, paths, listen, log, onStop } = options;
  const added = testnet.peers.map((peer, place) => addedTo(options, place, peer));
  const hosted = testnet.peers.map((_, place) => hostedAt(options, place, added[place]!));
  await Promise.all(added.map((one) => one.resume()));
  const token = paths === null ? randomBytes(32).toString("base64url") : await freshToken(paths.tokenFile);
  const api = await startApi({
    host: { peerCount: hosted.length, peer: (n) => hosted[n] ?? null, stop: onStop },
    token,
    listen,
    version: VERSION,
    onAccident: (error) => log.error({ err: error }, "the API failed to answer"),
    nowMs: Date.now,
    random: Math.random,
  });
  if (paths !== null) await announce(testnet, paths, api);
  return {
    url: api.url,
    port: api.port,
    token,
    hosted,
    async close() {
      if (paths !== null) await removeApiFile(paths.apiFile, process.pid);
      for (const one of added) one.close();
      for (const one of hosted) one.close();
      await api.close();
    },
  };
}

function addedTo(
  { testnet, paths, inMemory, log }: ServeOptions,
  place: number,
  peer: PeerNode,
): AddedAgents {
  const { plan } = testnet;
  const folder = folderOf(paths, inMemory, plan.peerPlans[place]!.name);
  return new AddedAgents({
    seed: plan.seed,
    place,
    planned: plan.agentPlans.filter((one) => one.peer === place),
    folder,
    peer,
    faucet: faucetOf(plan),
    bank: testnet.peers[0]!,
    log,
  });
}

function hostedAt(
  { testnet, paths, inMemory }: ServeOptions,
  place: number,
  keyring: AddedAgents,
): HostedPeer {
  const { plan, peers } = testnet;
  return new HostedPeer(peers[place]!, {
    version: VERSION,
    startedAtMs: Date.now(),
    nowMs: Date.now,
    home: folderOf(paths, inMemory, plan.peerPlans[place]!.name),
    // Keys follow from the seed, which is public: none lies on a disk.
    keys: "public",
    keptEvents: KEPT_EVENTS,
    defaultAgent: guestOf(testnet, place).key.publicKey,
    keyring,
    faucet: place === 0 ? faucetOf(plan) : null,
  });
}

const folderOf = (paths: TestnetPaths | null, inMemory: boolean, peer: string): string | null =>
  paths === null || inMemory ? null : paths.peer(peer);

const guestOf = ({ plan }: Testnet, place: number): PlannedAgent =>
  plan.agentPlans.find(({ role, peer }) => role === "guest" && peer === place)!;

const announce = (testnet: Testnet, paths: TestnetPaths, api: RunningApi): Promise<void> =>
  writeApiFile(paths.apiFile, {
    url: api.url,
    tokenFile: paths.tokenFile,
    pid: process.pid,
    peers: testnet.peers.map((peer, place) => ({
      name: peer.name,
      agent: toHex(guestOf(testnet, place).key.publicKey),
      agentName: guestOf(testnet, place).name,
      addresses: [...peer.multiaddrs()],
    })),
  });
