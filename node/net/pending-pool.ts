// Operations that wait for the state they need: a second copy would never come, for it has the same id (PROTOCOL §4.1).
import type { PeerRef } from "../../src/peer/event.js";

export interface PendingLimits {
  readonly pending: number;
  readonly pendingPerAuthor: number;
  readonly pendingPerPeer: number;
}

interface Waiting<T> {
  readonly candidate: T;
  /** unproven: the signature has not been judged; null for operations that prove themselves */
  readonly author: string | null;
  readonly from: PeerRef;
  readonly sinceMs: number;
}

/** Bounded in all, by claimed author and by relaying peer; the newcomer is the one turned away. */
export class PendingPool<T> {
  private readonly waiting = new Map<string, Waiting<T>>();
  private readonly byAuthor = new Map<string, number>();
  private readonly byPeer = new Map<PeerRef, number>();

  constructor(private readonly limits: PendingLimits) {}

  get size(): number {
    return this.waiting.size;
  }

  has(id: string): boolean {
    return this.waiting.has(id);
  }

  /** False if a limit forbids it. */
  add(id: string, entry: Waiting<T>): boolean {
    if (this.waiting.size >= this.limits.pending) return false;
    if ((this.byPeer.get(entry.from) ?? 0) >= this.limits.pendingPerPeer) return false;
    if (entry.author !== null && (this.byAuthor.get(entry.author) ?? 0) >= this.limits.pendingPerAuthor) {
      return false;
    }
    this.waiting.set(id, entry);
    count(this.byPeer, entry.from, 1);
    if (entry.author !== null) count(this.byAuthor, entry.author, 1);
    return true;
  }

  delete(id: string): void {
    const entry = this.waiting.get(id);
    if (entry === undefined) return;
    this.waiting.delete(id);
    count(this.byPeer, entry.from, -1);
    if (entry.author !== null) count(this.byAuthor, entry.author, -1);
  }

  /** What waits, oldest first; a copy, so that it may be changed on the way. */
  entries(): [id: string, entry: Waiting<T>][] {
    return [...this.waiting];
  }
}

function count(counts: Map<string, number>, key: string, by: number): void {
  const now = (counts.get(key) ?? 0) + by;
  if (now === 0) counts.delete(key);
  else counts.set(key, now);
}
