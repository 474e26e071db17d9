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

export class KnownPeers {
  private readonly peers = new Map<PeerRef, KnownPeer>();
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
      known.addresses = [...new Set([...known.addresses, ...usable])].slice(0, MAX_ADDRESSES);
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
      nextDialMs: 0,
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
    known.nextDialMs = 0;
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

  /** Whom to name to another peer: claimed members first, then others in turn. */
  introductions(seatKeyOf: (seat: number) => Uint8Array, except: PeerRef): Introduction[] {
    const all = [...this.peers.values()].filter((one) => one.ref !== except && one.failures === 0);
    const members = all.filter((one) => one.claimedSeat !== null);
    const others = all.filter((one) => one.claimedSeat === null);
    const start = others.length === 0 ? 0 : this.cursor++ % others.length;
    const turned = [...others.slice(start), ...others.slice(0, start)];
    return [...members, ...turned].slice(0, MAX_INTRODUCED).map((one) => ({
      peer: one.ref,
      seatKey: one.claimedSeat === null ? null : seatKeyOf(one.claimedSeat),
      addresses: one.addresses,
    }));
  }

  /** Drops the unseated peer that failed most; one without failures only for an urgent newcomer, and unmet. */
  private makeRoom(urgent: boolean): boolean {
    let worst: KnownPeer | null = null;
    for (const one of this.peers.values()) {
      if (one.claimedSeat !== null || (one.failures === 0 && (one.met || !urgent))) continue;
      if (worst === null || one.failures > worst.failures) worst = one;
    }
    if (worst === null) return false;
    this.peers.delete(worst.ref);
    return true;
  }
}
