// A performer: delivers what its sales promise, or does not — by its nature, so that everybody sees what follows.
import { createHash } from "node:crypto";
import { type Bytes, equalBytes, toHex } from "../../src/base/index.js";
import type { AgentId } from "../../src/ledger/index.js";
import type { AuctionId, Trade } from "../../src/market/index.js";
import type { PlannedAgent } from "../plan.js";
import type { Journal, Wish } from "./journal.js";
import type { MarketAccess } from "./market-access.js";
import { type Nature, offerName } from "./nature.js";
import type { Ordinals } from "./ordinal.js";

export interface PerformerWorld {
  readonly access: MarketAccess;
  readonly nature: Nature;
  readonly ordinals: Ordinals;
  readonly journal: Journal;
}

export class Performer {
  constructor(
    private readonly self: PlannedAgent,
    private readonly world: PerformerWorld,
  ) {}

  /** Keeps its word until the returned function is called: from trades that an earlier run has left on. */
  start(): () => void {
    const { access } = this.world;
    for (const trade of access.openTrades(this.self.key.publicKey)) this.see(trade);
    return access.subscribe((notice) => {
      if (notice.kind === "trade") this.see(notice.trade);
    });
  }

  private see(trade: Trade): void {
    const from = this.self.key.publicKey;
    if (trade.state.kind !== "due" || !equalBytes(trade.performer, from)) return;
    const way = this.world.nature.delivery(
      this.self.place,
      this.nameOf(trade.auction, from),
      toHex(trade.buyer),
    );
    if (way === "delivers")
      void this.say("delivery", { kind: "deliver", from, trade: trade.id, hash: noteOf(trade) });
    if (way === "givesUp") void this.say("failure", { kind: "fail", from, trade: trade.id });
  }

  private async say(wish: Wish, command: Parameters<MarketAccess["command"]>[0]): Promise<void> {
    const result = await this.world.access.command(command);
    if (!result.ok) this.world.journal.refused(this.self.name, wish, result.refusal);
  }

  private nameOf(auction: AuctionId, seller: AgentId): string {
    const nth = this.world.ordinals.of(seller, auction);
    return nth === null ? toHex(auction) : offerName(this.self.place, nth);
  }
}

/** What a demo seller hands over: a note of what may be used by whom. Of two notes for one thing the greater fence is valid. */
const noteOf = ({ id, buyer, capability, units, fence }: Trade): Bytes =>
  createHash("sha256")
    .update(`${units} ${capability} for ${toHex(buyer)} by trade ${toHex(id)}, fence ${fence}`)
    .digest();
