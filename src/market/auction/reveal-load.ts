// Reveal load: how many reveals are still to come, by the stretch of live time in which their window begins.
import type { Hex } from "../../base/index.js";
import type { Clock, Index, Params } from "../../ledger/index.js";
import type { Auction } from "./auction.js";

/** Where an auction's reveals are counted, and how many are still to come. */
interface Place {
  readonly level: number;
  readonly slot: number;
  readonly waiting: number;
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
 * longer than its reveal window, in the slot in which the window is to begin, and in the longer ones around that. So a long
 * window never weighs on a short one, and an auction moves in as many steps as there are levels.
 *
 * Derived state: what auctions are is all that it depends on, never the way they came to be so.
 */
export class RevealLoad implements Index<Auction> {
  /**
   * By level, then by number of the slot: commits that are not opened, of auctions counted there or in a shorter slot
   * within. Slots without anything to come are not kept.
   */
  readonly levels: readonly Map<number, number>[];
  private readonly places = new Map<Hex, Place>();

  constructor(private readonly params: Pick<Params, "revealCapacity" | "revealSlotMs" | "maxRevealMs">) {
    const top = this.levelOf(params.maxRevealMs);
    this.levels = Array.from({ length: top + 1 }, () => new Map<number, number>());
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

  /** The stretches that have to hold one more commit of the auction, the shortest first; empty while it takes none. */
  around(auction: Auction, clock: Clock): readonly Stretch[] {
    const place = this.placeOf(auction);
    if (place === null) return [];
    const stretches: Stretch[] = [];
    for (let { level, slot } = place; level < this.levels.length; level++, slot = Math.floor(slot / 2)) {
      const lengthMs = this.params.revealSlotMs * 2 ** level;
      stretches.push({
        fromMs: slot * lengthMs + clock.outagesMs,
        toMs: (slot + 1) * lengthMs + clock.outagesMs,
        capacity: this.params.revealCapacity * 2 ** level,
        waiting: this.levels[level]!.get(slot) ?? 0,
      });
    }
    return stretches;
  }

  /** A window longer than any that is taken counts as the longest: a row of a state is read before it is judged. */
  private levelOf(revealMs: number): number {
    const longestMs = Math.min(revealMs, this.params.maxRevealMs);
    let level = 0;
    for (let ms = this.params.revealSlotMs * 2; ms <= longestMs; ms *= 2) level++;
    return level;
  }

  /** null: it takes no commits yet, or has ended. */
  private placeOf({ phase, terms, commits, reveals }: Auction): Place | null {
    if (phase.kind !== "open" && phase.kind !== "reveal") return null;
    const beginsMs = phase.kind === "open" ? phase.closeMs - phase.outagesMs : phase.plannedMs;
    const level = this.levelOf(terms.revealMs);
    const slot = Math.floor(beginsMs / (this.params.revealSlotMs * 2 ** level));
    return { level, slot, waiting: commits - reveals };
  }

  private add({ level, slot }: Place, count: number): void {
    for (let at = slot, k = level; k < this.levels.length; k++, at = Math.floor(at / 2)) {
      const slots = this.levels[k]!;
      const waiting = (slots.get(at) ?? 0) + count;
      if (waiting === 0) slots.delete(at);
      else slots.set(at, waiting);
    }
  }
}
