// A real peer whose network is a function call and whose time only the test moves: what API and command line are tested
// over. It is the one seat of its quorum, or one of two, holds one agent's key, and has an auction that is over and one that
// is open.
import { type Host, HostedPeer, type ReadHandover, type ReadPeer } from "../../node/api/index.js";
import { SignatureVerifier } from "../../node/crypto/verifier.js";
import { filesInMemory } from "../../node/handover/files.js";
import { Handover } from "../../node/handover/handover.js";
import {
  ownPastAuctions,
  pastAuctionsLike,
  readMovements,
  readPastAuction,
} from "../../node/history-reader.js";
import { type HistoryQuestion, readHistory, subjectsLike } from "../../node/kept-history.js";
import { NetworkRefusal, type PeerView } from "../../node/net/index.js";
import { memoryStore } from "../../node/store/memory-store.js";
import { openTranscript, readLogBelow } from "../../node/transcript-reader.js";
import { type Bytes, toHex } from "../../src/base/index.js";
import type { Params } from "../../src/ledger/index.js";
import { type AuctionId, TRADES, tradeOf } from "../../src/market/index.js";
import type { HistoryName } from "../../src/peer/history/history.js";
import type { Subject } from "../../src/peer/history/kind.js";
import type { Command, CommandResult, Notice } from "../../src/peer/index.js";
import type { Write } from "../../src/peer/ready.js";
import { Cluster, type creation, ended, idOf, opened, placed, START_MS } from "../peer/cluster.js";

const CREDIT = 1_000_000n;
/** the agent whose key the peer holds, and the seller of both auctions */
export const ME = toHex(idOf("me"));
export const OTHER = toHex(idOf("sue"));
const LOT = { capability: "gpu.a100", units: 2, fromMs: null, toMs: null };

export class LonePeer implements ReadPeer {
  readonly peerId = "12D3KooWlone";
  readonly persistent = false;
  isBehind = false;
  readonly clockDistance = null;
  readonly eclipse = null;
  /** what it was asked to do */
  readonly commands: Command[] = [];
  /** answers in the peer's place: for what no peer says at will, such as nothing at all */
  answer: ((command: Command) => Promise<CommandResult>) | null = null;
  connected: PeerView[] = [];
  /** what it decides is known to memory alone, until `writeOut` */
  slowDisk = false;
  private readonly unwritten: Write[] = [];
  private readonly store = memoryStore();
  private readonly listeners = new Set<(notice: Notice) => void>();
  private readonly cluster: Cluster;
  /** goods lie in memory, and nobody else is there to take them */
  readonly handover = loneHandover(this);
  readonly done: AuctionId;
  readonly open: AuctionId;

  /** @param seats 2: it orders the log together with the other agents' peer */
  constructor(params: Partial<Params> = {}, seats: 1 | 2 = 1) {
    this.cluster = new Cluster({
      seats,
      agents: [
        ["me", "faucet"],
        ["sue", "bob"],
      ],
      params,
    });
    const { host } = this;
    host.onBatch = ({ ready }) => {
      const writes = ready.persist.filter((write) => write.kind !== "guard");
      if (this.slowDisk) this.unwritten.push(...writes);
      else void this.store.write(writes);
      for (const notice of ready.notify) for (const listener of this.listeners) listener(notice);
    };
    void this.store.write([...host.rows].map(([key, value]) => ({ kind: "put", key, value })));
    const terms = { reserve: CREDIT, lockups: [10n * CREDIT, 5000n * CREDIT] };
    this.done = this.auction("sue", terms, { me: 4_000_000n, bob: 2_500_000n });
    ended(this.cluster, this.done);
    this.pass(5000);
    this.open = this.auction("sue", { ...terms, commitMs: 600_000 }, { me: 4_500_000n, bob: 2_000_000n });
  }

  /** An auction of this seller's with these bids in the log. */
  auction(
    creator: string,
    terms: Parameters<typeof creation>[1],
    bids: Readonly<Record<string, bigint>>,
  ): AuctionId {
    const id = opened(this.cluster, creator, { lot: LOT, ...terms });
    for (const [bidder, amount] of Object.entries(bids)) placed(this.cluster, bidder, id, amount);
    this.pass(900);
    return id;
  }

  /** What another agent wishes, whose key another peer has. */
  by(name: string, command: Command): CommandResult {
    return this.cluster.command(this.cluster.homeOf(name), command);
  }

  private get host() {
    return this.cluster.host(0);
  }

  get nowMs(): number {
    return this.cluster.nowMs;
  }

  /** Lets time pass. */
  pass(ms: number): void {
    this.cluster.run(ms);
  }

  async writeOut(): Promise<void> {
    this.slowDisk = false;
    await this.store.write(this.unwritten.splice(0));
  }

  /** Changes what lies on its disk. */
  write(writes: readonly Write[]): Promise<void> {
    return this.store.write(writes);
  }

  /** Where rows of a kind of history lie, oldest first. */
  async places(name: HistoryName): Promise<readonly string[]> {
    const { rows } = await this.history(name, { subject: null, before: null, limit: 1000 });
    return rows.map(({ place }) => place).reverse();
  }

