// One peer with a body: store, driver and network put together around the machine in src/peer.
import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import type { AgentKey, Bytes, Hash } from "../src/index.js";
import { EMPTY, toHex } from "../src/index.js";
import { decodeGenesis, type Genesis, type Ledger, networkOf } from "../src/ledger/index.js";
import { AUCTIONS, sharesLease, slashesOf, TRADES, tradeOf } from "../src/market/index.js";
import { HISTORY_NAMES, type HistoryName } from "../src/peer/history/history.js";
import type { Subject } from "../src/peer/history/kind.js";
import {
  type Command,
  type CommandResult,
  HISTORY_PREFIX,
  historyBeginKey,
  LOG_PREFIX,
  type Notice,
  OWN_HISTORY_PREFIX,
  OWN_WITNESS_PREFIX,
  openPeer,
  ownWitnessKey,
  type Peer,
  stateKey,
  step,
  type Transcript,
  WITNESS_PREFIX,
} from "../src/peer/index.js";
import {
  encodeMessage,
  HONEST_RULES,
  KEEP_TERMS,
  type LogEntry,
  longestIdleMs,
} from "../src/quorum/index.js";
import { Accident } from "./accident.js";
import { isFarBehind } from "./behind.js";
import { catchUpWithState } from "./catch-up-with-state.js";
import { steadyClock } from "./clock.js";
import { type ClockDistance, ClockWatch } from "./clock-distance.js";
import { pathsOf } from "./config/paths.js";
import { agentKey } from "./crypto/signer.js";
import type { SignatureVerifier } from "./crypto/verifier.js";
import { Driver, type DriverParts, type StopReason } from "./driver.js";
import type { Faucet } from "./faucet.js";
import { filesIn, filesInMemory } from "./handover/files.js";
import { Handover } from "./handover/handover.js";
import { limitHistory } from "./history-limit.js";
import {
  type KeptMovement,
  ownPastAuctions,
  pastAuctionsLike,
  readMovements,
  readPastAuction,
} from "./history-reader.js";
import { type HistoryQuestion, readHistory, subjectsLike } from "./kept-history.js";
import { type Log, logOf } from "./log.js";
import { LogReach } from "./log-reach.js";
import {
  type DirectNet,
  type EclipseAlarm,
  type GossipTap,
  LOOPBACK_LIMITS,
  NETWORK_LIMITS,
  Network,
  type NetworkLimits,
  type PeerView,
} from "./net/index.js";
import { networkHandlers } from "./network-handlers.js";
import { limitOwnLog } from "./own-log-limit.js";
import { openStore } from "./store/level-store.js";
import { readLogPage } from "./store/log-reader.js";
import { memoryStore } from "./store/memory-store.js";
import { SnapshotSource } from "./store/snapshot-source.js";
import { prefixRange, type Row, type Store } from "./store/store.js";
import {
  openTranscript,
  readLogBelow,
  readLogEntries,
  readTranscript,
  type TranscriptSource,
} from "./transcript-reader.js";

export interface PeerNodeOptions {
  /** for logs: `peer-3` */
  readonly name: string;
  /** canonical bytes; the chain is their hash */
  readonly genesis: Bytes;
  /** data folder of this peer; null: in memory */
  readonly home: string | null;
  /** 32-byte seeds, each of one purpose (spec/encoding#S6); no consensus seed: no seat */
  readonly peerSeed: Bytes;
  readonly consensusSeed: Bytes | null;
  /** agents in managed custody */
  readonly agents: readonly AgentKey[];
  /** of a testnet: what this peer gives to newcomers; the granter is one of `agents` */
  readonly faucet?: Faucet;
  readonly listen: readonly string[];
  readonly join: readonly string[];
  /** whoever waits for the start does so no more: what it takes time for is left out */
  readonly stopping?: AbortSignal;
  /** this seat has never signed anything: an empty store is a beginning, not a loss */
  readonly fresh: boolean;
  /**
   * of the log behind the ledger's memory, what transcripts of own auctions need: so many bytes; of each kind of history as
   * many; null: all of both, an archive; absent: no limit
   */
  readonly keepBytes?: number | null;
  /** all peers of the network share one machine: no other address is dialled, unless `join` names it */
  readonly loopback: boolean;
  /** may be shared by the peers of a process */
  readonly verifier: SignatureVerifier;
  readonly log: Log;
  readonly maxConnections: number;
  readonly limits?: NetworkLimits;
  readonly tap?: GossipTap;
  /** for measurements: what the driver is given in place of its parts, to look on at what passes between them */
  readonly around?: (parts: DriverParts) => DriverParts;
}

