// The network of a testnet: real peers in one process, on loopback, each with its own key, store and sockets.
import { join } from "node:path";
import { Accident, messageOf } from "../node/accident.js";
import { SignatureVerifier } from "../node/crypto/verifier.js";
import type { Log } from "../node/log.js";
import type { GossipTap } from "../node/net/index.js";
import { PeerNode } from "../node/peer-node.js";
import type { Bytes } from "../src/base/index.js";
import { bounded } from "./bounded.js";
import { type Dial, dialPlan } from "./dialling.js";
import { faucetOf, type PlannedPeer, type TestnetPlan } from "./plan.js";
import { type OnStep, step } from "./steps.js";

/** Peers that start, and dials that are made, at once: handshakes cost CPU, and waiting ones time out. */
const STARTS_AT_ONCE = 8;
const DIALS_AT_ONCE = 8;
const DIAL_ATTEMPTS = 3;
/** Connections of one peer to others without a seat. */
const MAX_CONNECTIONS = 64;
/** How long all peers may take to finalise an entry together. */
const READY_WITHIN_MS = 60_000;

export interface NetworkOptions {
  readonly plan: TestnetPlan;
  /** canonical genesis bytes */
  readonly genesis: Bytes;
  /** folder of the peers' data folders; null: everything in memory */
  readonly home: string | null;
  /** where each peer listens, by place; absent: any free port */
  readonly listen: readonly string[];
  /** no seat of this network has ever signed */
  readonly fresh: boolean;
  readonly log: Log;
  readonly onStep: OnStep;
  /** told of the gossip that passes each peer */
  readonly tapOf?: (peer: number) => GossipTap;
  /** told of each peer before it is connected to any other */
  readonly onPeer?: (place: number, peer: PeerNode) => void;
}

export interface TestnetNetwork {
  readonly peers: readonly PeerNode[];
  /** Where each peer listens, without its identity: what `listen` takes. */
  listenAddresses(): readonly string[];
  /** Rejects when a peer has stopped by itself: its disk failed, or it has a bug. */
  readonly broken: Promise<never>;
  /** Resolves when every peer has executed what any of them had. */
  together(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the peers, dials, and waits until each has seen the quorum finalise. @throws Accident NETWORK_NOT_READY */
export async function startNetwork(options: NetworkOptions): Promise<TestnetNetwork> {
  const { plan, onStep } = options;
  const verifier = new SignatureVerifier();
  const started: PeerNode[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((peer) => peer.stop()));
    await verifier.close();
  };
  try {
    const peers = await step(
      onStep,
      () =>
        bounded(plan.peerPlans, STARTS_AT_ONCE, async (planned, place) => {
          const peer = await startPeer(options, verifier, planned, place);
          started.push(peer);
          options.onPeer?.(place, peer);
          return peer;
        }),
      (all) => `${all.length} peers listen on 127.0.0.1 (TCP, Noise, yamux)`,
    );
    const broken = firstBreak(peers);
    const reach = highest(peers) + 1;
    await step(
      onStep,
      () =>
        bounded(dialPlan(plan.peers, plan.quorum, plan.seed), DIALS_AT_ONCE, (dial) => connect(peers, dial)),
      (dials) => `${dials.filter((isMade) => isMade).length} connections`,
    );
    await step(
      onStep,
      () => Promise.race([allReach(peers, reach), broken]),
      () => `the quorum of ${plan.quorum} finalises, and every peer follows`,
    );
    return {
      peers,
      broken,
      together: () => Promise.race([allReach(peers, highest(peers)), broken]),
      listenAddresses: () => peers.map((peer) => (peer.multiaddrs()[0] ?? "").replace(/\/p2p\/.*$/, "")),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function startPeer(
  { plan, genesis, home, listen, fresh, log, tapOf }: NetworkOptions,
  verifier: SignatureVerifier,
  planned: PlannedPeer,
  place: number,
): Promise<PeerNode> {
  const agents = plan.agentPlans.filter(({ peer }) => peer === place).map(({ key }) => key);
  return PeerNode.start({
    name: planned.name,
    genesis,
    home: home === null ? null : join(home, "peers", planned.name),
    peerSeed: planned.peerSeed,
    consensusSeed: planned.consensusSeed,
    // The faucet's nonces come in one order only where one peer alone grants.
    ...(place === 0 ? { faucet: faucetOf(plan) } : {}),
    agents: place === 0 ? [...agents, plan.faucet] : agents,
    listen: [listen[place] ?? "/ip4/127.0.0.1/tcp/0"],
    join: [],
    fresh,
    loopback: true,
    verifier,
    log,
    maxConnections: MAX_CONNECTIONS,
    ...(tapOf === undefined ? {} : { tap: tapOf(place) }),
  });
}

function firstBreak(peers: readonly PeerNode[]): Promise<never> {
  const broken = new Promise<never>((_resolve, reject) => {
    for (const { name, stopped } of peers) {
      void stopped.then((reason) => {
        if (reason.kind === "closed") return;
        const what = `${name} has stopped by itself`;
        const fix = "look into the testnet's log; state that others hold comes back from them";
        reject(new Accident("PEER_BROKEN", what, messageOf(reason.error), fix, reason.error));
      });
    }
  });
  // Whoever waits for something races with this; where nobody does, a break is only logged.
  broken.catch(() => undefined);
  return broken;
}

/**
 * Whether the link was made. A dial may lose to the other side's, or to a full queue: it is tried again. What a busy
 * machine does not get done even so is left to the peers, who dial whom they hear of.
 */
async function connect(peers: readonly PeerNode[], { from, to }: Dial): Promise<boolean> {
  const address = peers[to]!.multiaddrs()[0]!;
  for (let attempt = 0; attempt < DIAL_ATTEMPTS; attempt++) {
    const failed = await peers[from]!.connect(address).then(
      () => false,
      () => true,
    );
    if (!failed) return true;
  }
  return false;
}

const highest = (peers: readonly PeerNode[]): number => Math.max(...peers.map(({ peer }) => peer.tip.height));

/** Resolves when every peer has executed height `reach`. */
async function allReach(peers: readonly PeerNode[], reach: number): Promise<void> {
  await Promise.all(peers.map((peer) => reaches(peer, reach)));
}

function reaches(node: PeerNode, reach: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      stopListening();
      const why = `${node.name} is at height ${node.peer.tip.height}, and waits for ${reach}`;
      reject(
        new Accident(
          "NETWORK_NOT_READY",
          "could not start the testnet",
          why,
          "look into its log, and try again",
        ),
      );
    }, READY_WITHIN_MS);
    const look = (): void => {
      if (node.peer.tip.height < reach) return;
      clearTimeout(timer);
      stopListening();
      resolve();
    };
    const stopListening = node.subscribe(look);
    look();
  });
}
