// The peers that are connected and have said that they are of this chain.
import type { Connection } from "@libp2p/interface";
import type { PeerRef } from "../../src/peer/event.js";
import type { StatusMessage } from "./wire.js";

export interface ConnectedPeer {
  readonly ref: PeerRef;
  readonly direction: "inbound" | "outbound";
  /** where the connection goes to, as this end sees it */
  readonly remoteAddress: string;
  readonly sinceMs: number;
  /** the greatest height that it has shown by a certificate; 0: none */
  height: number;
  /** when its turn to be asked for the log came last, as a count of such turns */
  logTurn: number;
  status: StatusMessage;
  /** when it was last asked for news */
  askedMs: number;
  claimedSeat: number | null;
  /** proved on a quorum stream */
  seat: number | null;
}

export class Roster {
  private readonly peers = new Map<PeerRef, ConnectedPeer>();
  private turn = 0;
  private logTurns = 0;
  private logQuestions = 0;

  get(ref: PeerRef): ConnectedPeer | undefined {
    return this.peers.get(ref);
  }

  has(ref: PeerRef): boolean {
    return this.peers.has(ref);
  }

  get size(): number {
    return this.peers.size;
  }

  all(): ConnectedPeer[] {
    return [...this.peers.values()];
  }

  /**
   * The peers that the cap on connections counts, in the order in which they came: a seat takes off the first that proved
   * it, though its key proves any number of names.
   */
  unseated(): ConnectedPeer[] {
    const seated = new Set<number>();
    return this.all().filter(({ seat }) => seat === null || seated.size === seated.add(seat).size);
  }

  /** @returns whether the peer is new here */
  introduce(
    connection: Connection,
    status: StatusMessage,
    claimedSeat: number | null,
    nowMs: number,
  ): boolean {
    const ref = connection.remotePeer.toString();
    const known = this.peers.get(ref);
    if (known !== undefined) {
      known.status = status;
      known.claimedSeat = claimedSeat;
      return false;
    }
    const { direction } = connection;
    const remoteAddress = connection.remoteAddr.toString();
    this.peers.set(ref, {
      ref,
      direction,
      remoteAddress,
      sinceMs: nowMs,
      height: 0,
      logTurn: ++this.logTurns,
      status,
      askedMs: nowMs,
      claimedSeat,
      seat: null,
    });
    return true;
  }

  remove(ref: PeerRef): ConnectedPeer | undefined {
    const peer = this.peers.get(ref);
    this.peers.delete(ref);
    return peer;
  }

  /** Another peer at each call, of those that fit; null if none does. */
  next(fits: (peer: ConnectedPeer) => boolean): ConnectedPeer | null {
    const fitting = this.all().filter(fits);
    return fitting.length === 0 ? null : fitting[this.turn++ % fitting.length]!;
  }

  /**
   * Of those that fit, the one that has not been asked for the log for longest; who has just come is last. What it answered
   * then counts for nothing: entries of no use are as cheap as none. Every other question goes to one that this peer
   * dialled, if there is any: who comes by itself is no better for coming in numbers, and each in vain costs 2Δ.
   */
  nextForLog(fits: (peer: ConnectedPeer) => boolean): ConnectedPeer | null {
    const all = this.all().filter(fits);
    const dialled = all.filter(({ direction }) => direction === "outbound");
    const fitting = ++this.logQuestions % 2 === 1 && dialled.length > 0 ? dialled : all;
    if (fitting.length === 0) return null;
    const next = fitting.reduce((first, one) => (one.logTurn < first.logTurn ? one : first));
    next.logTurn = ++this.logTurns;
    return next;
  }
}
