// The market of a key's windows as a gateway takes part in it: its owner offers the next ones, and others bid for what they mean to use.
import { equalBytes, toHex } from "../../../src/base/index.js";
import { WINDOW_PARTS } from "../../../src/ledger/index.js";
import {
  AUCTIONS,
  type Auction,
  BY_PARTS,
  commitOf,
  highestLockup,
  leasedLot,
  nextWindow,
} from "../../../src/market/index.js";
import type { Command } from "../../../src/peer/event.js";
import type { PeerSide } from "./peer-side.js";
import type { Selling, SharedTerms } from "./shared-terms.js";
import type { Wishes } from "./wishes.js";

/** Nothing says sooner that an auction was made than the log. */
const OFFER_AGAIN_MS = 5_000;

export class WindowMarket {
  constructor(
    private readonly terms: SharedTerms,
    private readonly side: PeerSide,
    private readonly wishes: Wishes,
  ) {}

  /** Offers and bids for what is not offered and bid for yet. */
  look(): void {
    if (this.terms.selling !== null) this.offer(this.terms.selling);
    else if (this.terms.buying !== null) this.bid();
  }

  private offer(selling: Selling): void {
    const { side, terms, wishes } = this;
    const window = nextWindow(side.state.ledger, terms.shared, selling, side.nowMs());
    if (window === null) return;
    wishes.make(`offer ${window.fromMs}`, this.offerOf(window, selling), OFFER_AGAIN_MS);
  }

  private offerOf(
    { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
    { kept, reserve, commitMs, revealMs }: Selling,
  ): Command {
    const { capability } = this.terms.shared;
    const units = WINDOW_PARTS - kept;
    return {
      kind: "createAuction",
      from: this.side.agent,
      format: BY_PARTS,
      direction: "sell",
      lot: { capability, units, fromMs, toMs },
      reserve,
      lockups: lockupsFor(reserve, units),
      startInMs: 0,
      commitMs,
      revealMs,
      hiddenReserve: null,
      standingWeight: null,
      deliverMs: 0,
      settleMs: 0,
      value: null,
      bond: 0n,
    };
  }

  private bid(): void {
    const { side, terms, wishes } = this;
    const { parts, price } = terms.buying!;
    for (const auction of this.offered()) {
      const { id, terms: of } = auction;
      const units = Math.min(parts, of.lot.units);
      const most = highestLockup(of) / BigInt(units);
      const amount = price < most ? price : most;
      // Under its reserve a bid wins nothing.
      if (amount < of.reserve) continue;
      const bid = { auction: id, amount, units, lockup: null, delayMs: 0 };
      wishes.make(
        `bid ${toHex(id)}`,
        { kind: "placeBid", from: side.agent, ...bid },
        this.untilClosedMs(auction),
      );
    }
  }

  /** Windows that bids are taken for, and on which it has none. */
  private *offered(): IterableIterator<Auction> {
    const { ledger } = this.side.state;
    const { seller, capability } = this.terms.shared;
    for (const auction of ledger.table(AUCTIONS).values()) {
      const { id, creator, terms, phase } = auction;
      if (phase.kind !== "open" || leasedLot(terms)?.capability !== capability) continue;
      if (!equalBytes(creator, seller) || commitOf(ledger, id, this.side.agent) !== null) continue;
      yield auction;
    }
  }

  /** A bid waits with its peer until its moment has come: one is enough. */
  private untilClosedMs({ phase }: Auction): number {
    return phase.kind === "open" ? Math.max(1_000, phase.closeMs - this.side.nowMs()) : 1_000;
  }
}

/** What bidders may lock: the whole at the least price, less of it, and up to a thousand times as much. */
export function lockupsFor(reserve: bigint, units: number): readonly bigint[] {
  const whole = (reserve > 0n ? reserve : 1n) * BigInt(units);
  const steps = [whole / 100n, whole / 10n, whole, whole * 10n, whole * 100n, whole * 1_000n];
  return steps.filter((one) => one > 0n && one >= reserve);
}
