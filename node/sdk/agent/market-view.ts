// How an agent sees a lot and the market around it, from the documents of the API.
import { type ApiEvent, type AuctionView, goesByUnits, type PriceView } from "../../contract/index.js";
import type { ApiClient } from "../client.js";
import type { Lot, Market } from "./definition.js";

type Opened = Extract<ApiEvent, { readonly type: "auction.opened" }>;

/** An event names the auction; a view is it. */
export const lotOf = (seen: AuctionView | Opened): Lot => ({
  id: "auction" in seen ? seen.auction : seen.id,
  creator: seen.creator,
  format: seen.format,
  direction: seen.direction,
  capability: seen.lot.capability,
  units: seen.lot.units,
  reserve: BigInt(seen.reserve),
  lockups: seen.lockups.map(BigInt),
  deliverMs: seen.deliverMs,
  settleMs: seen.settleMs,
  opensAt: seen.opensAt,
  commitClosesAt: seen.commitClosesAt,
});

const REMEMBERED = 32;

/**
 * What lots of each capability went for, and what the agent can lock: asked for ahead, so that nothing is asked between a lot
 * and the bid for it. What has changed since, the daemon knows when it judges the bid.
 */
export class MarketView {
  private readonly prices = new Map<string, readonly PriceView[]>();
  private lockable: bigint | null = null;

  constructor(
    private readonly client: ApiClient,
    private readonly agent: string,
  ) {}

  /** @throws ApiFailure */
  async marketFor(lot: Lot): Promise<Market> {
    const prices = this.prices.get(lot.capability) ?? (await this.refresh(lot.capability));
    // Where it was little, more may have come back since.
    const isEnough = this.lockable !== null && this.lockable >= lot.lockups.at(-1)!;
    return { ...marketIn(prices, lot), lockable: isEnough ? this.lockable! : await this.refreshFunds() };
  }

  /** @throws ApiFailure */
  async refresh(capability: string): Promise<readonly PriceView[]> {
    const query = { capability, limit: REMEMBERED };
    const page = await this.client.ask("prices", { query }, "could not see what lots went for");
    this.prices.set(capability, page.items);
    return page.items;
  }

  /** @throws ApiFailure */
  async refreshFunds(): Promise<bigint> {
    const wallet = await this.client.ask(
      "wallet",
      { query: { agent: this.agent } },
      "could not see its wallet",
    );
    this.lockable = BigInt(wallet.lockable);
    return this.lockable;
  }
}

/** @param found newest first, of the lot's capability */
export function marketIn(found: readonly PriceView[], lot: Lot): Pick<Market, "prices" | "rivals"> {
  const alike = found.filter(({ direction, format }) => direction === lot.direction && format === lot.format);
  // The price of a whole lot is that of its units together.
  const scaled = (price: string, units: number): bigint =>
    goesByUnits(lot.format) || units === 0
      ? BigInt(price)
      : (BigInt(price) * BigInt(lot.units)) / BigInt(units);
  const bids = alike.reduce((sum, one) => sum + one.bids, 0);
  return {
    prices: alike.map(({ price, units }) => scaled(price, units)).reverse(),
    // Where nobody knows better there is somebody else; of those that bid before one may have been the agent itself.
    rivals: alike.length === 0 ? 1 : Math.max(0, Math.round(bids / alike.length) - 1),
  };
}
