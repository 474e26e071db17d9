// Whom this peer meets: what others say of themselves and of each other, and who may stay connected.
import type { Connection, PeerInfo } from "@libp2p/interface";
import { peerIdFromString } from "@libp2p/peer-id";
import type { Bytes } from "../../src/base/index.js";
import type { PeerRef } from "../../src/peer/event.js";
import { oneTooMany } from "./address-groups.js";
import type { Counters } from "./counters.js";
import { parseAddress } from "./fetch-genesis.js";
import type { KnownPeers } from "./known-peers.js";
import type { NetworkHandlers, Role } from "./ports.js";
import { isLoopback, meantFor } from "./reach.js";
import type { ConnectedPeer, Roster } from "./roster.js";
import type { ShownHeights } from "./shown-heights.js";
import { TokenBuckets } from "./token-bucket.js";
import {
  type Introduction,
  MAX_ADDRESS_CHARACTERS,
  MAX_ADDRESSES,
  MAX_INTRODUCED,
  type StatusMessage,
} from "./wire.js";

export interface AcquaintancePort {
  readonly chain: Bytes;
  readonly market: Bytes;
  readonly loopback: boolean;
  readonly role: Role;
  /** the key of this peer's seat, or null */
  readonly seatKey: Bytes | null;
  readonly maxConnections: number;
  readonly handlers: NetworkHandlers;
  readonly known: KnownPeers;
  readonly roster: Roster;
  readonly shown: ShownHeights;
  readonly counters: Counters;
  readonly steadyMs: () => number;
  multiaddrs(): readonly string[];
  connectionTo(ref: PeerRef): Connection | null;
  /** opens this end's quorum stream to a peer that claims a seat */
  link(ref: PeerRef, connection: Connection): void;
  /** somebody was met, found or lost */
  changed(): void;
  part(connection: Connection): void;
  later(ms: number, work: () => void): void;
}

/** Peers that one teller may bring news of, per second; at once, those of one status. */
const HEARSAY_PER_SECOND = 4;
/** A peer beyond the cap is told whom else to ask, and let go after this. */
const DISMISS_MS = 2000;
/** A member has this long to prove its seat before the cap applies to it. */
const PROVE_MS = 10_000;
/** A connection that ended sooner counts as a failed one. */
const SHORT_LIVED_MS = 10_000;

export class Acquaintances {
  private readonly hearsay: TokenBuckets;
  /** who came by itself, and has not yet had the time to be told whom else to ask, or to prove its seat */
  private readonly arriving = new Set<ConnectedPeer>();

  constructor(private readonly port: AcquaintancePort) {
    this.hearsay = new TokenBuckets(HEARSAY_PER_SECOND, MAX_INTRODUCED, port.steadyMs);
  }

  /** What this peer says of itself and of others to the other end, to whom a loopback address may be another machine. */
  statusFor({ remotePeer, remoteAddr }: Connection): StatusMessage {
    const { chain, market, seatKey, handlers, known, role } = this.port;
    const { members } = role.electorate.set;
    const meant = (addresses: readonly string[]): string[] => meantFor(remoteAddr.toString(), addresses);
    return {
      v: 2,
      chain,
      market,
      final: handlers.finalProof(),
      seatKey,
      addresses: meant(this.port.multiaddrs())
        .filter((address) => address.length <= MAX_ADDRESS_CHARACTERS)
        .slice(0, MAX_ADDRESSES),
      known: known
        .introductions((seat) => members[seat]!.key, remotePeer.toString())
        .map((one) => ({ ...one, addresses: meant(one.addresses) }))
        .filter((one) => one.addresses.length > 0),
    };
  }

