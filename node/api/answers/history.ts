// History by kind: clearing prices, and trades that have ended.
import { toHex } from "../../../src/base/index.js";
import type { Subject } from "../../../src/peer/history/kind.js";
import { type HISTORY_ROUTES, priceView, tradeView as tradeSchema } from "../../contract/index.js";
import { type Answers, agentNamed } from "../answer.js";
import { asHistory } from "../paging.js";
import { problem } from "../problem.js";
import { priceView as viewOfPrice } from "../views/history.js";
import { tradeView } from "../views/trade.js";

export const HISTORY_ANSWERS: Answers<typeof HISTORY_ROUTES> = {
  async prices({ peer, query: { cursor = null, limit, capability }, serving }) {
    const subject = capability === undefined ? null : (`capability/${capability}` as const);
    const { from, rows } = await peer.node.history("price", { subject, before: cursor, limit: limit + 1 });
    const found = rows.map((one) => ({ place: one.place, view: viewOfPrice(one) }));
    return asHistory("PriceList", priceView, { from, found, limit }, serving.onUnshown);
  },

  async endedTrades({ peer, query: { cursor = null, limit, agent, capability }, serving }) {
    const party = agent === undefined ? undefined : toHex(agentNamed(peer, agent));
    const subject = subjectOf(party, capability);
    const { from, rows } = await peer.node.history("trade", { subject, before: cursor, limit: limit + 1 });
    const found = rows.map(({ place, row: { id, row } }) => ({
      place,
      view: tradeView(peer.state.ledger, { id, ...row }),
    }));
    return asHistory("EndedTradeList", tradeSchema, { from, found, limit }, serving.onUnshown);
  },
};

/** What a page of history is asked for by; null: all of its kind. @throws Problem REQUEST_INVALID for both */
export function subjectOf(agent: string | undefined, capability: string | undefined): Subject | null {
  if (agent !== undefined && capability !== undefined)
    throw problem("REQUEST_INVALID", "history is asked for by `agent` or by `capability`, not by both");
  if (agent !== undefined) return `agent/${agent}`;
  return capability === undefined ? null : `capability/${capability}`;
}
