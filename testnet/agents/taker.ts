// A taker: looks at what was delivered to it, and disputes what is wrong; else it accepts, says nothing, or, rarely, disputes all the same.
import { equalBytes } from "../../src/base/index.js";
import type { Trade } from "../../src/market/index.js";
import type { PlannedAgent } from "../plan.js";
import type { Journal, Wish } from "./journal.js";
import type { MarketAccess } from "./market-access.js";
import type { Nature } from "./nature.js";
import { missingOf, noteOf } from "./note.js";
import { type Acquaintance, tradeName } from "./trade-name.js";

export interface TakerWorld extends Acquaintance {
  readonly access: MarketAccess;
  readonly nature: Nature;
  readonly journal: Journal;
}

export class Taker {
  constructor(
    private readonly self: PlannedAgent,
    private readonly world: TakerWorld,
  ) {}

  /** Takes deliveries until the returned function is called: from those on that wait since an earlier run. */
  start(): () => void {
    const { access } = this.world;
    for (const trade of access.openTrades(this.self.key.publicKey)) this.see(trade);
    return access.subscribe((notice) => {
      if (notice.kind === "trade") this.see(notice.trade);
    });
  }

  private see(trade: Trade): void {
    const { nature } = this.world;
    const { id, buyer, state } = trade;
    const from = this.self.key.publicKey;
    if (state.kind !== "delivered" || !equalBytes(buyer, from)) return;
    const name = tradeName(trade, this.world);
    if (this.isWrong(trade, state.hash) || (this.isDemo(trade) && nature.quarrels(name)))
      // What it should have been given: whoever has the trade makes it anew.
      void this.say("dispute", { kind: "dispute", from, trade: id, evidence: noteOf(trade), bond: null });
    else if (nature.accepts(name)) void this.say("acceptance", { kind: "accept", from, trade: id });
  }

  /** What a person delivers it takes as it is: it cannot tell what that should be. */
  private isWrong(trade: Trade, delivered: Uint8Array): boolean {
    return this.isDemo(trade) && missingOf(trade, delivered) !== null;
  }

  private isDemo({ performer }: Trade): boolean {
    return this.world.sellerPlace(performer) !== null;
  }

  private async say(wish: Wish, command: Parameters<MarketAccess["command"]>[0]): Promise<void> {
    const result = await this.world.access.command(command);
    if (!result.ok) this.world.journal.refused(this.self.name, wish, result.refusal);
  }
}
