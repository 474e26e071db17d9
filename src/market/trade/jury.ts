// The jury of a dispute: the seats of genesis, without those whose owners are parties of the trade (spec/disputes#jury).
import { equalBytes } from "../../base/index.js";
import type { AgentId, Ledger } from "../../ledger/index.js";
import type { Trade } from "./trade.js";

/** The seat that an agent holds; null: none. */
export function seatOf({ genesis }: Pick<Ledger, "genesis">, agent: AgentId): number | null {
  const seat = genesis.seats.findIndex((one) => equalBytes(one.agent, agent));
  return seat < 0 ? null : seat;
}

/** Nobody judges a trade of its own. */
export const isParty = ({ performer, buyer }: Pick<Trade, "performer" | "buyer">, agent: AgentId): boolean =>
  equalBytes(performer, agent) || equalBytes(buyer, agent);

/** The seats that judge a dispute of a trade, ascending. */
export const jurorsOf = (
  { genesis }: Pick<Ledger, "genesis">,
  trade: Pick<Trade, "performer" | "buyer">,
): readonly number[] => genesis.seats.flatMap(({ agent }, seat) => (isParty(trade, agent) ? [] : [seat]));
