// A bidder: hears of an auction, knows what the lot is worth to it, and bids by its strategy.
import { type Hex, toHex } from "../../src/base/index.js";
import type { AgentId } from "../../src/ledger/index.js";
import type { Auction } from "../../src/market/auction/auction.js";
import { type AuctionId, FORMATS } from "../../src/market/index.js";
import type { Notice } from "../../src/peer/ready.js";
import type { PlannedAgent } from "../plan.js";
import type { Journal } from "./journal.js";
import type { MarketAccess } from "./market-access.js";
import { type Nature, offerName } from "./nature.js";
import type { Ordinals } from "./ordinal.js";
import type { Strategy } from "./strategy.js";

/** Commits are published in this first part of the window (per mille): the rest is for their way into the log. */
const WINDOW_USED = 500;
/** Clearing prices that a strategy is shown, by capability. */
const HISTORY_LENGTH = 32;

export interface BidderWorld {
  readonly access: MarketAccess;
  readonly nature: Nature;
  readonly ordinals: Ordinals;
  readonly strategy: Strategy;
  /** other demo bidders */
  readonly rivals: number;
  readonly journal: Journal;
  /** the place of a seller among the demo sellers; null: it is somebody else */
  sellerPlace(seller: AgentId): number | null;
}

export class Bidder {
  /** clearing prices by capability, oldest first */
  private readonly prices = new Map<string, bigint[]>();
  /** auctions that were considered and have not settled, with their capability */
  private readonly considered = new Map<Hex, string>();

  constructor(
    private readonly self: PlannedAgent,
    private readonly world: BidderWorld,
  ) {}

  /** Trades until the returned function is called. */
  start(): () => void {
    return this.world.access.subscribe((notice) => this.hear(notice));
  }

  private hear(notice: Notice): void {
    if (notice.kind === "auctionOpened" || notice.kind === "auctionPhase") this.consider(notice.auction);
    if (notice.kind === "auctionSettled") this.remember(toHex(notice.auction), notice.clearingPrice);
  }

  /** Bids once, as soon as the auction takes bids. */
  private consider(id: AuctionId): void {
    const auction = this.world.access.auctionOf(id);
    const key = toHex(id);
    if (auction === null || auction.phase.kind !== "open" || this.considered.has(key)) return;
    // It has a use for things, and none to sell.
    if (auction.terms.direction === "buy") return;
    const name = this.nameOf(auction);
    this.considered.set(key, auction.terms.lot.capability);
    const value = this.world.nature.value(this.self.name, name, auction.terms.lot);
    const units = unitsWanted(auction.terms);
    const bid = this.bidFor(auction, value, units);
    this.world.journal.decided({ auction: key, bidder: toHex(this.self.key.publicKey), value, bid });
    if (bid === 0n) return;
    const patience = this.world.nature.patience(this.self.name, name);
    const delayMs = Math.floor((auction.terms.commitMs * WINDOW_USED * patience) / 1_000_000);
    void this.place(id, bid, units, delayMs);
  }

  /** What the draws about an auction go by: a demo seller's are the same in every run of a seed. */
  private nameOf({ id, creator: seller }: Readonly<Auction>): string {
    const place = this.world.sellerPlace(seller);
    const nth = place === null ? null : this.world.ordinals.of(seller, id);
    return place === null || nth === null ? toHex(id) : offerName(place, nth);
  }

  /** What the strategy says, as far as a lockup covers it; 0n where none can be paid. */
  private bidFor(auction: Readonly<Auction>, value: bigint, units: number | null): bigint {
    const { format, lockups, lot } = auction.terms;
    const most = this.world.access.lockable(this.self.key.publicKey);
    const payable = lockups.filter((lockup) => lockup <= most);
    const funds = payable.at(-1) ?? 0n;
    return this.world.strategy({
      value: units === null ? value : value / BigInt(lot.units),
      history: this.prices.get(lot.capability) ?? [],
      funds: funds / BigInt(units ?? 1),
      tradesAtOwnBid: FORMATS[format.kind].tradesAtOwnBid,
      rivals: Math.max(1, this.world.rivals),
    });
  }

  private async place(
    auction: AuctionId,
    amount: bigint,
    units: number | null,
    delayMs: number,
  ): Promise<void> {
    const { access, journal } = this.world;
    const result = await access.command({
      kind: "placeBid",
      from: this.self.key.publicKey,
      auction,
      amount,
      units,
      lockup: null,
      delayMs,
    });
    if (!result.ok) journal.refused(this.self.name, "bid", result.refusal);
  }

  private remember(auction: Hex, price: bigint | null): void {
    const capability = this.considered.get(auction);
    this.considered.delete(auction);
    if (capability === undefined || price === null) return;
    this.prices.set(capability, [...(this.prices.get(capability) ?? []), price].slice(-HISTORY_LENGTH));
  }
}

/** Of a lot that goes in units a demo bidder wants half; null: the lot as a whole. */
export const unitsWanted = ({ format, lot }: Pick<Auction["terms"], "format" | "lot">): number | null =>
  FORMATS[format.kind].isDivisible ? Math.ceil(lot.units / 2) : null;
