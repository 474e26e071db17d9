// Whom to connect to: the peers named at the start, all other members, and enough others (spec/network#discovery).
import type { Connection } from "@libp2p/interface";
import { multiaddr } from "@multiformats/multiaddr";
import type { PeerRef } from "../../src/peer/event.js";
import { groupOf, leastTaken } from "./address-groups.js";
import type { Counters } from "./counters.js";
import type { Host } from "./host.js";
import type { KnownPeer, KnownPeers } from "./known-peers.js";
import { type NetworkLimits, STATUS_PER_SECOND } from "./limits.js";
import type { NetworkLog, Role } from "./ports.js";
import type { QuorumLinks } from "./quorum-links.js";
import { whyUnreached } from "./reach.js";
import type { ConnectedPeer, Roster } from "./roster.js";

export interface DialerPort {
  readonly host: Host;
  readonly known: KnownPeers;
  readonly roster: Roster;
  readonly counters: Counters;
  readonly log: NetworkLog;
  /** null for a peer without a seat */
  readonly links: QuorumLinks | null;
  readonly role: Role;
  readonly join: readonly string[];
  readonly loopback: boolean;
  readonly maxConnections: number;
  readonly limits: Pick<NetworkLimits, "targetConnections" | "dialsInFlight">;
  readonly steadyMs: () => number;
  connectionTo(ref: PeerRef): Connection | null;
  /** asks a connected peer again whom it knows */
  refresh(ref: PeerRef): void;
}

const TICK_MS = 1000;
/** While an alarm stands, so many connections more are wanted: those that stand may all be an attacker's. */
const MORE_IN_ALARM = 4;
/** An alarm that stands makes everything known be dialled again once in so long. */
const AGAIN_IN_ALARM_MS = 30_000;
/** While members are missing, and soon after something changed. */
const HURRY_MS = 250;
const KICK_MS = 20;
/** As long as asking brings nothing new it is done half as often each time, down to once in so long. */
const RARE_NEWS_MS = 30_000;
/** No peer is asked for news more often, however often this one looks: half as often as it may be asked. */
const REFRESH_MS = 2000 / STATUS_PER_SECOND;
const JOIN_RETRY_MS = 2000;

export class Dialer {
  private timer: NodeJS.Timeout | null = null;
  private tickMs = 0;
  private readonly dialling = new Set<string>();
  private readonly joinDueMs = new Map<string, number>();
  private readonly joined = new Map<string, PeerRef>();
  /** why the last dial of a named address failed */
  private readonly joinFailures = new Map<string, string>();
  /** when news was asked for last */
  private newsMs = 0;
  private newsEveryMs = HURRY_MS;
  /** what was there when it was looked last */
  private seen = "";
  private alarmed = false;
  private againMs = 0;
  private stopped = false;

  constructor(private readonly port: DialerPort) {}

  /** Looks again soon: somebody was met, found or lost. */
  kick(): void {
    this.schedule(KICK_MS);
  }

  /**
   * Called again and again while nothing new is heard, or peers disagree: the peers named at the start and all that are
   * known are dialled anew, whoever is connected already.
   * @returns whether that was begun now
   */
  bootstrapAgain(alarmed: boolean): boolean {
    this.alarmed = alarmed;
    const nowMs = this.port.steadyMs();
    if (!alarmed || nowMs < this.againMs) return false;
    this.againMs = nowMs + AGAIN_IN_ALARM_MS;
    this.newsEveryMs = HURRY_MS;
    this.joined.clear();
    this.joinDueMs.clear();
    for (const peer of this.port.known.all()) peer.nextDialMs = 0;
    this.kick();
    return true;
  }

  /** The named addresses that could not be reached when they were last dialled, and why. */
  unreached(): ReadonlyMap<string, string> {
    return this.joinFailures;
  }

  stop(): void {
    this.stopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
  }

  /** The sooner of this time and the one that is set: who is called upon without a pause must look all the same. */
  private schedule(inMs: number): void {
    const atMs = this.port.steadyMs() + inMs;
    if (this.stopped || (this.timer !== null && this.tickMs <= atMs)) return;
    if (this.timer !== null) clearTimeout(this.timer);
    this.tickMs = atMs;
    this.timer = setTimeout(() => this.tick(), inMs);
  }

  private tick(): void {
    this.timer = null;
    this.dialJoins();
    const missing = this.missingSeats();
    this.pursue(new Set(missing));
    this.dialOthers();
    const { roster, known } = this.port;
    const seen = `${roster.size} met, ${known.size} known, missing ${missing.join()}`;
    if (seen !== this.seen) this.newsEveryMs = HURRY_MS;
    this.seen = seen;
    this.askForNews();
    this.schedule(missing.length > 0 && this.newsEveryMs < RARE_NEWS_MS ? HURRY_MS : TICK_MS);
  }

  /**
   * What others know is asked for again and again, also where nobody is missing, for heights change; and in a network
   * of fewer peers than are wanted somebody always lacks.
   */
  private askForNews(): void {
    const nowMs = this.port.steadyMs();
    if (nowMs < this.newsMs + this.newsEveryMs) return;
    const peer = this.port.roster.next(({ askedMs }) => askedMs + REFRESH_MS <= nowMs);
    if (peer === null) return;
    peer.askedMs = nowMs;
    this.newsMs = nowMs;
    this.newsEveryMs = Math.min(2 * this.newsEveryMs, RARE_NEWS_MS);
    this.port.refresh(peer.ref);
  }

