// The daemon: one peer of one owner, with its folder, its keys, its API, from start to orderly end.
import "./polyfill.js";
import { setTimeout as wait } from "node:timers/promises";
import { type Bytes, toHex } from "../src/index.js";
import { freshToken, HostedPeer, type RunningApi, readinessOf, startApi } from "./api/index.js";
import { banner, type Places, readyLine, waitingFor } from "./banner.js";
import type { DaemonOptions } from "./cli/commands.js";
import { VERSION } from "./cli/version.js";
import { steadyClock } from "./clock.js";
import { removeApiFile, writeApiFile } from "./config/api-file.js";
import type { Config } from "./config/config.js";
import type { HomePaths } from "./config/paths.js";
import { keptBytes } from "./config/settings.js";
import type { KeyCustody } from "./contract/index.js";
import { SignatureVerifier } from "./crypto/verifier.js";
import { type DaemonKeys, type KeySources, openAgentKey, openKeys } from "./daemon-keys.js";
import type { Faucet } from "./faucet.js";
import { folderNetwork } from "./folder-network.js";
import { listenAddresses, othersAmong, refuseSecondDaemon, takenSeat } from "./founding/taken-seat.js";
import type { HostedGateway } from "./gateway/hosted-gateway.js";
import { type HeldFolder, holdFolder, keySourcesOf } from "./held-folder.js";
import { FolderKeyring, type Keyring } from "./keyring.js";
import type { LoadedKey } from "./keys/index.js";
import { readAddresses, worthKeeping, writeAddresses } from "./known-addresses.js";
import { writeNetwork } from "./known-network.js";
import { type Log, openLog } from "./log.js";
import { isLoopback } from "./net/index.js";
import { Newcomers } from "./newcomers.js";
import { PeerNode } from "./peer-node.js";

/** How long a daemon looks for its network before it says that it runs without. */
const CATCH_UP_WITHIN_MS = 10_000;
/** What a peer is while it finds its network; one whose log is old may just not have heard yet. */
const WAITING: ReadonlySet<string> = new Set(["isolated", "starting", "catching-up", "stalled"]);
const CATCH_UP_LOOK_MS = 100;
const KEEP_ADDRESSES_EVERY_MS = 15_000;
const READY_LOOK_MS = 250;
/** Events that a listener may have missed and still reads. */
const KEPT_EVENTS = 4096;

/** What a testnet adds to a daemon that it runs as one of its peers. */
export interface DaemonPart {
  /** founds what the folder lacks before anything is read of it, and opens its keys */
  readonly lay?: (paths: HomePaths, sources: KeySources, nowMs: number) => Promise<DaemonKeys>;
  /** who grants to newcomers here, and how much; the granter's key is one of the folder's */
  readonly faucet?: Faucet;
  /** told once the peer listens and its API answers; returns what to end with it */
  readonly onServing?: (node: PeerNode, api: string) => () => void;
  /** a gateway that this process runs besides */
  readonly gateway?: GatewayPart;
}

/** What a daemon has to do with a gateway that serves already: it tells it of the peer, and ends it while the peer still runs. */
export interface GatewayPart {
  readonly running: HostedGateway;
  /**
   * The peer runs, its API does not answer yet.
   * @param keyOf opens an agent's key of the daemon's folder, and makes it the first time @throws KeyError
   */
  join(peer: HostedPeer, keyOf: (name: string) => Promise<LoadedKey>, node: PeerNode): Promise<void>;
  /**
   * Both serve. It is told instead of whatever a daemon says of itself.
   * @param waitsFor what the peer lacks to act on its log, in words; null: nothing
   */
  ready(places: Places, waitsFor: string | null): void;
}

/** Runs a daemon until a signal or its API stops it. @throws Accident for everything that keeps it from starting */
export async function runDaemon(options: DaemonOptions, part: DaemonPart = {}): Promise<void> {
  const held = await holdFolder(options);
  try {
    await runHeld(held, options, part);
  } finally {
    await held.lock.release();
  }
}

/** The same in a folder that this process holds already, and lets go itself. */
export const runHeld = (held: HeldFolder, options: DaemonOptions, part: DaemonPart): Promise<void> =>
  new Daemon(options, held, part).run();

class Daemon {
  private readonly config: Config;
  /** the folder, whole */
  private readonly home: string;
  private readonly stopping: AbortSignal;
  private readonly log: Log;
  private readonly ending: Promise<void>;
  private end!: () => void;
  private isEnding = false;

