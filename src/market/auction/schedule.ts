// The schedule: when each unfinished auction waits for an entry, in ledger time or in live time.
import { compareText, type Hex } from "../../base/index.js";
import { type Clock, Deadlines, type Index, liveMs } from "../../ledger/index.js";
import { type Auction, everythingIsShown } from "./auction.js";

/** From when on an auction waits for an entry; null: for none, it has ended. */
type Due = { readonly kind: "ledger" | "live"; readonly ms: number } | null;

/** A pure function of the auction's row, so that a restored peer has the schedule of a running one. */
function dueOf(auction: Auction): Due {
  const { phase, terms } = auction;
  switch (phase.kind) {
    case "scheduled":
      return { kind: "ledger", ms: terms.openMs };
    case "open":
      return { kind: "live", ms: phase.closeMs - phase.outagesMs };
    case "reveal":
      return phase.closeMs === null || everythingIsShown(auction)
        ? { kind: "ledger", ms: phase.openedMs }
        : { kind: "live", ms: phase.closeMs - phase.outagesMs };
    case "done":
    case "unsold":
    case "void":
      return null;
  }
}

/** Openings are announced in ledger time, closes run in live time: two heaps, so that an outage shifts all closes at once. */
export class Schedule implements Index<Auction> {
  private readonly byLedger = new Deadlines<Due>((due) => (due?.kind === "ledger" ? due.ms : null));
  private readonly byLive = new Deadlines<Due>((due) => (due?.kind === "live" ? due.ms : null));

  set(id: Hex, auction: Auction): void {
    const due = dueOf(auction);
    this.byLedger.set(id, due);
    this.byLive.set(id, due);
  }

  delete(id: Hex): void {
    this.byLedger.delete(id);
    this.byLive.delete(id);
  }

  /** Auctions that wait for an entry at `timeMs`, in the order of their ids. @param clock that entry's */
  dueAt(timeMs: number, clock: Clock): readonly Hex[] {
    const due = [...this.byLedger.upTo(timeMs), ...this.byLive.upTo(liveMs(clock, timeMs))];
    return due.map(({ id }) => id).sort(compareText);
  }

  /** Ledger time from which the first of them waits; null: none does. */
  firstMs(clock: Clock): number | null {
    const opening = this.byLedger.first?.dueMs ?? null;
    const close = this.byLive.first === null ? null : this.byLive.first.dueMs + clock.outagesMs;
    if (opening === null || close === null) return opening ?? close;
    return Math.min(opening, close);
  }

  /** All of it, in order: what a restored peer's must equal. */
  entries(): readonly (readonly [kind: string, id: Hex, dueMs: number])[] {
    return [
      ...this.byLedger.sorted().map(({ id, dueMs }) => ["ledger", id, dueMs] as const),
      ...this.byLive.sorted().map(({ id, dueMs }) => ["live", id, dueMs] as const),
    ];
  }
}