  /** The peers named at the start are dialled until met, and again when nobody else is left. */
  private dialJoins(): void {
    for (const address of this.port.join) {
      const met = this.joined.get(address);
      const isEnough = !this.alarmed && this.port.roster.size > 0;
      if (met !== undefined && (this.port.roster.has(met) || isEnough)) continue;
      if ((this.joinDueMs.get(address) ?? 0) > this.port.steadyMs()) continue;
      this.joinDueMs.set(address, this.port.steadyMs() + JOIN_RETRY_MS);
      void this.dial(address, [address]).then((connection) => {
        if (connection === null) return;
        this.joined.set(address, connection.remotePeer.toString());
        this.joinFailures.delete(address);
      });
    }
  }

  private missingSeats(): number[] {
    const { links } = this.port;
    if (links === null) return [];
    const missing: number[] = [];
    for (let seat = 0; seat < this.port.role.electorate.size; seat++) {
      if (seat !== links.mySeat && !links.hasLink(seat)) missing.push(seat);
    }
    return missing;
  }

  /**
   * Tries everybody who claims a seat that is missing: a false claim must not hide the true member. Who proved a seat
   * before is first, then who has been due for longest, or the claimants of one seat would take every dial of another's.
   */
  private pursue(missing: ReadonlySet<number>): void {
    const claimants = [...this.port.known.all()].filter(
      (peer) => peer.claimedSeat !== null && missing.has(peer.claimedSeat) && this.isDue(peer),
    );
    const { known } = this.port;
    const rank = (a: KnownPeer, b: KnownPeer): number =>
      Number(known.isHolder(b)) - Number(known.isHolder(a)) || a.nextDialMs - b.nextDialMs;
    for (const peer of claimants.sort(rank)) {
      const connection = this.port.connectionTo(peer.ref);
      if (connection === null) void this.dialKnown(peer);
      else if (this.port.roster.has(peer.ref)) void this.link(peer.ref, connection);
    }
  }

  /** Opens this end's quorum stream, and backs off if that fails. */
  async link(ref: PeerRef, connection: Connection): Promise<void> {
    const { links, known } = this.port;
    if (links === null || this.dialling.has(ref)) return;
    this.dialling.add(ref);
    const linked = await links.open(connection).finally(() => this.dialling.delete(ref));
    if (linked) known.reached(ref);
    else known.failed(ref);
  }

  private dialOthers(): void {
    let wanted = this.wanted();
    if (wanted <= 0) return;
    const candidates = [...this.port.known.all()].filter(
      (peer) => this.port.connectionTo(peer.ref) === null && this.isDue(peer),
    );
    while (wanted > 0 && candidates.length > 0 && this.dialling.size < this.port.limits.dialsInFlight) {
      const [chosen] = candidates.splice(this.choice(candidates), 1);
      void this.dialKnown(chosen!);
      wanted--;
    }
  }

  /** On a public network one owner's addresses must not make up all that this peer dials. */
  private choice(candidates: readonly KnownPeer[]): number {
    if (this.port.loopback) return Math.floor(Math.random() * candidates.length);
    const dialled = this.port.roster.all().filter((one) => one.direction === "outbound");
    const taken = dialled.map(({ remoteAddress }) => groupOf(remoteAddress));
    return leastTaken(
      candidates.map(({ addresses }) => addresses),
      taken,
      Math.random(),
    );
  }

  /**
   * Outbound connections are what an eclipse cannot take away, so they alone are counted on a public network: those that
   * come by themselves may fill their places and keep none of these from being made. A loopback testnet counts all: there,
   * eight outbound ones each make a full mesh.
   */
  private wanted(): number {
    const { roster, limits, maxConnections, loopback } = this.port;
    const counts = ({ direction }: ConnectedPeer): boolean => loopback || direction === "outbound";
    const target = limits.targetConnections + (this.alarmed ? MORE_IN_ALARM : 0);
    const wanted = target - roster.all().filter(counts).length;
    return Math.min(wanted, maxConnections - roster.unseated().filter(counts).length) - this.dialling.size;
  }

  private isDue(peer: KnownPeer): boolean {
    return peer.nextDialMs <= this.port.steadyMs() && !this.dialling.has(peer.ref);
  }

  private async dialKnown(peer: KnownPeer): Promise<void> {
    if (this.dialling.size >= this.port.limits.dialsInFlight) return;
    const connection = await this.dial(peer.ref, peer.addresses);
    if (connection === null) this.port.known.failed(peer.ref);
  }

  private async dial(key: string, addresses: readonly string[]): Promise<Connection | null> {
    if (this.dialling.has(key)) return null;
    this.dialling.add(key);
    try {
      return await this.port.host.dial(addresses.map((address) => multiaddr(address)));
    } catch (error) {
      this.port.counters.add("peers", "DIAL_FAILED");
      this.noteFailure(key, error);
      return null;
    } finally {
      this.dialling.delete(key);
      this.kick();
    }
  }

  /** An owner wants to know why a named address fails, once for each cause; of others there are too many. */
  private noteFailure(key: string, error: unknown): void {
    const { join, log } = this.port;
    const why = whyUnreached(key, error);
    const isNews = join.includes(key) && this.joinFailures.get(key) !== why;
    if (join.includes(key)) this.joinFailures.set(key, why);
    if (isNews) log.warn({ address: key, why }, "a peer to begin with cannot be reached");
    else log.debug({ key, why }, "dial failed");
  }
}
