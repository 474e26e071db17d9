// Conduct: what a peer did wrong on the direct protocols, which lowers its score (P5) and in the end shuts it out.
import type { PeerRef } from "../../src/peer/event.js";
import { RecentMap } from "./recent-map.js";

interface Record {
  points: number;
  atMs: number;
}

/** A fault weighs this much, and half is forgotten in each `HALF_LIFE_MS`. */
const FAULT_POINTS = 10;
const HALF_LIFE_MS = 60_000;
const SHUT_OUT_POINTS = 50;
const MAX_PEERS = 4096;
const REMEMBERED_MS = 1_200_000;

export class Conduct {
  private readonly records: RecentMap<Record>;

  constructor(private readonly steadyMs: () => number) {
    this.records = new RecentMap(MAX_PEERS, REMEMBERED_MS, steadyMs);
  }

  /** Notes a fault. @returns whether the peer is to be shut out now */
  blame(peer: PeerRef): boolean {
    const points = this.points(peer) + FAULT_POINTS;
    this.records.set(peer, { points, atMs: this.steadyMs() });
    return points >= SHUT_OUT_POINTS;
  }

  /** 0 for a peer without faults. */
  points(peer: PeerRef): number {
    const record = this.records.get(peer);
    if (record === undefined) return 0;
    return record.points * 0.5 ** ((this.steadyMs() - record.atMs) / HALF_LIFE_MS);
  }

  /** Until its faults have faded by a half, such a peer is neither dialled nor let in. */
  isShutOut(peer: PeerRef): boolean {
    return (
      this.points(peer) >= SHUT_OUT_POINTS / 2 && (this.records.get(peer)?.points ?? 0) >= SHUT_OUT_POINTS
    );
  }
}
