// One peer's place in the network: what comes in is judged and handed over, what a step says goes out.
import type { Connection } from "@libp2p/interface";
import { peerIdFromString } from "@libp2p/peer-id";
import type { Bytes } from "../../src/base/index.js";
import type { PeerRef } from "../../src/peer/event.js";
import type { Outgoing, Topic } from "../../src/peer/ready.js";
import { isBlamed, type QuorumMessage, type RefusalCode } from "../../src/quorum/index.js";
import { Acquaintances } from "./acquaintances.js";
import { Conduct } from "./conduct.js";
import { Connections } from "./connections.js";
import { Counters } from "./counters.js";
import { Dialer } from "./dialer.js";
import { Direct } from "./direct.js";
import { Door } from "./door.js";
import type { EclipseAlarm } from "./eclipse-watch.js";
import { parseAddress } from "./fetch-genesis.js";
import { Gate } from "./gate.js";
import { createHost, type Host } from "./host.js";
import { Introductions } from "./introductions.js";
import { KnownPeers } from "./known-peers.js";
import { CALL_LIMIT_MS, MAX_STREAMS_PER_PROTOCOL, mostUnknown } from "./limits.js";
import { startListening } from "./listening.js";
import { Lookout } from "./lookout.js";
import { transportKeyOf } from "./peer-key.js";
import { type NetworkOptions, NetworkRefusal, type PeerView } from "./ports.js";
import { Pubsub } from "./pubsub.js";
import { QuorumLinks } from "./quorum-links.js";
import { whyUnreached } from "./reach.js";
import { Roster } from "./roster.js";
import { Router } from "./router.js";
import { ShownHeights } from "./shown-heights.js";
import { askFaucet } from "./sync-client.js";
import { SyncServer } from "./sync-server.js";
import { Timers } from "./timers.js";
import { Topics } from "./topics.js";
import { QUORUM_PROTOCOL, STATUS_PROTOCOL, SYNC_PROTOCOL } from "./wire.js";

const steadyMs = (): number => performance.now();

export class Network {
  /** for protocols that are not the log's */
  readonly direct: Direct;
  private readonly timers = new Timers();
  private readonly shown: ShownHeights;
  private readonly known: KnownPeers;
  private readonly connections: Connections;
  private readonly gate: Gate;
  private readonly pubsub: Pubsub;
  private readonly links: QuorumLinks | null;
  private readonly acquaintances: Acquaintances;
  private readonly introductions: Introductions;
  private readonly sync: SyncServer;
  private readonly router: Router;
  private readonly dialer: Dialer;
  private readonly lookout: Lookout;
  private stopped = false;

  private constructor(
    private readonly options: NetworkOptions,
    topics: Topics,
    private readonly conduct: Conduct,
    private readonly roster: Roster,
    private readonly counts: Counters,
    private readonly door: Door,
    private readonly host: Host,
  ) {
    const { role } = options;
    const { later, pause } = this.timers;
    this.known = new KnownPeers(host.peerId.toString(), steadyMs);
    const isStopped = (): boolean => this.stopped;
    this.connections = new Connections({ ...options, host, known: this.known, counters: counts, isStopped });
    const base = {
      ...options,
      host,
      topics,
      known: this.known,
      counters: counts,
      roster,
      steadyMs,
      blame: (from: PeerRef) => this.blame(from),
      part: this.connections.part,
      connectionTo: this.connections.to,
      isShutOut: (from: PeerRef) => conduct.isShutOut(from),
      isStopped,
      later,
      pause,
    };
    this.direct = new Direct({ ...base, neighbours: () => roster.all().map(({ ref }) => ref) });
    this.shown = new ShownHeights(base);
    const common = { ...base, handlers: { ...options.handlers, judgeFinal: this.shown.judgeFinal } };
    const gate = new Gate(common);
    this.gate = gate;
    this.pubsub = new Pubsub({ ...common, gossip: host.services.gossip, gate });
    const signer = role.consensusSigner;
    const selfKey = transportKeyOf(host.peerId);
    const isSeated = signer !== null && role.electorate.seatOf(signer.publicKey) !== null;
    const links =
      !isSeated || selfKey === null
        ? null
        : new QuorumLinks({
            ...common,
            signer,
            selfKey,
            deliver: (from, seat, message) => this.deliver(from, seat, message),
            seated: (from, seat) => this.seated(from, seat),
            isSeatShutOut: (seat) => conduct.isSeatShutOut(seat),
          });
    this.links = links;
    this.acquaintances = new Acquaintances({
      ...common,
      shown: this.shown,
      seatKey: links === null ? null : signer!.publicKey,
      multiaddrs: () => this.multiaddrs(),
      link: (ref, connection) => void this.dialer.link(ref, connection),
      changed: () => this.dialer.kick(),
    });
    this.introductions = new Introductions({
      ...common,
      ownStatus: (to) => this.acquaintances.statusFor(to),
      introduced: (connection, status) => this.acquaintances.introduced(connection, status),
      isIntroduced: (ref) => roster.has(ref),
    });
    this.sync = new SyncServer({ ...common, gate, seatOf: (from) => links?.seatProvenBy(from) ?? null });
    this.router = new Router({ ...common, links, publish: (topic, bytes) => this.publish(topic, bytes) });
    this.dialer = new Dialer({ ...common, links, refresh: (ref) => this.refresh(ref) });
    const bootstrapAgain = (alarmed: boolean): boolean => this.dialer.bootstrapAgain(alarmed);
    this.lookout = new Lookout({ ...common, bootstrapAgain });
  }