  /** Starts it again without the record of what it signed. */
  forget(): void {
    this.host.guard = null;
    this.cluster.restart(this.host);
  }

  get peer() {
    return this.host.live;
  }

  get shownHeight(): number {
    return this.peer.tip.height;
  }

  async command(command: Command): Promise<CommandResult> {
    this.commands.push(command);
    return this.answer === null ? this.cluster.command(this.host, command) : this.answer(command);
  }

  subscribe(listener: (notice: Notice) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  onEclipse(): () => void {
    return () => undefined;
  }

  /** There is nobody to connect to. */
  async connect(address: string): Promise<string> {
    throw new NetworkRefusal("UNREACHABLE", `nobody listens at ${address}`);
  }

  multiaddrs(): readonly string[] {
    return ["/ip4/127.0.0.1/tcp/4001"];
  }

  connections(): readonly PeerView[] {
    return this.connected;
  }

  readLogBelow(height: number, max: number) {
    return readLogBelow(this.store, height, max);
  }

  openTranscript(auction: Bytes) {
    return openTranscript(this.store, this.cluster.genesisBytes, toHex(auction));
  }

  pastAuction(auction: Bytes) {
    return readPastAuction(this.store, this.cluster.genesis, toHex(auction));
  }

  pastAuctionsLike(prefix: string, limit: number) {
    return pastAuctionsLike(this.store, prefix, limit);
  }

  ownPastAuctions() {
    return ownPastAuctions(this.store);
  }

  history<K extends HistoryName>(name: K, question: HistoryQuestion) {
    return readHistory(this.store, name, question);
  }

  historySubjects(name: HistoryName, prefix: Subject, limit: number) {
    return subjectsLike(this.store, name, prefix, limit);
  }

  movements(agent: Bytes, before: string | null, limit: number) {
    return readMovements(this.store, toHex(agent), before, limit);
  }
}

function loneHandover(lone: LonePeer): ReadHandover {
  let started: Promise<Handover> | null = null;
  const promised = new Set<string>();
  const start = (): Promise<Handover> => {
    started ??= Handover.start({
      ...lone.peer.ledger.network,
      direct: {
        self: lone.peerId,
        steadyMs: () => lone.nowMs,
        addresses: () => [],
        neighbours: () => [],
        count: () => undefined,
        blame: () => undefined,
        serve: async () => undefined,
        reach: async () => Promise.reject(new NetworkRefusal("UNREACHABLE", "nobody is there")),
        withStream: async () => Promise.reject(new NetworkRefusal("UNREACHABLE", "nobody is there")),
      },
      verifier: new SignatureVerifier(),
      nowMs: () => lone.nowMs,
      files: filesInMemory(() => lone.nowMs),
      agents: lone.peer.agents,
      tradeOf: (id) => tradeOf(lone.peer.ledger, id),
      allTrades: () => lone.peer.ledger.table(TRADES).values(),
      isParty: () => false,
      log: { info: () => undefined, warn: () => undefined } as never,
    });
    return started;
  };
  return {
    give: async (...asked) => (await start()).give(...asked),
    goodsOf: async (...asked) => (await start()).goodsOf(...asked),
    progressOf: async (...asked) => (await start()).progressOf(...asked),
    onMoved: (listener) => {
      void start().then((handover) => handover.onMoved(listener));
      return () => undefined;
    },
    promise: (trade) => void promised.add(toHex(trade)),
    isFixed: ({ id }, part) => part === "output" && promised.has(toHex(id)),
  };
}

/** One for all tests of a file that spend a little at most. */
export const LONE = new LonePeer();
export const DONE_AUCTION = toHex(LONE.done);
export const OPEN_AUCTION = toHex(LONE.open);
export const CHAIN = toHex(LONE.peer.ledger.network.chain);

/** A process that hosts a peer twice, under the numbers 0 and 1. */
export class LoneProcess implements Host {
  readonly peerCount = 2;
  readonly hosted: readonly [HostedPeer, HostedPeer];
  stopped = 0;

  constructor(readonly lone: LonePeer = LONE) {
    lone.commands.length = 0;
    lone.answer = null;
    this.hosted = [this.hostedPeer(), this.hostedPeer()];
  }

  private hostedPeer(): HostedPeer {
    return new HostedPeer(this.lone, {
      version: "0.1.0",
      startedAtMs: START_MS,
      nowMs: () => this.lone.nowMs,
      home: null,
      keys: "plain",
      keptEvents: 8,
      defaultAgent: idOf("me"),
      keyring: null,
      faucet: { granter: idOf("faucet"), free: 100n * CREDIT, stake: 50n * CREDIT },
    });
  }

  get commands(): readonly Command[] {
    return this.lone.commands;
  }

  get events() {
    return this.hosted[0].events;
  }

  peer(n: number): HostedPeer | null {
    return this.hosted[n] ?? null;
  }

  stop(): void {
    this.stopped++;
  }
}
