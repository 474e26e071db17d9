// A performer: delivers what its sales promise, or less, or nothing — by its nature, so that everybody sees what follows.
import { type Bytes, equalBytes } from "../../src/base/index.js";
import type { Trade } from "../../src/market/index.js";
import type { PlannedAgent } from "../plan.js";
import type { Journal, Wish } from "./journal.js";
import type { MarketAccess } from "./market-access.js";
import type { Nature, Way } from "./nature.js";
import { noteOf } from "./note.js";
import { type Acquaintance, tradeName } from "./trade-name.js";

export interface PerformerWorld extends Acquaintance {
  readonly access: MarketAccess;
  readonly nature: Nature;
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
    const way = this.world.nature.delivery(this.self.place, tradeName(trade, this.world));
    if (way === "forgets") return;
    if (way === "givesUp") void this.say("failure", { kind: "fail", from, trade: trade.id });
    else void this.say("delivery", { kind: "deliver", from, trade: trade.id, hash: handedOver(trade, way) });
  }

  private async say(wish: Wish, command: Parameters<MarketAccess["command"]>[0]): Promise<void> {
    const result = await this.world.access.command(command);
    if (!result.ok) this.world.journal.refused(this.self.name, wish, result.refusal);
  }
}

/** The note of what was sold, of half as much, or of what nobody bought. */
function handedOver(trade: Trade, way: Exclude<Way, "forgets" | "givesUp">): Bytes {
  if (way === "skimps") return noteOf(trade, Math.floor(trade.units / 2));
  return noteOf(way === "mistakes" ? { ...trade, capability: "something else" } : trade);
}
