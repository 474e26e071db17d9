// The shelf of openings: by auction, so that those whose window closes last make room for those that close sooner.
import type { Hex } from "../base/index.js";

/** What waits, and for which auction; null: it opens nothing. */
interface Opening {
  readonly auction: Hex | null;
}

/**
 * What a leader includes first is what closes first, so whatever waits here beyond that can come again in time. Of
 * auctions that close together the one with the most waiting makes room: each has a share. Relaying peers have none,
 * for their names are free, and every opening here was paid for with a commit.
 */
export class OpeningShelf<T extends Opening> {
  private readonly byAuction = new Map<Hex, Set<T>>();

  /** @param closesMs when the reveal window of an auction closes */
  constructor(private readonly closesMs: (auction: Hex) => number) {}

  add(one: T): void {
    if (one.auction === null) return;
    const group = this.byAuction.get(one.auction);
    if (group === undefined) this.byAuction.set(one.auction, new Set([one]));
    else group.add(one);
  }

  delete(one: T): void {
    const group = one.auction === null ? undefined : this.byAuction.get(one.auction);
    if (group?.delete(one) === true && group.size === 0) this.byAuction.delete(one.auction!);
  }

  /** The opening that has to go before the newcomer is turned away; null: the newcomer has the least right of all. */
  giveWayTo({ auction }: T): T | null {
    if (auction === null) return null;
    let lastMs = this.closesMs(auction);
    let most = (this.byAuction.get(auction)?.size ?? 0) + 1;
    let last: ReadonlySet<T> | null = null;
    for (const [other, group] of this.byAuction) {
      const closeMs = this.closesMs(other);
      if (closeMs < lastMs || (closeMs === lastMs && group.size <= most)) continue;
      lastMs = closeMs;
      most = group.size;
      last = group;
    }
    return last === null ? null : [...last].at(-1)!;
  }
}
