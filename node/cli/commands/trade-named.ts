// The trade that a command means.
import type { TradeView } from "../../contract/index.js";
import { mustBeAsked } from "../same.js";
import type { Session } from "../session.js";

/** The trade whose id is, or begins with, `id`. */
export async function getTrade(session: Session, id: string): Promise<TradeView> {
  const what = `could not find the trade ${id}`;
  const trade = await session.client.ask("trade", { params: { id } }, what);
  mustBeAsked(id, trade.id, what);
  return trade;
}