  constructor(
    private readonly options: DaemonOptions,
    private readonly held: HeldFolder,
    private readonly part: DaemonPart,
  ) {
    const { config, lock, stopping } = held;
    this.config = config;
    this.home = lock.path;
    this.stopping = stopping;
    this.log = openLog({ level: config.settings.logLevel, file: config.paths.logFile });
    this.ending = new Promise((resolve) => {
      this.end = () => {
        this.isEnding = true;
        resolve();
      };
      stopping.addEventListener("abort", () => this.end());
      if (stopping.aborted) this.end();
    });
  }

  async run(): Promise<void> {
    const { paths, settings } = this.config;
    const { lay, faucet, onServing, gateway } = this.part;
    const sources = keySourcesOf(this.held);
    // Each key costs some tenths of a second to open: none is opened twice.
    const laid = await lay?.(paths, sources, Date.now());
    const found = await folderNetwork(this.config, this.options.genesisFile ?? null, this.stopping);
    if (found === null) return;
    const { genesis } = found;
    const keys = laid ?? (await openKeys(sources));
    if (this.stopping.aborted) return;
    const seat = takenSeat(genesis, keys, this.options.genesisFile ?? null);
    if (seat !== null) await refuseSecondDaemon(this.config, this.stopping);
    if (this.stopping.aborted) return;
    await found.settle();
    const join = othersAmong([...settings.join, ...readAddresses(paths.peersFile), ...found.join], keys);
    const listen = listenAddresses(this.config);
    const verifier = new SignatureVerifier();
    const node = await PeerNode.start({
      name: "daemon",
      genesis,
      home: settings.inMemory ? null : this.home,
      peerSeed: keys.peer.revealSeed(),
      consensusSeed: keys.consensus?.revealSeed() ?? null,
      agents: keys.agents.map((one) => one.key),
      listen,
      join,
      fresh: false,
      // Whoever was told of another machine is on a network of several, wherever it listens itself.
      loopback: [...listen, ...join].every(isLoopback),
      verifier,
      log: this.log,
      maxConnections: settings.maxConnections,
      keepBytes: keptBytes(settings.keep),
      stopping: this.stopping,
      ...(faucet === undefined ? {} : { faucet }),
    });
    const agent = keys.agents[0]!.key.publicKey;
    const asking = new Newcomers(node, faucet ?? null, this.log);
    asking.add(agent);
    const hosted = this.hosted(
      node,
      agent,
      keys.custody,
      new FolderKeyring(sources, (one) => asking.add(one)),
    );
    const keeping = await this.keepAddresses(node, join);
    let api: RunningApi | null = null;
    let endGuests: (() => void) | undefined;
    let watching: NodeJS.Timeout | undefined;
    try {
      await gateway?.join(hosted, (name) => openAgentKey(sources, name), node);
      hosted.gateway = gateway?.running ?? null;
      api = await this.serve(hosted);
      await this.writeApiFile(node, api, agent);
      endGuests = onServing?.(node, api.url);
      await Promise.race([this.caughtUp(hosted), this.ending]);
      if (this.stopping.aborted) return;
      const places = { url: api.url, tokenFile: paths.tokenFile, home: this.home, agent };
      const waitsFor = waitingFor(readinessOf(hosted.standing().mode), node.unreached());
      if (gateway !== undefined) gateway.ready(places, waitsFor);
      else watching = this.tell(node, hosted, places, waitsFor);
      await Promise.race([
        this.ending,
        node.stopped.then((reason) => this.broke(reason)),
        node.outOfReach.then((accident) => {
          throw accident;
        }),
      ]);
    } finally {
      endGuests?.();
      await gateway?.running.close();
      clearInterval(watching);
      asking.stop();
      clearInterval(keeping);
      await api?.close();
      await removeApiFile(paths.apiFile, process.pid);
      hosted.close();
      await node.stop();
      await verifier.close();
    }
  }

  private hosted(node: PeerNode, agent: Bytes, custody: KeyCustody, keyring: Keyring): HostedPeer {
    return new HostedPeer(node, {
      version: VERSION,
      startedAtMs: Date.now(),
      nowMs: steadyClock(),
      home: this.config.settings.inMemory ? null : this.home,
      keys: custody,
      keptEvents: KEPT_EVENTS,
      defaultAgent: agent,
      keyring,
      faucet: this.part.faucet ?? null,
    });
  }

