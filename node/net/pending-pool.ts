// Operations that wait for the state they need: a second copy would never come, for it has the same id (spec/network#N5).
import type { PeerRef } from "../../src/peer/event.js";

export interface PendingLimits {
  readonly pending: number;
  readonly pendingPerAuthor: number;
}

interface Waiting<T> {
  readonly candidate: T;
  /** who signed it, by a verified signature; null for operations that prove themselves */
  readonly author: string | null;
  /** the state knows the account that signed it, or the commit that it opens: garbage cannot be */
  readonly grounded: boolean;
  readonly from: PeerRef;
  readonly sinceMs: number;
}

/**
 * Bounded in all, and by author. A relaying peer may fill what nobody else needs; when no place is left, the peer with
 * the most waiting gives one back for a peer with fewer, so that each has its share however many there are. What could
 * be garbage goes first, and never pushes out what is grounded.
 */
export class PendingPool<T> {
  private readonly waiting = new Map<string, Waiting<T>>();
  private readonly byAuthor = new Map<string, number>();
  private readonly grounded = new Map<PeerRef, Set<string>>();
  private readonly free = new Map<PeerRef, Set<string>>();

  constructor(private readonly limits: PendingLimits) {}

  get size(): number {
    return this.waiting.size;
  }

  has(id: string): boolean {
    return this.waiting.has(id);
  }

  /** Takes it in. @returns what had to go for it; null: there is no place for it */
  add(id: string, entry: Waiting<T>): readonly T[] | null {
    const { author } = entry;
    if (author !== null && (this.byAuthor.get(author) ?? 0) >= this.limits.pendingPerAuthor) return null;
    let gone: readonly T[] = [];
    if (this.waiting.size >= this.limits.pending) {
      const id = this.leastEntitled(entry);
      if (id === null) return null;
      gone = [this.waiting.get(id)!.candidate];
      this.delete(id);
    }
    this.waiting.set(id, entry);
    const rows = this.rowsOf(entry);
    rows.set(entry.from, (rows.get(entry.from) ?? new Set()).add(id));
    if (author !== null) this.byAuthor.set(author, (this.byAuthor.get(author) ?? 0) + 1);
    return gone;
  }

  delete(id: string): void {
    const entry = this.waiting.get(id);
    if (entry === undefined) return;
    this.waiting.delete(id);
    const rows = this.rowsOf(entry);
    const row = rows.get(entry.from)!;
    row.delete(id);
    if (row.size === 0) rows.delete(entry.from);
    if (entry.author === null) return;
    const left = this.byAuthor.get(entry.author)! - 1;
    if (left === 0) this.byAuthor.delete(entry.author);
    else this.byAuthor.set(entry.author, left);
  }

  /** What waits, oldest first; a copy, so that it may be changed on the way. */
  entries(): [id: string, entry: Waiting<T>][] {
    return [...this.waiting];
  }

  private rowsOf({ grounded }: Waiting<T>): Map<PeerRef, Set<string>> {
    return grounded ? this.grounded : this.free;
  }

  /** The newest of the peer with the most, if that is more than the newcomer's peer has. */
  private leastEntitled({ from, grounded }: Waiting<T>): string | null {
    if (grounded && this.free.size > 0) return newestOfMost(this.free, 0);
    const rows = grounded ? this.grounded : this.free;
    return newestOfMost(rows, (rows.get(from)?.size ?? 0) + 1);
  }
}

function newestOfMost(rows: ReadonlyMap<PeerRef, ReadonlySet<string>>, than: number): string | null {
  let most: ReadonlySet<string> | null = null;
  for (const row of rows.values()) if (row.size > (most?.size ?? than)) most = row;
  return most === null ? null : [...most].at(-1)!;
}
