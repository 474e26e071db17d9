// The address book: who may be reached where, when to try next, and whose turn it is to be told to others.
import type { PeerRef } from "../../src/peer/event.js";
import { type Introduction, MAX_ADDRESSES, MAX_INTRODUCED } from "./wire.js";

export interface KnownPeer {
  readonly ref: PeerRef;
  addresses: readonly string[];
  /** the seat that its status, or somebody's word, claims for it */
  claimedSeat: number | null;
  failures: number;
  nextDialMs: number;
}

const MAX_KNOWN = 1024;
const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 60_000;
/** Members must find each other again soon. */
const MAX_MEMBER_RETRY_MS = 5_000;
const MAX_ADDRESS_CHARACTERS = 128;

/** Bounded: beyond the limit a newcomer displaces the unseated peer that failed most. */
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
   * that gossip cannot take a peer's address away.
   */
  note(ref: PeerRef, addresses: readonly string[], claimedSeat: number | null, own: boolean): void {
    if (ref === this.self) return;
    const usable = addresses.filter((address) => address.length <= MAX_ADDRESS_CHARACTERS);
    const known = this.peers.get(ref);
    if (known === undefined) {
      if (usable.length === 0 || !this.makeRoom(claimedSeat)) return;
      const addresses = usable.slice(0, MAX_ADDRESSES);
      this.peers.set(ref, { ref, addresses, claimedSeat, failures: 0, nextDialMs: 0 });
      return;
    }
    const merged = own && usable.length > 0 ? usable : [...new Set([...known.addresses, ...usable])];
    known.addresses = merged.slice(0, MAX_ADDRESSES);
    if (own || known.claimedSeat === null) known.claimedSeat = claimedSeat;
  }

  forget(ref: PeerRef): void {
    this.peers.delete(ref);
  }

  /** A claim that was tried and found false. */
  disclaim(ref: PeerRef): void {
    const known = this.peers.get(ref);
    if (known !== undefined) known.claimedSeat = null;
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

  private makeRoom(claimedSeat: number | null): boolean {
    if (this.peers.size < MAX_KNOWN) return true;
    let worst: KnownPeer | null = null;
    for (const one of this.peers.values()) {
      if (one.claimedSeat !== null) continue;
      if (worst === null || one.failures > worst.failures) worst = one;
    }
    if (worst === null || (worst.failures === 0 && claimedSeat === null)) return false;
    this.peers.delete(worst.ref);
    return true;
  }
}
