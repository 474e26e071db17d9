// A market for measurements: real peers with stores on disk, one seller, ten bidders, and auctions one at a time.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathsOf } from "../../node/config/paths.js";
import { SignatureVerifier } from "../../node/crypto/verifier.js";
import { openLog } from "../../node/log.js";
import { PeerNode } from "../../node/peer-node.js";
import { equalBytes } from "../../src/base/index.js";
import type { AgentKey } from "../../src/crypto/index.js";
import { encodeGenesis, type Genesis, type Params } from "../../src/ledger/index.js";
import { type AuctionId, DEFAULT_FORMAT, PAID_AT_ONCE } from "../../src/market/index.js";
import type { Notice } from "../../src/peer/index.js";
import { bounded } from "../bounded.js";
import { dialPlan } from "../dialling.js";
import { testnetGenesis } from "../genesis.js";
import { type PlannedAgent, planTestnet, type TestnetPlan } from "../plan.js";
import { type Cost, costOf } from "./cost.js";
import type { TraceRecorder } from "./trace-recorder.js";
import { until } from "./until.js";

export const BIDS = 10;
/** Leaders wait longer than an auction lasts: an empty entry now and then is no part of it. */
export const IDLE_MS = 10_000;
/** Three of so many agents sell, the others bid. */
const AGENTS = BIDS + 3;
const CREDIT = 1_000_000n;
const MAX_CONNECTIONS = 64;
const DIALS_AT_ONCE = 8;

export interface MarketSize {
  readonly peers: number;
  readonly quorum: number;
  /** ledger ms after which an idle leader proposes an empty entry */
  readonly idleMs: number;
  /** how long bids are taken: on a busy machine, too, all of them are to be in time */
  readonly commitMs: number;
  /** what genesis says otherwise than a testnet's */
  readonly params?: Partial<Params>;
}

export class Market {
  private isAtRest = false;

  private constructor(
    readonly plan: TestnetPlan,
    readonly genesis: Genesis,
    readonly peers: readonly PeerNode[],
    private readonly verifier: SignatureVerifier,
    private readonly folder: string,
    private readonly commitMs: number,
  ) {}

  /** @param recorderOf told of the market before a peer starts, if a run shall be recorded */
  static async open(size: MarketSize, recorderOf?: RecorderOf): Promise<Market> {
    const plan = planTestnet({ ...size, agents: AGENTS, seed: 3 });
    const genesis = genesisOf(plan, { ...size.params, idleMs: size.idleMs });
    const folder = await mkdtemp(join(tmpdir(), "mabeam-bench-"));
    const verifier = new SignatureVerifier();
    const recorder = recorderOf?.(plan, genesis, verifier) ?? null;
    const peers: PeerNode[] = [];
    for (const place of plan.peerPlans.keys()) {
      peers.push(await startPeer({ plan, genesis, folder, verifier, recorder }, place));
    }
    recorder?.named(peers.map(({ peerId }) => peerId));
    await bounded(dialPlan(plan.peers, plan.quorum, plan.seed), DIALS_AT_ONCE, ({ from, to }) =>
      peers[from]!.connect(peers[to]!.multiaddrs()[0]!),
    );
    const links = plan.quorum - 1;
    await until("every two members are linked", () =>
      peers.slice(0, plan.quorum).every((peer) => (peer.counters()["quorum.LINKED"] ?? 0) >= links),
    );
    return new Market(plan, genesis, peers, verifier, folder, size.commitMs);
  }

  /** The ledger time that an auction's windows take. */
  get windows(): { readonly commitMs: number; readonly revealMs: number } {
    return { commitMs: this.commitMs, revealMs: this.genesis.params.minRevealMs };
  }

  /**
   * One auction with ten bids, from its creation until every peer has settled it.
   * @throws AuctionSpoilt if a bid was not in time; Error if none was opened
   */
  auction(): Promise<Cost> {
    return costOf(() => this.sell());
  }

