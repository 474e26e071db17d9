// The bidding half of an agent: each lot that it values is looked at, bid on once, and learnt from when it is over.

import { messageOf } from "../../accident.js";
import { type AuctionView, type AwardView, creditsOf, type Phase } from "../../contract/index.js";
import type { ApiClient } from "../client.js";
import { decide } from "./decision.js";
import type { Definition, Lot } from "./definition.js";
import type { Hands } from "./hands.js";
import { lotOf, MarketView } from "./market-view.js";
import type { Notebook } from "./notebook.js";
import { isPassing } from "./passing.js";
import { judgeWorth } from "./worth.js";

type Say = (line: string) => void;

const endOf = ({ pays, receives }: AwardView): string =>
  pays === "0" ? `receives ${creditsOf(receives)}` : `pays ${creditsOf(pays)}`;
const named = ({ id, capability }: Lot): string => `${id.slice(0, 10)} ${capability}:`;

export class Bidder {
  private readonly market: MarketView;
  /** auctions that it has bid in, or looked at and left */
  private readonly seen = new Set<string>();
  /** lots whose bids are not taken yet */
  private readonly early = new Map<string, Lot>();

  constructor(
    private readonly definition: Definition,
    private readonly client: ApiClient,
    private readonly hands: Hands,
    private readonly notebook: Notebook,
    private readonly say: Say,
  ) {
    this.market = new MarketView(client, hands.agent);
  }

  /** All that takes bids now, and the ends of what it has bid in. @throws ApiFailure */
  async catchUp(): Promise<void> {
    const noted = new Set(this.notebook.bids.map(([auction]) => auction));
    for (const { auction, capability, isLive } of await this.hands.bids()) {
      this.seen.add(auction);
      if (isLive && !noted.has(auction)) this.notebook.bidIn(auction, capability);
      if (isLive) await this.hands.attend(auction, null);
    }
    for (const [auction] of this.notebook.bids) await this.learn(auction);
    for (const capability of this.definition.values.keys()) await this.market.refresh(capability);
    await this.market.refreshFunds();
    for (const phase of ["open", "scheduled"] as const) {
      let cursor: string | undefined;
      do {
        const page = await this.client.ask(
          "auctions",
          { query: { phase, limit: 200, cursor } },
          "could not see auctions",
        );
        for (const lot of page.items.map(lotOf)) if (this.concerns(lot)) await this.consider(lot);
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
    }
  }

  /** Whether a lot is of the kind that it bids for. What it works on it sells; anything else it buys. */
  concerns({ capability, direction, creator }: Pick<Lot, "capability" | "direction" | "creator">): boolean {
    const { values, works } = this.definition;
    if (creator === this.hands.agent || !values.has(capability)) return false;
    return direction === (works.has(capability) ? "buy" : "sell");
  }

  /** Bids for a lot, or says why not. Once. @throws ApiFailure where the daemon could not be asked */
  async consider(lot: Lot): Promise<void> {
    if (this.seen.has(lot.id)) return;
    const market = await this.market.marketFor(lot);
    const decided = await this.decide(lot, market);
    if (typeof decided === "string") {
      this.seen.add(lot.id);
      this.say(`${named(lot)} no bid: ${decided}`);
      return;
    }
    try {
      const bidding = this.hands.bid(lot, decided);
      // While it is on its way: the file costs as much time as the request. What is missing there the daemon's record has.
      setImmediate(() => this.notebook.bidIn(lot.id, lot.capability));
      await bidding;
    } catch (error) {
      if (isPassing(error)) throw error;
      if ((error as { code?: string }).code === "COMMIT_BEFORE_OPEN") {
        this.early.set(lot.id, lot);
        return;
      }
      this.seen.add(lot.id);
      this.notebook.learnt(lot.id, null);
      this.say(`${named(lot)} no bid: ${messageOf(error)}`);
      return;
    }
    this.seen.add(lot.id);
    const each = decided.units === null ? "" : ` for each of ${decided.units}`;
    this.say(`${named(lot)} bid ${creditsOf(decided.amount)} credits${each}`);
    await this.market.refreshFunds();
  }

  /** An auction is in another phase now. @throws ApiFailure */
  async attend(auction: string, phase: Phase): Promise<void> {
    await this.hands.attend(auction, phase);
    const lot = this.early.get(auction);
    if (lot === undefined || phase !== "open") return;
    this.early.delete(auction);
    await this.consider(lot);
  }

  private async decide(lot: Lot, market: Awaited<ReturnType<MarketView["marketFor"]>>) {
    const { options, values, strategy } = this.definition;
    const { perAuction } = options.budget;
    let worth: unknown;
    try {
      worth = await values.get(lot.capability)!(lot, market);
    } catch (error) {
      return `its value function threw: ${messageOf(error)}`;
    }
    const valued = judgeWorth(worth, lot, perAuction);
    if (valued === null) return "it is worth nothing to this agent";
    if (typeof valued === "string") return `its value function is wrong: ${valued}`;
    try {
      return decide(lot, valued, market, perAuction, strategy, this.notebook.memoryOf(lot.capability));
    } catch (error) {
      return `the strategy ${strategy.name} threw: ${messageOf(error)}`;
    }
  }

  /** An auction has ended: what it paid is learnt, once, and prices are asked for anew. @throws ApiFailure */
  async learn(auction: string): Promise<void> {
    const capability = this.notebook.bids.find(([id]) => id === auction)?.[1];
    if (capability === undefined) return;
    const view = await this.viewOf(auction);
    if (view !== null && view.outcome === null && view.phase !== "cancelled") return;
    const award = view?.outcome?.awards.find(({ bidder }) => bidder === this.hands.agent);
    const { strategy } = this.definition;
    const paid = BigInt(award?.pays ?? "0");
    this.notebook.learnt(auction, strategy.learn(this.notebook.memoryOf(capability), paid));
    if (award !== undefined) this.say(`${auction.slice(0, 10)} won: ${endOf(award)} credits`);
    else if (view !== null) this.say(`${auction.slice(0, 10)} lost`);
    await this.market.refresh(capability);
  }

  /** null: nobody remembers it */
  private async viewOf(auction: string): Promise<AuctionView | null> {
    try {
      return await this.client.ask("auction", { params: { id: auction } }, "could not see an auction");
    } catch (error) {
      if ((error as { code?: string }).code === "AUCTION_UNKNOWN") return null;
      throw error;
    }
  }
}
