// A testnet: a network of real peers, the agents that trade on it, and its faucet, as one thing that can be stopped.
import { type Log, openLog } from "../node/log.js";
import type { GossipTap } from "../node/net/index.js";
import type { PeerNode } from "../node/peer-node.js";
import type { Hash } from "../src/base/index.js";
import { type AgentId, encodeGenesis, type Genesis, networkOf, type Params } from "../src/ledger/index.js";
import { type AuctionId, DEFAULT_FORMAT } from "../src/market/index.js";
import type { CommandResult } from "../src/peer/event.js";
import { Auctioneer, type Rhythm } from "./agents/auctioneer.js";
import { startCrew } from "./agents/crew.js";
import type { Journal } from "./agents/journal.js";
import { accessTo } from "./agents/peer-access.js";
import type { Windows } from "./agents/seller.js";
import { demoWindows, testnetGenesis } from "./genesis.js";
import { startNetwork } from "./network.js";
import {
  DEFAULT_AGENTS,
  DEFAULT_PEERS,
  defaultQuorum,
  planTestnet,
  type TestnetPlan,
  type TestnetSize,
} from "./plan.js";
import type { OnStep } from "./steps.js";

export interface TestnetOptions extends Partial<TestnetSize> {
  /** folder of the peers' stores; absent or null: everything in memory */
  readonly home?: string | null;
  /** ledger time of genesis (ms since 1970); absent: now. With the same size it makes the same chain */
  readonly genesisMs?: number;
  /** absent: the local testnet's */
  readonly params?: Params;
  /** where each peer listens, by place; absent: on any free port */
  readonly listen?: readonly string[];
  /** whether no seat of this chain has ever signed; absent: true */
  readonly fresh?: boolean;
  readonly log?: Log;
  readonly onStep?: OnStep;
  /** told of the gossip that passes each peer */
  readonly tapOf?: (peer: number) => GossipTap;
  /** told of each peer before it knows any other */
  readonly onPeer?: (place: number, peer: PeerNode) => void;
}

/** Demo agents at work. */
export interface Trading {
  /** The ids of the auctions that had no end, once all rounds and their trades are over or after `stop`. */
  readonly over: Promise<readonly AuctionId[]>;
  stop(): void;
}

export interface Testnet {
  readonly plan: TestnetPlan;
  readonly genesis: Genesis;
  readonly chain: Hash;
  readonly windows: Windows;
  readonly peers: readonly PeerNode[];
  /** Where each peer listens: what `listen` takes, to come back at the same places. */
  listenAddresses(): readonly string[];
  /** Lets the demo agents trade. */
  trade(rhythm: Rhythm, journal?: Journal): Trading;
  /** Free micro-credits out of nothing. */
  faucet(to: AgentId, amount: bigint): Promise<CommandResult>;
  /** Rejects when a peer has stopped by itself: its disk failed, or it has a bug. */
  readonly broken: Promise<never>;
  /** Resolves when every peer has executed what any of them had. */
  together(): Promise<void>;
  stop(): Promise<void>;
}

const SILENT: Journal = { decided() {}, refused() {} };

/**
 * Starts a testnet of real peers in this process: 8 peers, a quorum of min(7, peers), 12 demo agents and seed 1 where
 * nothing else is said. Ready when every peer has seen the quorum finalise.
 * @throws RangeError for sizes that make no network; Accident NETWORK_NOT_READY, or whatever a peer cannot start for
 */
export async function createTestnet(options: TestnetOptions = {}): Promise<Testnet> {
  const peers = options.peers ?? DEFAULT_PEERS;
  const plan = planTestnet({
    peers,
    quorum: options.quorum ?? defaultQuorum(peers),
    agents: options.agents ?? DEFAULT_AGENTS,
    seed: options.seed ?? 1,
  });
  const genesis = testnetGenesis(plan, options.genesisMs ?? Date.now(), options.params);
  const { chain } = networkOf(genesis);
  const onStep = options.onStep ?? (() => undefined);
  const network = await startNetwork({
    plan,
    genesis: encodeGenesis(genesis),
    home: options.home ?? null,
    listen: options.listen ?? [],
    fresh: options.fresh ?? true,
    log: options.log ?? openLog({ level: "silent", file: null }),
    onStep,
    ...(options.tapOf === undefined ? {} : { tapOf: options.tapOf }),
    ...(options.onPeer === undefined ? {} : { onPeer: options.onPeer }),
  });
  const { params } = genesis;
  const windows = demoWindows(params);
  const trades = new Set<Trading>();
  return {
    plan,
    genesis,
    chain,
    windows,
    peers: network.peers,
    listenAddresses: network.listenAddresses,
    broken: network.broken,
    together: network.together,
    trade(rhythm, journal = SILENT) {
      const trading = trade(network.peers, plan, genesis, windows, rhythm, journal);
      trades.add(trading);
      return trading;
    },
    faucet: (to, amount) =>
      network.peers[0]!.command({ kind: "grant", from: plan.faucet.publicKey, to, free: amount, stake: 0n }),
    async stop() {
      for (const trading of trades) trading.stop();
      await network.stop();
    },
  };
}

function trade(
  peers: readonly PeerNode[],
  plan: TestnetPlan,
  genesis: Genesis,
  windows: Testnet["windows"],
  rhythm: Rhythm,
  journal: Journal,
): Trading {
  const accesses = peers.map(accessTo);
  const crew = startCrew({
    plan,
    network: networkOf(genesis),
    windows,
    verdictMs: genesis.params.verdictMs,
    journal,
    formats: rhythm.formats ?? [DEFAULT_FORMAT],
    accessOf: (peer) => accesses[peer]!,
    nextNonceOf: ({ peer, key }) => peers[peer]!.peer.ledger.accountOf(key.publicKey)?.nonces.bulk ?? 0,
  });
  const auctioneer = new Auctioneer(crew.stalls, rhythm);
  return {
    over: auctioneer
      .run()
      .then(async (late) => {
        await crew.tradesOver();
        return late;
      })
      .finally(() => crew.stop()),
    stop() {
      auctioneer.stop();
      crew.stop();
    },
  };
}
