// Reveal load: how many reveals are still to come, by the stretch of live time in which their window begins.
import { type Hex, toHex } from "../../base/index.js";
import type { Clock, Index, Params } from "../../ledger/index.js";
import type { Auction } from "./auction.js";

/** Where an auction's reveals are counted, and how many are still to come. */
interface Place {
  readonly level: number;
  readonly slot: number;
  readonly seller: Hex;
  readonly waiting: number;
}

/** What is to come in one slot of one level: its auctions' commits that are not opened. */
interface Slot {
  /** of auctions counted here or in a shorter slot within */
  waiting: number;
  /** of auctions counted here, by seller */
  readonly bySeller: Map<Hex, number>;
}

/** A stretch of ledger time as an auction finds it. */
export interface Stretch {
  /** its length is a power of two of the network's shortest */
  readonly fromMs: number;
  readonly toMs: number;
  /** reveals that it has room for */
  readonly capacity: number;
  /** reveals still to come, of all auctions whose window begins in it and is not much longer than it */
  readonly waiting: number;
}

/**
 * Slots of level k are `revealSlotMs · 2^k` long; an auction is counted at the greatest level whose slots are not
 * longer than its reveal window, in the slot in which the window begins, and in the longer ones around that. So a long
 * window never weighs on a short one, and an auction moves in as many steps as there are levels.
 *
 * Derived state: what auctions are is all that it depends on, never the way they came to be so.
 */
export class RevealLoad implements Index<Auction> {
  /** by level, then by number of the slot; slots without anything to come are not kept */
  readonly levels: readonly Map<number, Slot>[];
  private readonly places = new Map<Hex, Place>();

  constructor(private readonly params: Pick<Params, "revealCapacity" | "revealSlotMs" | "maxRevealMs">) {
    const top = this.levelOf(params.maxRevealMs);
    this.levels = Array.from({ length: top + 1 }, () => new Map<number, Slot>());
  }

  /** Takes in how an auction is now: its phase, and what of its commits is opened. */
  set(id: Hex, auction: Auction): void {
    const before = this.places.get(id);
    const after = this.placeOf(auction);
    if (before !== undefined) this.add(before, -before.waiting);
    if (after === null || after.waiting === 0) {
      this.places.delete(id);
      return;
    }
    this.places.set(id, after);
    this.add(after, after.waiting);
  }

  delete(id: Hex): void {
    const before = this.places.get(id);
    if (before !== undefined) this.add(before, -before.waiting);
    this.places.delete(id);
  }

  /**
   * The stretches that have to hold one more commit of the auction, the shortest first; empty while it takes none.
   * `ofSeller`: reveals still to come in the shortest, of the seller's auctions counted there.
   */
  around(
    auction: Auction,
    clock: Clock,
  ): { readonly stretches: readonly Stretch[]; readonly ofSeller: number } {
    const place = this.placeOf(auction);
    if (place === null) return { stretches: [], ofSeller: 0 };
    const stretches: Stretch[] = [];
    for (let { level, slot } = place; level < this.levels.length; level++, slot = Math.floor(slot / 2)) {
      const lengthMs = this.params.revealSlotMs * 2 ** level;
      stretches.push({
        fromMs: slot * lengthMs + clock.outagesMs,
        toMs: (slot + 1) * lengthMs + clock.outagesMs,
        capacity: this.params.revealCapacity * 2 ** level,
        waiting: this.levels[level]!.get(slot)?.waiting ?? 0,
      });
    }
    const own = this.levels[place.level]!.get(place.slot);
    return { stretches, ofSeller: own?.bySeller.get(place.seller) ?? 0 };
  }

  /** A window longer than any that is taken counts as the longest: a row of a state is read before it is judged. */
  private levelOf(revealMs: number): number {
    const longestMs = Math.min(revealMs, this.params.maxRevealMs);
    let level = 0;
    for (let ms = this.params.revealSlotMs * 2; ms <= longestMs; ms *= 2) level++;
    return level;
  }

  /** null: it takes no commits yet, or has ended. */
  private placeOf({ phase, terms, seller, commits, reveals }: Auction): Place | null {
    if (phase.kind !== "open" && phase.kind !== "reveal") return null;
    const beginsMs = phase.kind === "open" ? phase.closeMs : phase.openedMs;
    const level = this.levelOf(terms.revealMs);
    const slot = Math.floor((beginsMs - phase.outagesMs) / (this.params.revealSlotMs * 2 ** level));
    return { level, slot, seller: toHex(seller), waiting: commits - reveals };
  }

  private add({ level, slot, seller }: Place, count: number): void {
    const own = this.slotAt(level, slot);
    const ofSeller = (own.bySeller.get(seller) ?? 0) + count;
    if (ofSeller === 0) own.bySeller.delete(seller);
    else own.bySeller.set(seller, ofSeller);
    for (let at = slot, k = level; k < this.levels.length; k++, at = Math.floor(at / 2)) {
      const one = this.slotAt(k, at);
      one.waiting += count;
      if (one.waiting === 0) this.levels[k]!.delete(at);
    }
  }

  private slotAt(level: number, slot: number): Slot {
    const slots = this.levels[level]!;
    const known = slots.get(slot);
    if (known !== undefined) return known;
    const made: Slot = { waiting: 0, bySeller: new Map() };
    slots.set(slot, made);
    return made;
  }
}
