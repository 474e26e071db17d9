// deposit: what is held for an auction's rows comes back when they are forgotten, and burns with VOID (ADR 0028).
import { type Hex, toHex } from "../../../src/base/index.js";
import type { Params } from "../../../src/ledger/params.js";
import type { AuctionRecord } from "./auctions.js";
import type { Executed } from "./books.js";
import { depositFor } from "./deposit-rates.js";
import type { History } from "./history.js";
import type { TradeCourse } from "./trade-ends.js";
import { type TradeRates, tradesOf } from "./trades.js";
import type { Windows } from "./windows.js";

export type DepositTerms = TradeRates & Pick<Params, "retainMs">;

/** An entry forgets so many rows at least that what is due has gone so many entries later. */
const ENTRIES_TO_FORGET = 10;

export function depositWrongs(
  history: History,
  terms: DepositTerms,
  { height, accounts }: Executed,
): readonly string[] {
  const held = rangesAt(history, terms, height);
  return accounts.flatMap(({ agent, deposits }) => {
    const { least, most } = held.get(agent) ?? { least: 0n, most: 0n };
    if (deposits >= least && deposits <= most) return [];
    const says = `${agent.slice(0, 8)} has ${deposits} in deposits; the log holds ${least} to ${most}`;
    return [`at height ${height} ${says}`];
  });
}

function rangesAt(
  history: History,
  terms: DepositTerms,
  height: number,
): ReadonlyMap<Hex, { readonly least: bigint; readonly most: bigint }> {
  const ranges = new Map<Hex, { least: bigint; most: bigint }>();
  const windows = history.windows();
  const lapsed = lapsedIn(history);
  const trades = tradesOf(history, terms, height)?.courses ?? [];
  for (const [id, record] of history.auctions()) {
    // Called off, or void: its deposit is not held any more, whatever is kept of it.
    const isGone =
      lapsed.has(id) || record.operations.some(({ operation }) => operation.body.kind === "cancel");
    if (record.height > height || isGone) continue;
    const creator = toHex(record.creator);
    const range = ranges.get(creator) ?? { least: 0n, most: 0n };
    ranges.set(creator, range);
    const overAt = overAtOf(record, height, trades);
    const fate = overAt === null ? "kept" : fateOf(windows, overAt, height, terms.retainMs);
    const deposit = depositFor(record.terms, windows.timeMs(record.height), terms);
    if (fate !== "forgotten") range.most += deposit;
    if (fate === "kept") range.least += deposit;
  }
  return ranges;
}

const lapsedIn = (history: History): ReadonlySet<Hex> =>
  new Set(
    history
      .told()
      .flatMap(({ notices }) => notices)
      .flatMap((notice) =>
        notice.kind === "auctionSettled" && notice.outcome === "void" ? [toHex(notice.auction)] : [],
      ),
  );

/** The entry with which an auction was over, its trades too; null: it is not. */
function overAtOf(
  { id, course: { ended } }: AuctionRecord,
  height: number,
  trades: readonly TradeCourse[],
): number | null {
  if (ended === undefined || ended > height) return null;
  const own = trades.filter(({ auction }) => auction === toHex(id));
  if (own.some(({ ending }) => ending === null)) return null;
  return own.reduce((last, { ending }) => Math.max(last, ending!.height), ended);
}

/** Rows go with the first entry that comes `retainMs` after the end, or a little later when many are due. */
function fateOf(
  windows: Windows,
  overAt: number,
  height: number,
  retainMs: number,
): "kept" | "due" | "forgotten" {
  const dueMs = windows.timeMs(overAt) + retainMs;
  if (dueMs > windows.timeMs(height)) return "kept";
  const earlier = height - ENTRIES_TO_FORGET;
  return earlier > 0 && dueMs <= windows.timeMs(earlier) ? "forgotten" : "due";
}
