// A taker: looks at what was delivered to it, and accepts it, or says nothing, which is the same in the end.
import { equalBytes, toHex } from "../../src/base/index.js";
import type { Trade } from "../../src/market/index.js";
import type { PlannedAgent } from "../plan.js";
import type { Journal } from "./journal.js";
import type { MarketAccess } from "./market-access.js";
import type { Nature } from "./nature.js";

export interface TakerWorld {
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
    for (const trade of access.openTrades(this.self.key.publicKey)) void this.see(trade);
    return access.subscribe((notice) => {
      if (notice.kind === "trade") void this.see(notice.trade);
    });
  }

  private async see({ id, buyer, state }: Trade): Promise<void> {
    const { access, nature, journal } = this.world;
    const from = this.self.key.publicKey;
    if (state.kind !== "delivered" || !equalBytes(buyer, from)) return;
    if (!nature.accepts(this.self.name, toHex(state.hash))) return;
    const result = await access.command({ kind: "accept", from, trade: id });
    if (!result.ok) journal.refused(this.self.name, "acceptance", result.refusal);
  }
}