  /** Listens, joins the topics and begins to dial. @throws Accident PORT_TAKEN, ADDRESS_UNUSABLE */
  static async start(options: NetworkOptions): Promise<Network> {
    const topics = new Topics(options.chain, options.market);
    const conduct = new Conduct(steadyMs);
    const roster = new Roster();
    const counters = new Counters();
    const door = new Door({ ...options, counters, steadyMs });
    const host = await createHost({
      ...options,
      topics,
      // Members come on top of the cap; connections under way and those about to be dismissed need room too.
      maxConnections: options.maxConnections + 2 * options.role.electorate.size + mostUnknown(options.limits),
      maxPending: mostUnknown(options.limits),
      dialsInFlight: options.limits.dialsInFlight,
      conductOf: (peer) => conduct.score(peer, roster.get(peer)?.seat ?? null),
      isShutOut: (peer) => conduct.isShutOut(peer),
      mayDial: (address) => door.mayDial(address),
      isCrowded: (address) => door.isCrowded(address),
    });
    const network = new Network(options, topics, conduct, roster, counters, door, host);
    await network.begin();
    return network;
  }

  get ref(): PeerRef {
    return this.host.peerId.toString();
  }

  /** Where this peer listens, with its id. */
  multiaddrs(): readonly string[] {
    return this.host.getMultiaddrs().map((address) => address.toString());
  }

  /** What one step says; see `Outgoing`. Never throws: what cannot be sent is counted and dropped. */
  send(outgoing: readonly Outgoing[]): void {
    if (!this.stopped) this.router.send(outgoing);
  }

  /** Gossips bytes that this peer has judged itself. */
  publish(topic: Topic, bytes: Bytes): void {
    this.pubsub.publish(topic, bytes);
  }

  /** An operation that the peer keeps no longer may come again. */
  forget(operation: Bytes): void {
    if (!this.stopped) this.gate.forget(operation);
  }

  /** Judges waiting operations again: to be called at every final entry. */
  recheck(): void {
    if (!this.stopped) this.gate.recheck();
  }

  /**
   * Connects to an address that the owner named, and exchanges statuses.
   * @throws NetworkRefusal BAD_ADDRESS, UNREACHABLE, or a code of the status protocol such as WRONG_CHAIN
   */
  async dial(address: string): Promise<PeerRef> {
    const target = parseAddress(address);
    const signal = AbortSignal.timeout(CALL_LIMIT_MS);
    this.door.name(address);
    const connection = await this.host.dial(target, { signal }).catch((error: unknown) => {
      throw new NetworkRefusal("UNREACHABLE", whyUnreached(address, error));
    });
    await this.introductions.greet(connection);
    return connection.remotePeer.toString();
  }

  /**
   * Asks connected peers, one after the other, to fund an agent from a testnet's faucet.
   * @returns ACCEPTED, or the code of the last refusal; NO_PEER if there is nobody to ask
   */
  async askFaucet(agent: Bytes): Promise<string> {
    let code = "NO_PEER";
    for (const { ref } of this.roster.all()) {
      const connection = this.connections.to(ref);
      if (connection === null) continue;
      code = await askFaucet(connection, agent).catch(() => "UNREACHABLE");
      if (code === "ACCEPTED") break;
    }
    return code;
  }

  /** The peer behind this network refused what `from` said: counted, and held against it if it could have known better. */
  refused(from: PeerRef, code: RefusalCode): void {
    this.counts.add("quorum", code);
    if (isBlamed(code)) this.blame(from);
  }

