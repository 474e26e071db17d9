// Trades in the state, and what is derived from them: whose time is over first, and which auction waits for its last.
import { fromHex, type Hex, invariant, struct, toHex, uint } from "../../base/index.js";
import {
  Deadlines,
  forgetOutlays,
  Groups,
  ID_PART,
  keyText,
  type Ledger,
  type RowKey,
  table,
} from "../../ledger/index.js";
import type { AuctionId } from "../auction/id.js";
import { hasEnded, liveDeadlineMs, type Trade, type TradeId, tradeRow } from "./trade.js";

export const TRADES = table({
  name: "trade",
  parts: [ID_PART],
  codec: tradeRow,
  stored: (trade: Trade) => trade,
  row: (row, [id]): Trade => ({ ...row, id: fromHex(id!)! }),
  indices: () => ({
    /** those that have not ended, by the live time of their deadline */
    deadlines: new Deadlines<Trade>(liveDeadlineMs),
    byAuction: new Groups<Trade>(({ auction }) => toHex(auction)),
  }),
});

/**
 * How many trades of an auction have not ended, and when the last ended, under the auction's id: the auction's own row
 * stays as its outcome left it, or no proof of it could be made later.
 */
const tally = struct({
  open: [0, uint()],
  /** ledger time of the last end; 0: none has ended */
  endedMs: [1, uint()],
});

export const TALLIES = table({
  name: "trades",
  parts: [ID_PART],
  codec: tally,
  stored: (row) => row,
  row: (row: { readonly open: number; readonly endedMs: number }) => row,
  indices: () => ({
    /** auctions all of whose trades have ended, by when the last did */
    over: new Deadlines<{ readonly open: number; readonly endedMs: number }>(({ open, endedMs }) =>
      open === 0 ? endedMs : null,
    ),
  }),
});

export const tradeKey = (id: TradeId): RowKey => keyText(TRADES, id);

export const tradeOf = (ledger: Ledger, id: TradeId | Hex): Trade | null => ledger.get(TRADES, id);

/** The trades of an auction in the order of their ids. */
export function tradesOf(ledger: Ledger, auction: AuctionId): readonly Trade[] {
  const trades = ledger.table(TRADES);
  return [...trades.index.byAuction.of(toHex(auction))].sort().map((id) => trades.get(id)!);
}

/** How many trades of an auction have not ended. */
export const openTradesOf = (ledger: Ledger, auction: AuctionId): number =>
  ledger.get(TALLIES, auction)?.open ?? 0;

/** Writes the trades of one outcome. @param trades at least one, all of this auction */
export function addTrades(ledger: Ledger, auction: AuctionId, trades: readonly Trade[]): void {
  invariant(trades.length > 0 && ledger.get(TALLIES, auction) === null, "an outcome begins trades once");
  for (const trade of trades) ledger.put(TRADES, trade.id, trade);
  ledger.put(TALLIES, auction, { open: trades.length, endedMs: 0 });
}

/** Moves a trade on. What has ended stays so. */
export function setState(ledger: Ledger, id: TradeId, moved: Pick<Trade, "state" | "outagesMs">): Trade {
  ledger.change(TRADES, id, (trade) => {
    invariant(trade.state.kind !== "ended", "a trade ends once");
    trade.state = moved.state;
    trade.outagesMs = moved.outagesMs;
  });
  const trade = tradeOf(ledger, id)!;
  const { state, auction } = trade;
  if (state.kind === "ended") {
    ledger.change(TALLIES, auction, (one) => {
      one.open--;
      one.endedMs = state.endedMs;
    });
  }
  return { ...trade };
}

/** Takes an auction's trades out of the state, all of which have ended. @returns how many rows are gone */
export function forgetTrades(ledger: Ledger, auction: AuctionId): number {
  if (ledger.get(TALLIES, auction) === null) return 0;
  const trades = tradesOf(ledger, auction);
  invariant(trades.every(hasEnded), "a trade that runs is not forgotten");
  let outlays = 0;
  for (const { id } of trades) {
    outlays += forgetOutlays(ledger, id);
    ledger.table(TRADES).delete(id);
  }
  ledger.table(TALLIES).delete(auction);
  return trades.length + 1 + outlays;
}
