// The address book: who may be reached where, when to try next, and whose turn it is to be told to others.
import type { PeerRef } from "../../src/peer/event.js";
import { type Introduction, MAX_ADDRESS_CHARACTERS, MAX_ADDRESSES, MAX_INTRODUCED } from "./wire.js";

export interface KnownPeer {
  readonly ref: PeerRef;
  addresses: readonly string[];
  /** the seat that its status, or somebody's word, claims for it */
  claimedSeat: number | null;
  /** whether it has spoken for itself */
  met: boolean;
  failures: number;
  nextDialMs: number;
}

const MAX_KNOWN = 1024;
/** Peers that may be said to hold one seat; a peer that claims it for itself is heard in any case. */
const MAX_CLAIMANTS = 4;
const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 60_000;
/** Members must find each other again soon. */
const MAX_MEMBER_RETRY_MS = 5_000;

/** Addresses of hearsay at which nobody was met: who told them first may have meant to keep the true ones out. */
const mayBeFalse = ({ met, failures }: KnownPeer): boolean => !met && failures > 0;

export class KnownPeers {
  private readonly peers = new Map<PeerRef, KnownPeer>();
  /** by seat, who proved last to hold it */
  private readonly holders = new Map<number, PeerRef>();
  private cursor = 0;

  constructor(
    private readonly self: PeerRef,
    private readonly steadyMs: () => number,
  ) {}

  get size(): number {
    return this.peers.size;
  }

  get(ref: PeerRef): KnownPeer | undefined {
    return this.peers.get(ref);
  }

  all(): Iterable<KnownPeer> {
    return this.peers.values();
  }

  /**
   * Notes addresses. What a peer says of itself replaces what was known; what others say of it only adds to it, so
   * that hearsay can neither take a peer's address away nor crowd a seat with claims.
   */
  note(ref: PeerRef, addresses: readonly string[], claimedSeat: number | null, own: boolean): void {
    if (ref === this.self) return;
    const usable = addresses.filter((address) => address.length <= MAX_ADDRESS_CHARACTERS);
    const known = this.peers.get(ref);
    if (known === undefined) this.add(ref, usable, claimedSeat, own);
    else if (own) {
      known.met = true;
      known.claimedSeat = claimedSeat;
      if (usable.length > 0) known.addresses = usable.slice(0, MAX_ADDRESSES);
    } else {
      const told = mayBeFalse(known) ? [...usable, ...known.addresses] : [...known.addresses, ...usable];
      known.addresses = [...new Set(told)].slice(0, MAX_ADDRESSES);
      if (!known.met && known.claimedSeat === null) known.claimedSeat = this.hearsay(claimedSeat);
    }
  }

  private add(ref: PeerRef, addresses: readonly string[], claimedSeat: number | null, own: boolean): void {
    if (addresses.length === 0) return;
    const seat = own ? claimedSeat : this.hearsay(claimedSeat);
    if (this.peers.size >= MAX_KNOWN && !this.makeRoom(own || seat !== null)) return;
    this.peers.set(ref, {
      ref,
      addresses: addresses.slice(0, MAX_ADDRESSES),
      claimedSeat: seat,
      met: own,
      failures: 0,
      nextDialMs: this.steadyMs(),
    });
  }

  /** The seat, unless enough peers are said to hold it. */
  private hearsay(seat: number | null): number | null {
    if (seat === null) return null;
    let count = 0;
    for (const one of this.peers.values()) if (one.claimedSeat === seat) count++;
    return count < MAX_CLAIMANTS ? seat : null;
  }

  reached(ref: PeerRef): void {
    const known = this.peers.get(ref);
    if (known === undefined) return;
    known.failures = 0;
    known.nextDialMs = this.steadyMs();
  }

  /** A claim costs nothing, a proof the key: one holder of each seat goes before all who only claim it. */
  proved(ref: PeerRef, seat: number): void {
    this.holders.set(seat, ref);
  }