  /** Ends every connection to a peer; it may come back. */
  async disconnect(ref: PeerRef): Promise<void> {
    await this.host.hangUp(peerIdFromString(ref));
  }

  /** The addresses named at the start that could not be reached when they were last dialled, and why. */
  unreached(): ReadonlyMap<string, string> {
    return this.dialer.unreached();
  }

  peers(): readonly PeerView[] {
    const { gossip } = this.host.services;
    return this.roster.all().map(({ ref, direction, seat, remoteAddress, height, status, sinceMs }) => ({
      ref,
      direction,
      addresses: status.addresses,
      seat,
      remoteAddress,
      height,
      score: gossip.getScore(ref),
      connectedMs: Math.round(steadyMs() - sinceMs),
    }));
  }

  /** The seats this member can write to; empty without a seat. */
  linkedSeats(): readonly number[] {
    return this.links?.linkedSeats() ?? [];
  }

  /** Bytes that wait for a member that does not read. */
  waitingBytes(seat: number): number {
    return this.links?.waitingBytes(seat) ?? 0;
  }

  /** How many peers of the topic's mesh this peer has. */
  meshSize(topic: Topic): number {
    return this.pubsub.meshSize(topic);
  }

  /** The greatest height that this peer's own log or a certificate from anybody has shown. */
  get shownHeight(): number {
    return this.shown.greatest;
  }

  /** What looks as if this peer were cut off from the true network; null: nothing. */
  get eclipse(): EclipseAlarm | null {
    return this.lookout.alarm;
  }

  /** What happened and what was refused, by `part.CODE`. */
  counters(): Readonly<Record<string, number>> {
    return this.counts.snapshot();
  }

  /** Closes every connection and listener. Idempotent. */
  async stop(): Promise<void> {
    if (this.stopped) return;
    this.stopped = true;
    this.dialer.stop();
    this.timers.stop();
    await this.host.stop();
  }

  private async begin(): Promise<void> {
    const { host } = this;
    const limits = { maxInboundStreams: MAX_STREAMS_PER_PROTOCOL, maxOutboundStreams: 64 };
    host.addEventListener("connection:open", (event) => this.opened(event.detail));
    host.addEventListener("peer:disconnect", (event) => this.lost(event.detail.toString()));
    host.addEventListener("peer:discovery", (event) => this.acquaintances.discovered(event.detail));
    await host.handle(STATUS_PROTOCOL, (stream, from) => this.introductions.serve(stream, from), limits);
    await host.handle(SYNC_PROTOCOL, (stream, from) => this.sync.serve(stream, from), limits);
    const { links } = this;
    await host.handle(
      QUORUM_PROTOCOL,
      (stream, from) => {
        if (links !== null) return links.serve(stream, from);
        this.counts.add("quorum", "NOT_A_MEMBER");
        stream.abort(new NetworkRefusal("NOT_A_MEMBER", "this peer holds no seat"));
      },
      limits,
    );
    await startListening(host, this.options.listen);
    this.pubsub.join();
    this.dialer.kick();
    this.lookout.begin();
  }

  /** An operation is judged like any other, whoever hands it in; everything else is the log's to judge. */
  private deliver(from: PeerRef, seat: number, message: QuorumMessage): void | Promise<void> {
    if (message.kind !== "op") return this.options.handlers.onMessage(from, seat, message);
    this.gate.receive({ topic: "ops", raw: message.op, from, id: null }, (verdict) => {
      if (verdict.kind === "reject") this.blame(from);
    });
  }

  private seated(from: PeerRef, seat: number | null): void {
    const peer = this.roster.get(from);
    if (peer !== undefined) peer.seat = seat;
    if (seat === null) this.dialer.kick();
    else {
      this.known.proved(from, seat);
      const connection = this.connections.to(from);
      if (connection !== null) this.door.proved(seat, connection.remoteAddr.toString());
    }
  }

  private opened(connection: Connection): void {
    this.connections.keepNewest(connection.remotePeer);
    this.introductions.opened(connection);
  }

  private lost(ref: PeerRef): void {
    if (this.stopped) this.roster.remove(ref);
    else this.acquaintances.disconnected(ref);
  }

  private refresh(ref: PeerRef): void {
    const connection = this.connections.to(ref);
    if (connection !== null) void this.introductions.introduce(connection).catch(() => undefined);
  }

  private blame(from: PeerRef): void {
    if (this.stopped) return;
    if (this.conduct.blame(from, this.links?.seatProvenBy(from) ?? null)) this.connections.shutOut(from);
  }
}
