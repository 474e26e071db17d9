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
/** P5 of a proven member; its faults are subtracted. */
const SEAT_POINTS = 5;

/** A seat's name among those whose conduct is noted; no peer's id has a blank in it. */
const seatName = (seat: number): string => `seat ${seat}`;

export class Conduct {
  private readonly records: RecentMap<Record>;

  constructor(private readonly steadyMs: () => number) {
    this.records = new RecentMap(MAX_PEERS, REMEMBERED_MS, steadyMs);
  }

  /**
   * Notes a fault. That of a member counts against its seat too, or it would come again under another peer's name.
   * @returns whether the peer is to be shut out now
   */
  blame(peer: PeerRef, seat: number | null): boolean {
    if (this.isShutOut(peer)) return false;
    if (seat !== null) this.note(seatName(seat));
    return this.note(peer);
  }

  /** P5. */
  score(peer: PeerRef, seat: number | null): number {
    return (seat === null ? 0 : SEAT_POINTS) - this.points(peer);
  }

  /** Until its faults have faded by a half, such a peer is neither dialled nor let in. */
  isShutOut(peer: PeerRef): boolean {
    return (
      this.points(peer) >= SHUT_OUT_POINTS / 2 && (this.records.get(peer)?.points ?? 0) >= SHUT_OUT_POINTS
    );
  }

  /** Whether a seat's holder misbehaved again and again, under whatever peer's name. */
  isSeatShutOut(seat: number): boolean {
    return this.isShutOut(seatName(seat));
  }

  private note(name: string): boolean {
    const points = this.points(name) + FAULT_POINTS;
    this.records.set(name, { points, atMs: this.steadyMs() });
    return points >= SHUT_OUT_POINTS;
  }

  /** 0 without faults. */
  private points(name: string): number {
    const record = this.records.get(name);
    if (record === undefined) return 0;
    return record.points * 0.5 ** ((this.steadyMs() - record.atMs) / HALF_LIFE_MS);
  }
}