  private async serve(hosted: HostedPeer): Promise<RunningApi> {
    const { settings, paths } = this.config;
    const at = settings.api.lastIndexOf(":");
    return startApi({
      host: { peerCount: 1, peer: (n) => (n === 0 ? hosted : null), stop: () => this.end() },
      token: await freshToken(paths.tokenFile),
      listen: {
        host: settings.api.slice(0, at).replace(/^\[|\]$/g, ""),
        port: Number(settings.api.slice(at + 1)),
      },
      insecurePublic: this.options.insecureApiPublic,
      allowedHosts: settings.allowedHosts,
      version: VERSION,
      onAccident: (error) => this.log.error({ err: error }, "the API failed to answer"),
      nowMs: Date.now,
      random: Math.random,
    });
  }

  /** Readiness is said when the peer is where its network is; one that finds nobody says so after a while, and nobody waits for one that ends. */
  private async caughtUp(hosted: HostedPeer): Promise<void> {
    const untilMs = Date.now() + CATCH_UP_WITHIN_MS;
    for (let told = 0; Date.now() < untilMs && !this.isEnding; ) {
      const { mode, networkHeight } = hosted.standing();
      const { height } = hosted.state.tip;
      if (!WAITING.has(mode)) return;
      if (mode === "catching-up" && this.options.io.progress && height > told) {
        this.options.io.err(`catching up: height ${height} of ${networkHeight}`);
        told = height + 500;
      }
      await wait(CATCH_UP_LOOK_MS);
    }
  }

  /** Says where everything is, and goes on until the peer is ready. */
  private tell(
    node: PeerNode,
    hosted: HostedPeer,
    places: Places,
    waitsFor: string | null,
  ): NodeJS.Timeout | undefined {
    banner(this.options, node, places, waitsFor);
    for (const warning of hosted.standing().warnings) this.options.io.err(`warning: ${warning}`);
    return waitsFor === null ? undefined : this.sayWhenReady(node, hosted, places, waitsFor);
  }

  /** Says that the peer is ready as soon as it is, if it was not when it said where everything is. */
  private sayWhenReady(node: PeerNode, hosted: HostedPeer, places: Places, before: string): NodeJS.Timeout {
    let told: string | null = before;
    const look = async (): Promise<void> => {
      const waitsFor = waitingFor(readinessOf(hosted.standing().mode), node.unreached());
      if (waitsFor === told) return;
      told = waitsFor;
      readyLine(this.options, node, places, waitsFor);
      if (waitsFor === null) clearInterval(timer);
    };
    const timer = setInterval(() => void look(), READY_LOOK_MS);
    return timer;
  }

  /**
   * Whom to come back to, now and from time to time: the addresses given, then those connected, then those from before.
   * @param begunWith what it dialled first: of a founded network's members none has been connected yet
   */
  private async keepAddresses(node: PeerNode, begunWith: readonly string[]): Promise<NodeJS.Timeout> {
    const { paths, settings } = this.config;
    const before = readAddresses(paths.peersFile);
    const keep = async (): Promise<void> => {
      // Who is connected while nothing is heard is nobody to come back to.
      const connected = node.eclipse === null ? worthKeeping(node.connections()) : [];
      const earlier = node.eclipse === null ? before : readAddresses(paths.peersFile);
      const addresses = [...settings.join, ...connected, ...earlier, ...begunWith];
      await writeAddresses(paths.peersFile, addresses);
      await writeNetwork(paths.networkFile, toHex(node.peer.ledger.network.chain), addresses);
    };
    await keep();
    return setInterval(() => {
      keep().catch((error) => this.log.warn({ err: error }, "could not keep the addresses of peers"));
    }, KEEP_ADDRESSES_EVERY_MS);
  }

  private async writeApiFile(node: PeerNode, api: RunningApi, agent: Bytes): Promise<void> {
    const { paths } = this.config;
    await writeApiFile(paths.apiFile, {
      url: api.url,
      tokenFile: paths.tokenFile,
      pid: process.pid,
      peers: [{ name: "daemon", agent: toHex(agent), addresses: [...node.multiaddrs()] }],
    });
  }

  private broke(reason: Awaited<PeerNode["stopped"]>): void {
    if (reason.kind === "closed") return;
    throw reason.error;
  }
}
