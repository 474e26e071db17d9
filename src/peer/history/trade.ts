// Trades that have ended: the row that the ledger had of each, with all that its end was computed from.
import { hash, struct, type TypeOf, toHex } from "../../base/index.js";
import { tradeRow } from "../../market/index.js";
import { historyKind } from "./kind.js";

export const keptTrade = struct({
  id: [0, hash],
  /** ended: as it stood after that, and as the ledger keeps it until it forgets the auction */
  row: [1, tradeRow],
});
export type KeptTrade = TypeOf<typeof keptTrade>;

export const KEPT_TRADES = historyKind<KeptTrade>(
  keptTrade,
  ({ outcome }) => outcome.trades.ended.map(({ trade: { id, ...row } }) => ({ id, row })),
  ({ id, row }) => [
    `id/${toHex(id)}`,
    `agent/${toHex(row.performer)}`,
    `agent/${toHex(row.buyer)}`,
    `capability/${row.capability}`,
  ],
);