/** How often it is looked whether the log of own auctions and history are within their limit. */
const LIMIT_EVERY_MS = 600_000;

export type EclipseListener = (alarm: EclipseAlarm | null) => void;

/** A running peer. What it knows is read from `peer`; what it shall do goes through `command`. */
export class PeerNode {
  private limiting: NodeJS.Timeout | undefined;

  private constructor(
    readonly name: string,
    readonly genesisBytes: Bytes,
    readonly peer: Peer,
    private readonly driver: Driver,
    private readonly network: Network,
    private readonly store: Store,
    private readonly states: SnapshotSource,
    private readonly log: Log,
    private readonly alarmed: Set<EclipseListener>,
    private readonly clock: ClockWatch,
    private readonly verifier: SignatureVerifier,
    private readonly reach: LogReach,
    /** goods of trades, given and taken */
    readonly handover: Handover,
  ) {}

  /**
   * Opens the store, restores the peer, and joins the network.
   * @throws Accident: GENESIS_INVALID, STORE_DAMAGED, STORE_OF_ANOTHER_NETWORK, PORT_TAKEN, ADDRESS_UNUSABLE; StoreError
   */
  static async start(options: PeerNodeOptions): Promise<PeerNode> {
    const { name, genesis: genesisBytes, home } = options;
    const log = options.log.child({ peer: name });
    const genesis = genesisOf(genesisBytes);
    const store = home === null ? memoryStore() : await storeIn(home);
    try {
      await catchUpWithState(store, options, genesis);
      const peer = await restored(options, genesis, store);
      const nowMs = steadyClock();
      const states = new SnapshotSource(
        store,
        () => performance.now(),
        () => peer.kept.from,
      );
      let network: Network | null = null;
      const alarmed = new Set<EclipseListener>();
      const { precisionMs, messageDelayMs } = genesis.params;
      const clock = new ClockWatch(precisionMs, messageDelayMs);
      const reach = new LogReach({
        ahead: () =>
          network
            ?.peers()
            .filter(({ height }) => isFarBehind(height, peer.tip.height))
            .map(({ ref }) => ref) ?? [],
        tip: () => peer.tip,
        retainMs: genesis.params.retainMs,
        wallMs: nowMs,
      });
      let hasStarted = false;
      const parts: DriverParts = {
        machine: { step: (event) => step(peer, event) },
        store,
        transport: { send: (outgoing) => network?.send(outgoing) },
        nowMs,
        log: logOf(log, "driver"),
      };
      const driver = new Driver(options.around?.(parts) ?? parts);
      network = await Network.start({
        peerKey: options.peerSeed,
        listen: options.listen,
        join: options.join,
        ...networkOf(genesis),
        maxValidityMs: genesis.params.maxValidityMs,
        loopback: options.loopback,
        role: {
          consensusSigner: peer.config.signer,
          get electorate() {
            return peer.epochs.current;
          },
        },
        maxConnections: options.maxConnections,
        limits: options.limits ?? (options.loopback ? LOOPBACK_LIMITS : NETWORK_LIMITS),
        log: logOf(log, "net"),
        verifier: options.verifier,
        handlers: networkHandlers({
          peer,
          driver: {
            // A peer that listens already and has not started hears nothing yet, as if the message were lost.
            offer: (...offered) => hasStarted && driver.offer(...offered),
            submit: (command) => driver.submit(command),
          },
          nowMs,
          verifier: options.verifier,
          genesisBytes,
          onLogPruned: (from) => reach.refused(from),
          serving: {
            serveLog: (from, max) => serveLog(peer, store, from, max),
            snapshot: () => states.offer(),
            snapshotRows: (height, place) => states.rows(height, place),
          },
          faucet: options.faucet ?? null,
        }),
        expectedEntryMs: longestIdleMs(genesis.params),
        onEclipse: (alarm) => {
          for (const listener of alarmed) listener(alarm);
        },
        wallMs: nowMs,
        ...(options.tap === undefined ? {} : { tap: options.tap }),
      });
      const handover = await Handover.start({
        ...networkOf(genesis),
        direct: network.direct,
        verifier: options.verifier,
        nowMs,
        files: home === null ? filesInMemory(nowMs) : filesIn(pathsOf(home).handover),
        agents: peer.agents,
        tradeOf: (id) => tradeOf(peer.ledger, id),
        allTrades: () => peer.ledger.table(TRADES).values(),
        isParty: (agent) => sharesLease(peer.ledger, agent, nowMs()),
        log,
      }).catch(async (error: unknown) => {
        await network?.stop();
        throw error;
      });
      const node = new PeerNode(
        name,
        genesisBytes,
        peer,
        driver,
        network,
        store,
        states,
        log,
        alarmed,
        clock,
        options.verifier,
        reach,
        handover,
      );
      node.lookAtClock();
      driver.onNotice((notice) => node.heard(notice));
      driver.start();
      hasStarted = true;
      node.keepWithin(options.keepBytes ?? null);
      // Whoever was met before the start is asked now for what is final there.
      for (const { ref } of network.peers()) driver.offer({ kind: "connected", from: ref }, 0);
      return node;
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  /** The answer to a wish, once it is durable. @throws DRIVER_STOPPED */
  async command(command: Command): Promise<CommandResult> {
    if (command.kind === "submitAll") await this.judgeAhead(command.operations);
    const result = await this.driver.submit(command);
    if (command.kind === "holdAgent" && result.ok) this.handover.lookAgain();
    return result;
  }

  /** Signatures of many operations are verified in turns of the event loop: the step that takes them in finds the verdicts. */
  private async judgeAhead(operations: readonly Bytes[]): Promise<void> {
    const questions = this.peer.judge.questionsOf(operations);
    await Promise.all(questions.map(({ key, digest, sig }) => this.verifier.verifyAsync(key, digest, sig)));
  }

  /** Everything this peer tells, in order, after it is durable. Returns the way to end that. */
  subscribe(listener: (notice: Notice) => void): () => void {
    return this.driver.onNotice(listener);
  }

  /** The greatest height that this peer's own log or a certificate from anybody has shown. */
  /** for protocols that are not the log's */
  get direct(): DirectNet {
    return this.network.direct;
  }

  get shownHeight(): number {
    return this.network.shownHeight;
  }

  /** Whether it still catches up with what has been shown. */
  get isBehind(): boolean {
    return isFarBehind(this.shownHeight, this.peer.tip.height);
  }

  /** How far this machine's clock is off; null: within what the network allows, or not known yet. */
  get clockDistance(): ClockDistance | null {
    return this.clock.distance;
  }

  /** @param limit in bytes; null: none */
  private keepWithin(limit: number | null): void {
    if (limit === null) return;
    const look = async (): Promise<void> => {
      const { kept, ledger } = this.peer;
      const slashed = new Set(slashesOf(ledger).map(({ height }) => height));
      const gone = await limitOwnLog(this.store, kept.from, limit, (height) => slashed.has(height));
      if (gone > 0)
        this.log.warn({ gone }, "the oldest log of own auctions went: there was more than --keep says");
      for (const kind of HISTORY_NAMES) {
        const rows = await limitHistory(this.store, kind, limit);
        if (rows > 0)
          this.log.warn({ kind, gone: rows }, "the oldest history went: there was more than --keep says");
      }
    };
    const looked = () =>
      void look().catch((error) => this.log.error({ err: error }, "could not limit the log"));
    looked();
    this.limiting = setInterval(looked, LIMIT_EVERY_MS).unref();
  }

  private lookAtClock(): void {
    const { timeMs } = this.peer.tip;
    // A lone member's own clock makes ledger time: it is never fast, but slow once it is set back.
    const wallMs = this.isAlone() ? Math.min(timeMs, Date.now()) : Date.now();
    if (!this.clock.heard(timeMs, wallMs, this.isBehind)) return;
    const { distance } = this.clock;
    if (distance === null) this.log.warn({}, "this machine's clock agrees with ledger time again");
    else this.log.warn({ aheadMs: distance.aheadMs }, distance.message);
  }

  private isAlone(): boolean {
    return this.peer.electorate.size === 1 && this.peer.voter.seat !== null;
  }

  /** What looks as if this peer were cut off from the true network; null: nothing. */
  get eclipse(): EclipseAlarm | null {
    return this.network.eclipse;
  }

  /** Tells when such an alarm begins, and when it ends (null). Returns the way to end that. */
  onEclipse(listener: EclipseListener): () => void {
    this.alarmed.add(listener);
    return () => this.alarmed.delete(listener);
  }

  /** Resolves when the peer has stopped for ever, with why. */
  get stopped(): Promise<StopReason> {
    return this.driver.stopped;
  }

  /** Resolves when no connected peer keeps the log from where this one stands: only a start anew goes on. */
  get outOfReach(): Promise<Accident> {
    return this.reach.lost;
  }

  get persistent(): boolean {
    return this.store.persistent;
  }

  get peerId(): string {
    return this.network.ref;
  }

  /** @throws NetworkRefusal */
  async connect(address: string): Promise<string> {
    return this.network.dial(address);
  }

  /** Asks the connected peers for a testnet's funds. @returns ACCEPTED, or the code of the last refusal */
  askFaucet(agent: Bytes): Promise<string> {
    return this.network.askFaucet(agent);
  }

  multiaddrs(): readonly string[] {
    return this.network.multiaddrs();
  }

  /** The addresses to begin with that could not be reached when they were last dialled, and why. */
  unreached(): ReadonlyMap<string, string> {
    return this.network.unreached();
  }

  connections(): readonly PeerView[] {
    return this.network.peers();
  }

  counters(): Readonly<Record<string, number>> {
    return this.network.counters();
  }

  /** Final entries from a height on, as this peer's disk has them. */
  readLog(fromHeight: number, max: number): Promise<readonly LogEntry[]> {
    return readLogEntries(this.store, fromHeight, max);
  }

  /** Its newest final entries below a height, the newest first. */
  readLogBelow(height: number, max: number): Promise<readonly LogEntry[]> {
    return readLogBelow(this.store, height, max);
  }

  /** What lets anyone recompute an auction; null while no header attests its end, or when it is too old. */
  openTranscript(auction: Hash): Promise<TranscriptSource | null> {
    return openTranscript(this.store, this.genesisBytes, toHex(auction));
  }

  /** The same, read whole: of an auction that did not last long. */
  transcript(auction: Hash): Promise<Transcript | null> {
    return readTranscript(this.store, this.genesisBytes, toHex(auction));
  }

  /** An ended auction that the ledger may have forgotten, as the only one of a ledger; null: nothing of it is kept. */
  pastAuction(auction: Hash): Promise<Ledger | null> {
    return readPastAuction(this.store, this.peer.config.genesis, toHex(auction));
  }

  /** Ids of ended auctions that begin so, and of which something is kept. */
  pastAuctionsLike(prefix: string, limit: number): Promise<readonly string[]> {
    return pastAuctionsLike(this.store, prefix, limit);
  }

  /** Ids of ended auctions that were an own agent's sale or had its bid. */
  ownPastAuctions(): Promise<readonly string[]> {
    return ownPastAuctions(this.store);
  }

  /** What an own agent paid and was paid, newest first, before the place `before`. */
  movements(agent: Bytes, before: string | null, limit: number): Promise<readonly KeptMovement[] | null> {
    return readMovements(this.store, toHex(agent), before, limit);
  }

  /** A page of a kind of history, newest first. */
  history<K extends HistoryName>(name: K, question: HistoryQuestion) {
    return readHistory(this.store, name, question);
  }

  /** Subjects of a kind of history that begin so. */
  historySubjects(name: HistoryName, prefix: Subject, limit: number): Promise<readonly string[]> {
    return subjectsLike(this.store, name, prefix, limit);
  }

  /** An orderly end: no more events, what is said is on disk, connections closed. */
  async stop(): Promise<void> {
    clearInterval(this.limiting);
    this.handover.end();
    await this.driver.close();
    await this.network.stop();
    await this.states.close();
    await this.store.close();
  }

  private heard(notice: Notice): void {
    if (notice.kind === "entry") {
      this.network.recheck();
      this.lookAtClock();
      this.reach.reached();
      // What the disk says of it ends the peer where it is read for itself.
      this.states.look().catch((error) => this.log.error({ err: error }, "no state can be handed on"));
    }
    if (notice.kind === "trade") this.handover.heard(notice.trade);
    if (notice.kind === "notKept" && notice.why === "displaced") this.network.forget(notice.bytes);
    if (notice.kind === "refused") this.network.refused(notice.from, notice.code);
    if (notice.kind === "fork" || notice.kind === "corrupt")
      this.log.fatal(notice, "this peer votes no more");
    if (notice.kind === "amnesia")
      this.log.warn(notice, notice.released ? "amnesia is over" : "amnesia mode");
    if (notice.kind === "slashed") {
      this.log.warn({ agent: toHex(notice.agent), evidence: notice.evidence }, "a seat was slashed");
    }
  }
}

function genesisOf(bytes: Bytes): Genesis {
  const genesis = decodeGenesis(bytes);
  if (genesis.ok) return genesis.value;
  throw new Accident(
    "GENESIS_INVALID",
    "could not start from this genesis",
    genesis.error.message,
    "get the network's genesis anew: `mabeam daemon --join <multiaddr> --chain <hash>` fetches and checks it",
  );
}

async function storeIn(home: string): Promise<Store> {
  const { store } = pathsOf(home);
  await mkdir(store, { recursive: true, mode: 0o700 });
  return openStore(store);
}

async function restored(options: PeerNodeOptions, genesis: Genesis, store: Store): Promise<Peer> {
  const guard = store.guard();
  const opened = openPeer(
    {
      genesis,
      signer: options.consensusSeed === null ? null : agentKey(options.consensusSeed),
      agents: options.agents,
      verifier: options.verifier,
      instance: new Uint8Array(randomBytes(16)),
      fresh: options.fresh,
      rules: HONEST_RULES,
      keepTerms: KEEP_TERMS,
      prunesLog: options.keepBytes !== null,
    },
    await storedRows(store),
    guard.kind === "record" ? guard.record : null,
  );
  if (opened.ok) return opened.value;
  const { code, detail } = opened.error;
  const fix =
    code === "STORE_DAMAGED"
      ? "move the store folder aside and start again: the peer catches up from the network"
      : "give this network its own data folder with --home";
  throw new Accident(code, "could not open the store", detail, fix);
}

/** What grows with a peer's age and is asked for by name alone: it is not read at a start. */
const UNREAD = [HISTORY_PREFIX, LOG_PREFIX, OWN_HISTORY_PREFIX, OWN_WITNESS_PREFIX] as const;

/**
 * Everything that a start has a use for: the state and what belongs to it, the end of the log, and which of the auctions in
 * the state are proven. Of a witness only its key is read, since it is asked only whether there is one.
 */
async function storedRows(store: Store): Promise<[string, Bytes][]> {
  const rows: [string, Bytes][] = [];
  const take = async (found: AsyncIterable<Row>): Promise<void> => {
    for await (const { key, value } of found) rows.push([key, value]);
  };
  let after = "";
  for (const prefix of UNREAD) {
    await take(store.range({ gte: after, lt: prefix }));
    after = prefixRange(prefix).lt;
  }
  // Whether it can be read is asked by whoever reads history: nothing else rests on it.
  for (const begin of HISTORY_NAMES.map(historyBeginKey))
    for await (const key of store.keys({ gte: begin, limit: 1 })) if (key === begin) rows.push([key, EMPTY]);
  await take(store.range({ gte: after, lt: WITNESS_PREFIX }));
  for await (const key of store.keys(prefixRange(WITNESS_PREFIX))) rows.push([key, EMPTY]);
  await take(store.range({ gte: prefixRange(WITNESS_PREFIX).lt }));
  await take(store.range({ ...prefixRange(LOG_PREFIX), reverse: true, limit: KEEP_TERMS }));
  for (const key of await ownWitnesses(store)) rows.push([key, EMPTY]);
  return rows;
}

/** Keys of witnesses of own auctions that the state still has. */
async function ownWitnesses(store: Store): Promise<readonly string[]> {
  const found: string[] = [];
  const auctions = stateKey(`${AUCTIONS.name}/`);
  for await (const key of store.keys(prefixRange(auctions))) {
    const witness = ownWitnessKey(key.slice(auctions.length));
    for await (const there of store.keys({ gte: witness, limit: 1 }))
      if (there === witness) found.push(there);
  }
  return found;
}

/** Memory lets go of a height before the disk does, so that no page is begun that the disk cannot give. */
const serveLog = async (
  { kept }: Peer,
  store: Store,
  fromHeight: number,
  max: number,
): Promise<Bytes | null> =>
  fromHeight < kept.from ? null : encodeMessage(await readLogPage(store, fromHeight, max));