  /** Whether a peer claims a seat that nobody else has proved since it did. */
  isHolder({ ref, claimedSeat }: KnownPeer): boolean {
    return claimedSeat !== null && this.holders.get(claimedSeat) === ref;
  }

  /** Backs off: twice as long after each failure, with jitter, so that restarts do not come in step. */
  failed(ref: PeerRef): void {
    const known = this.peers.get(ref);
    if (known === undefined) return;
    known.failures++;
    const limitMs = known.claimedSeat === null ? MAX_RETRY_MS : MAX_MEMBER_RETRY_MS;
    const waitMs = Math.min(limitMs, FIRST_RETRY_MS * 2 ** Math.min(known.failures - 1, 10));
    known.nextDialMs = this.steadyMs() + waitMs * (0.75 + Math.random() / 2);
  }

  /** Whether what others say of a peer's addresses adds to what is known. */
  isNews(ref: PeerRef, addresses: readonly string[]): boolean {
    const peer = this.peers.get(ref);
    const known = peer?.addresses ?? [];
    const isKnown = (address: string): boolean =>
      known.includes(address) || known.includes(`${address}/p2p/${ref}`);
    const hasRoom = known.length < MAX_ADDRESSES || (peer !== undefined && mayBeFalse(peer));
    return ref !== this.self && hasRoom && !addresses.every(isKnown);
  }

  /** Whom to name to another peer: holders of seats, then as many claimants of each as are believed, then others; all in turn. */
  introductions(seatKeyOf: (seat: number) => Uint8Array, except: PeerRef): Introduction[] {
    const all = [...this.peers.values()].filter((one) => one.ref !== except && one.failures === 0);
    const start = all.length === 0 ? 0 : this.cursor++ % all.length;
    const turned = [...all.slice(start), ...all.slice(0, start)];
    const named = new Map<number, number>();
    const holdersFirst = turned.sort((a, b) => Number(this.isHolder(b)) - Number(this.isHolder(a)));
    const members = holdersFirst.filter(({ claimedSeat }) => {
      if (claimedSeat === null) return false;
      const count = (named.get(claimedSeat) ?? 0) + 1;
      named.set(claimedSeat, count);
      return count <= MAX_CLAIMANTS;
    });
    const others = turned.filter((one) => one.claimedSeat === null);
    return [...members, ...others].slice(0, MAX_INTRODUCED).map((one) => ({
      peer: one.ref,
      seatKey: one.claimedSeat === null ? null : seatKeyOf(one.claimedSeat),
      addresses: one.addresses,
    }));
  }

  /** Drops who is least worth its place; false: all are worth more than the newcomer. */
  private makeRoom(urgent: boolean): boolean {
    const least = this.leastUnseated(urgent) ?? this.leastClaimant();
    return least !== null && this.peers.delete(least.ref);
  }

  /** The unseated peer that failed most; one without failures only for an urgent newcomer, and unmet. */
  private leastUnseated(urgent: boolean): KnownPeer | null {
    let worst: KnownPeer | null = null;
    for (const one of this.peers.values()) {
      if (one.claimedSeat !== null || (one.failures === 0 && (one.met || !urgent))) continue;
      if (worst === null || one.failures > worst.failures) worst = one;
    }
    return worst;
  }

  /** A claim costs nothing: of the seat with too many claimants, the one that failed most, of the rest the one met last. */
  private leastClaimant(): KnownPeer | null {
    const bySeat = new Map<number, KnownPeer[]>();
    for (const one of this.peers.values()) {
      if (one.claimedSeat === null || this.isHolder(one)) continue;
      const claimants = bySeat.get(one.claimedSeat);
      if (claimants === undefined) bySeat.set(one.claimedSeat, [one]);
      else claimants.push(one);
    }
    let most: readonly KnownPeer[] = [];
    for (const claimants of bySeat.values()) if (claimants.length > most.length) most = claimants;
    if (most.length <= MAX_CLAIMANTS) return null;
    return most.reduce((worst, one) => (one.failures >= worst.failures ? one : worst));
  }
}
