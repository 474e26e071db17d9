// The shelf of openings: by auction, so that those whose window closes last make room for those that close sooner.
import { Heap, type Hex } from "../base/index.js";

/** What waits, and for which auction; null: it opens nothing. */
interface Opening {
  readonly auction: Hex | null;
}

interface Group<T> {
  /** the auction */
  readonly id: Hex;
  readonly openings: Set<T>;
  readonly size: number;
  readonly closeMs: number;
  /** how many auctions came before it */
  readonly place: number;
}

/** What makes room first: the last to close; of those that close together the one with the most, then the oldest here. */
const goesBefore = <T>(a: Group<T>, b: Group<T>): boolean => {
  if (a.closeMs !== b.closeMs) return a.closeMs > b.closeMs;
  return a.size === b.size ? a.place < b.place : a.size > b.size;
};

/**
 * What a leader includes first is what closes first, so whatever waits here beyond that can come again in time. Of
 * auctions that close together the one with the most waiting makes room: each has a share. Relaying peers have none,
 * for their names are free, and every opening here was paid for with a commit. One that is turned away may be brought
 * again and again, so it costs no look at all auctions.
 */
export class OpeningShelf<T extends Opening> {
  private readonly groups = new Heap<Group<T>>(goesBefore);
  private seen = 0;
  private isStale = false;

  /** @param closesMs when the reveal window of an auction closes */
  constructor(private readonly closesMs: (auction: Hex) => number) {}

  add(one: T): void {
    const { auction } = one;
    if (auction === null) return;
    const group = this.groups.get(auction);
    const openings = group?.openings ?? new Set<T>();
    const place = group?.place ?? this.seen++;
    const closeMs = group?.closeMs ?? this.closesMs(auction);
    this.groups.set({ id: auction, openings, size: openings.add(one).size, closeMs, place });
  }

  delete(one: T): void {
    const group = one.auction === null ? null : this.groups.get(one.auction);
    if (group === null || !group.openings.delete(one)) return;
    const { size } = group.openings;
    if (size === 0) this.groups.delete(group.id);
    else this.groups.set({ ...group, size });
  }

  /** The state has moved, and with it when windows close. */
  follow(): void {
    this.isStale = true;
  }

  /** The opening that has to go before the newcomer is turned away; null: the newcomer has the least right of all. */
  giveWayTo({ auction }: T): T | null {
    if (auction === null) return null;
    this.refresh();
    const last = this.groups.first;
    if (last === null) return null;
    const closeMs = this.closesMs(auction);
    const most = (this.groups.get(auction)?.size ?? 0) + 1;
    if (last.closeMs < closeMs || (last.closeMs === closeMs && last.size <= most)) return null;
    return [...last.openings].at(-1)!;
  }

  private refresh(): void {
    if (!this.isStale) return;
    this.isStale = false;
    for (const group of [...this.groups.values()]) {
      const closeMs = this.closesMs(group.id);
      if (closeMs !== group.closeMs) this.groups.set({ ...group, closeMs });
    }
  }
}
