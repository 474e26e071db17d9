// History by kind, and clearing prices among it.
import { type HISTORY_ROUTES, priceView } from "../../contract/index.js";
import type { Answers } from "../answer.js";
import { asHistory } from "../paging.js";
import { priceView as viewOfPrice } from "../views/history.js";

export const HISTORY_ANSWERS: Answers<typeof HISTORY_ROUTES> = {
  async prices({ peer, query: { cursor = null, limit, capability }, serving }) {
    const subject = capability === undefined ? null : (`capability/${capability}` as const);
    const { from, rows } = await peer.node.history("price", { subject, before: cursor, limit: limit + 1 });
    const found = rows.map((one) => ({ place: one.place, view: viewOfPrice(one) }));
    return asHistory("PriceList", priceView, { from, found, limit }, serving.onUnshown);
  },
};
