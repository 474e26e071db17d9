// A network of peers in one process each: laid out, started, waited for, and stopped as one thing.
import { setTimeout as pause } from "node:timers/promises";
import { Accident } from "../../node/accident.js";
import type { NodeView } from "../../node/contract/index.js";
import { bounded } from "../bounded.js";
import { type OnStep, step } from "../steps.js";
import { type Layout, layPeers, peerHome } from "./lay.js";
import { type Ending, PeerProcess } from "./peer-process.js";
import type { PeerWord, TradeWord } from "./words.js";

/** Starting costs a second of CPU each. */
const STARTS_AT_ONCE = 4;
const READY_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 100;
/** How long a peer may take to end in order. */
const ENDS_WITHIN_MS = 10_000;

export interface ProcessNetworkOptions extends Layout {
  readonly onStep?: OnStep;
  /** told where the peers will listen, before the first of them is started */
  readonly onLaid?: (listen: readonly string[]) => Promise<void>;
  /** variables of one peer's process besides those of this one, at each of its starts */
  readonly env?: (place: number) => Readonly<Record<string, string>>;
  readonly onWord?: (place: number, word: PeerWord) => void;
  /** told of a peer whose process ended without having been asked to */
  readonly onLoss?: (place: number, peer: PeerProcess, ending: Ending) => void;
}

/** The peers by place. A peer that is gone stays in its place until it is started again. */
export class ProcessNetwork {
  private readonly peers: (PeerProcess | undefined)[] = [];
  private readonly asked = new Set<PeerProcess>();

  private constructor(
    private readonly options: ProcessNetworkOptions,
    /** where each peer listens, by place: what `listen` takes, to come back at the same places */
    readonly listenAddresses: readonly string[],
  ) {}

  /** Lays the peers' folders out, and starts none yet. @throws Accident TESTNET_DIFFERS; KeyError; StoreError */
  static async lay(options: ProcessNetworkOptions): Promise<ProcessNetwork> {
    const listen = await layPeers(options);
    await options.onLaid?.(listen);
    return new ProcessNetwork(options, listen);
  }

  /**
   * Lays out and starts all peers, and waits until each has seen the quorum finalise.
   * @throws Accident PEER_ENDED, NETWORK_NOT_READY, and as `lay`; nothing is left running then
   */
  static async start(options: ProcessNetworkOptions): Promise<ProcessNetwork> {
    const onStep = options.onStep ?? (() => undefined);
    const { plan } = options;
    const network = await step(
      onStep,
      () => ProcessNetwork.lay(options),
      () => `${plan.peers} data folders`,
    );
    try {
      await step(
        onStep,
        () => network.startAll(),
        () => `${plan.peers} processes, one per peer, listen on 127.0.0.1 (TCP, Noise, yamux)`,
      );
      await step(
        onStep,
        () => network.introduced(),
        () => `the quorum of ${plan.quorum} finalises, and every peer follows`,
      );
      return network;
    } catch (error) {
      await network.stop();
      throw error;
    }
  }

  /** The process at this place, running or gone. */
  at(place: number): PeerProcess {
    const peer = this.peers[place];
    if (peer === undefined) throw new RangeError(`no peer was started at place ${place}`);
    return peer;
  }

  get all(): readonly PeerProcess[] {
    return this.peers.filter((peer) => peer !== undefined);
  }

  /** Starts every peer that does not run, and waits until all serve. */
  async startAll(): Promise<void> {
    const places = this.options.plan.peerPlans.map((_, place) => place);
    await bounded(places, STARTS_AT_ONCE, async (place) => {
      if (this.peers[place]?.isAlive !== true) await this.startPeer(place);
    });
  }

  /** Starts the peer of a place, for the first time or again, and waits until it serves. @throws Accident PEER_ENDED */
  async startPeer(place: number): Promise<PeerProcess> {
    const { plan, home, env, onWord, onLoss } = this.options;
    const { name } = plan.peerPlans[place]!;
    const { peers, quorum, agents, seed } = plan;
    const peer = await PeerProcess.start({
      name,
      post: { home: peerHome(home, name), place, peers, quorum, agents, seed },
      env: env?.(place) ?? {},
      onWord: (word) => onWord?.(place, word),
    });
    this.peers[place] = peer;
    await peer.serving;
    void peer.ended.then((ending) => {
      if (!this.asked.has(peer)) onLoss?.(place, peer, ending);
    });
    return peer;
  }

  /** Lets the demo agents of every peer trade; those of the peer at place i by `wordOf(i)`, null: not. */
  trade(wordOf: (place: number) => TradeWord | null): void {
    for (const [place, peer] of this.peers.entries()) {
      const word = wordOf(place);
      if (word !== null) peer?.trade(word);
    }
  }

  /** What a peer says of itself. @throws ApiFailure when it does not answer */
  node(place: number, timeoutMs?: number): Promise<NodeView> {
    return this.at(place).client(timeoutMs).ask("node", {}, "could not ask the peer");
  }

  /**
   * Resolves when every running peer has executed one entry more than any had when this was called.
   * @throws Accident NETWORK_NOT_READY
   */
  async introduced(withinMs = READY_WITHIN_MS): Promise<void> {
    const living = [...this.peers.keys()].filter((place) => this.peers[place]?.isAlive === true);
    const heights = async (): Promise<number[]> =>
      (await Promise.all(living.map((place) => this.node(place)))).map(({ height }) => height);
    const reach = Math.max(0, ...(await heights())) + 1;
    const untilMs = performance.now() + withinMs;
    for (let last: number[] = []; ; await pause(LOOK_EVERY_MS)) {
      last = await heights();
      if (last.every((height) => height >= reach)) return;
      if (performance.now() < untilMs) continue;
      const why = `the peers are at heights ${last.join(", ")}, and wait for ${reach}`;
      throw new Accident(
        "NETWORK_NOT_READY",
        "could not start the testnet",
        why,
        "look into their logs, and try again",
      );
    }
  }

  /** Ends a peer in order. */
  async stopPeer(place: number): Promise<Ending> {
    const peer = this.at(place);
    this.asked.add(peer);
    return peer.stop(ENDS_WITHIN_MS);
  }

  /** Ends every peer that runs, in order, one that is paused too. */
  async stop(): Promise<void> {
    const living = this.all.filter((peer) => peer.isAlive);
    for (const peer of living) {
      this.asked.add(peer);
      peer.signal("SIGCONT");
    }
    await Promise.all(living.map((peer) => peer.stop(ENDS_WITHIN_MS)));
  }
}