  private async sell(): Promise<void> {
    const seller = this.plan.agentPlans.find(({ role }) => role === "seller")!;
    const bidders = this.plan.agentPlans.filter(({ role }) => role === "bidder");
    const watches = this.peers.map((peer, place) =>
      watch(
        peer,
        bidders.filter((bidder) => bidder.peer === place),
      ),
    );
    const created = await this.peers[seller.peer]!.command({
      kind: "createAuction",
      from: seller.key.publicKey,
      format: { kind: DEFAULT_FORMAT },
      direction: "sell",
      lot: { capability: "bench", units: 1, fromMs: null, toMs: null },
      reserve: CREDIT,
      lockups: [100n * CREDIT],
      startInMs: 0,
      ...this.windows,
      hiddenReserve: null,
      standingWeight: null,
      ...PAID_AT_ONCE,
      bond: 0n,
    });
    if (!created.ok) throw new Error(`the auction was refused: ${created.refusal.code}`);
    const faults = (await Promise.all(watches)).flat();
    if (faults.length > 0) throw new AuctionSpoilt(faults.join(", "));
  }

  /** Ends the peers; what they keep stays until the market is closed. @returns the folders of their stores */
  async rest(): Promise<readonly string[]> {
    this.isAtRest = true;
    await Promise.all(this.peers.map((peer) => peer.stop()));
    return this.peers.map(({ name }) => pathsOf(join(this.folder, name)).store);
  }

  async close(): Promise<void> {
    if (!this.isAtRest) await this.rest();
    await this.verifier.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

export type RecorderOf = (plan: TestnetPlan, genesis: Genesis, verifier: SignatureVerifier) => TraceRecorder;

function genesisOf(plan: TestnetPlan, params: Partial<Params>): Genesis {
  const genesis = testnetGenesis(plan, Date.now());
  return { ...genesis, params: { ...genesis.params, ...params } };
}

interface Founding {
  readonly plan: TestnetPlan;
  readonly genesis: Genesis;
  readonly folder: string;
  readonly verifier: SignatureVerifier;
  readonly recorder: TraceRecorder | null;
}

function startPeer(
  { plan, genesis, folder, verifier, recorder }: Founding,
  place: number,
): Promise<PeerNode> {
  const planned = plan.peerPlans[place]!;
  const agents = plan.agentPlans.filter(({ peer }) => peer === place).map(({ key }) => key);
  const recorded = (key: AgentKey): AgentKey => recorder?.pen(place, key) ?? key;
  return PeerNode.start({
    ...planned,
    genesis: encodeGenesis(genesis),
    home: join(folder, planned.name),
    agents: agents.map(recorded),
    listen: ["/ip4/127.0.0.1/tcp/0"],
    join: [],
    fresh: true,
    loopback: true,
    verifier,
    log: openLog({ level: "silent", file: null }),
    maxConnections: MAX_CONNECTIONS,
    ...(recorder === null ? {} : { around: (parts) => recorder.around(place, parts) }),
  });
}

/** What happened is no auction with ten bids: it says nothing about one. */
export class AuctionSpoilt extends Error {
  override readonly name = "AuctionSpoilt";
}

/** Lets a peer's bidders bid in the next auction. Resolves when the peer has settled it, to what went wrong. */
async function watch(peer: PeerNode, bidders: readonly PlannedAgent[]): Promise<readonly string[]> {
  let bids: Promise<readonly string[]> = Promise.resolve([]);
  const faults = await new Promise<readonly string[]>((resolve) => {
    let auction: AuctionId | null = null;
    const heard = (notice: Notice): void => {
      if (notice.kind === "auctionOpened") {
        auction = notice.auction;
        bids = bid(peer, bidders, auction);
      }
      if (notice.kind !== "auctionSettled" || auction === null || !equalBytes(notice.auction, auction))
        return;
      stop();
      resolve(notice.awards.length === 0 || notice.burned !== 0n ? ["not every bid was revealed"] : []);
    };
    const stop = peer.subscribe(heard);
  });
  return [...(await bids), ...faults];
}

/** @returns the codes of bids that were refused */
async function bid(
  peer: PeerNode,
  bidders: readonly PlannedAgent[],
  auction: AuctionId,
): Promise<readonly string[]> {
  const placed = bidders.map(({ key, place }) =>
    peer.command({
      kind: "placeBid",
      from: key.publicKey,
      auction,
      amount: BigInt(place + 2) * CREDIT,
      units: null,
      lockup: null,
      delayMs: 0,
    }),
  );
  return (await Promise.all(placed)).flatMap((result) => (result.ok ? [] : [result.refusal.code]));
}