  /** A peer of this chain has said who it is, for the first time or again. */
  introduced(connection: Connection, status: StatusMessage): void {
    const { known, roster } = this.port;
    const ref = connection.remotePeer.toString();
    const claimed = this.seatOf(status.seatKey);
    const isNew = roster.introduce(connection, status, claimed, this.port.steadyMs());
    this.port.shown.judge(ref, status.final);
    const meant = (addresses: readonly string[]): string[] =>
      meantFor(connection.remoteAddr.toString(), addresses);
    known.note(ref, this.addressesOf(ref, meant(status.addresses)), claimed, true);
    for (const one of status.known) this.hear(ref, { ...one, addresses: meant(one.addresses) });
    if (!isNew) return;
    known.reached(ref);
    this.makeRoomAfter(connection, claimed);
    if (claimed !== null) this.port.link(ref, connection);
    this.port.handlers.onConnected(ref);
    this.port.changed();
  }

  /** The last connection to a peer is gone. */
  disconnected(ref: PeerRef): void {
    const peer = this.port.roster.remove(ref);
    if (peer === undefined) return;
    if (this.port.steadyMs() - peer.sinceMs < SHORT_LIVED_MS) this.port.known.failed(ref);
    this.port.handlers.onDisconnected(ref);
    this.port.changed();
  }

  /** Kad-dht heard of a peer: a hint, no more. */
  discovered(peer: PeerInfo): void {
    const ref = peer.id.toString();
    const addresses = peer.multiaddrs.map((address) => address.toString());
    this.port.known.note(ref, this.addressesOf(ref, addresses), null, false);
    this.port.changed();
  }

  /** Reading an address costs more than sending it: only news is read, and only so much of one teller. */
  private hear(teller: PeerRef, { peer, seatKey, addresses }: Introduction): void {
    const { known } = this.port;
    const isNews = known.isNews(peer, addresses);
    if (isNews && !this.hearsay.take(teller)) return;
    known.note(peer, isNews ? this.addressesOf(peer, addresses) : [], this.seatOf(seatKey), false);
  }

  private seatOf(key: Bytes | null): number | null {
    return key === null ? null : this.port.role.electorate.seatOf(key);
  }

  /** Addresses that are ones, of this very peer, and of the kind that this network dials. */
  private addressesOf(ref: PeerRef, addresses: readonly string[]): string[] {
    return addresses.flatMap((text) => {
      try {
        const address = parseAddress(text);
        if (this.port.loopback && !isLoopback(address)) return [];
        const suffix = `/p2p/${peerIdFromString(ref).toString()}`;
        if (text.endsWith(suffix)) return [text];
        return text.includes("/p2p/") ? [] : [text + suffix];
      } catch {
        return []; // no address, or no peer's name
      }
    });
  }

  /** Whoever has just come counts after its time: until then it takes nobody's place, and nobody's newcomer takes its. */
  private makeRoomAfter(connection: Connection, claimedSeat: number | null): void {
    const newcomer = this.port.roster.get(connection.remotePeer.toString());
    if (newcomer?.direction !== "inbound") return;
    this.arriving.add(newcomer);
    this.port.later(this.port.seatKey !== null && claimedSeat !== null ? PROVE_MS : DISMISS_MS, () => {
      this.arriving.delete(newcomer);
      this.dismissOneTooMany();
    });
  }

  private dismissOneTooMany(): void {
    const { roster, maxConnections, counters, connectionTo } = this.port;
    const unseated = roster.unseated();
    const strangers = unseated.filter((one) => one.direction === "inbound" && !this.arriving.has(one));
    const chosen = unseated.filter(({ direction }) => direction === "outbound").length;
    // As they stand now: a name may have come by another address first, and have left that.
    const standing = strangers.flatMap(({ ref }) => connectionTo(ref) ?? []);
    const comeFrom = standing.map(({ remoteAddr }) => remoteAddr.toString());
    const connection = standing[oneTooMany(comeFrom, maxConnections - chosen)];
    if (connection === undefined) return;
    counters.add("peers", "TOO_MANY_CONNECTIONS");
    this.port.part(connection);
  }
}
