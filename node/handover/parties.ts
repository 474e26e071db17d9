// Which trades stand, by the agents that are party to them: whom it is worth to know the whereabouts of.
import { type Bytes, type Hash, toHex } from "../../src/index.js";
import { hasEnded, type Trade } from "../../src/market/index.js";

export class OpenTrades {
  private readonly byAgent = new Map<string, Map<string, Trade>>();

  /** Takes a trade as it stands now. @returns whether it is new here, and stands */
  note(trade: Trade): boolean {
    const id = toHex(trade.id);
    const isNew = !hasEnded(trade) && this.byAgent.get(toHex(trade.buyer))?.has(id) !== true;
    for (const agent of [trade.performer, trade.buyer]) {
      const name = toHex(agent);
      const trades = this.byAgent.get(name) ?? new Map<string, Trade>();
      if (hasEnded(trade)) trades.delete(id);
      else trades.set(id, trade);
      if (trades.size === 0) this.byAgent.delete(name);
      else this.byAgent.set(name, trades);
    }
    return isNew;
  }

  isParty(agent: Bytes): boolean {
    return this.byAgent.has(toHex(agent));
  }
}

/** What the log says was delivered; null: nothing. */
export function deliveredHash(trade: Trade | null): Hash | null {
  return trade === null || trade.state.kind === "due" ? null : trade.state.hash;
}
