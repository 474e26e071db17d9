// deposit: what is held for an auction's rows comes back when they are forgotten, and burns with VOID (ADR 0028).
import { type Hex, toHex } from "../../../src/base/index.js";
import type { Params } from "../../../src/ledger/params.js";
import type { AuctionTerms } from "../../../src/market/index.js";
import type { AuctionRecord } from "./auctions.js";
import type { Executed } from "./books.js";
import type { History } from "./history.js";
import type { Windows } from "./windows.js";

export type DepositRates = Pick<Params, "auctionDeposit" | "auctionDepositPerHour">;
export type DepositTerms = DepositRates & Pick<Params, "retainMs">;

const HOUR_MS = 3_600_000;
/** An entry forgets so many rows at least that what is due has gone so many entries later. */
const ENTRIES_TO_FORGET = 10;

/** One for the first hour of the wait and both windows, and one part for each hour begun after it. */
export function depositFor(
  { openMs, commitMs, revealMs }: Pick<AuctionTerms, "openMs" | "commitMs" | "revealMs">,
  createdMs: number,
  { auctionDeposit, auctionDepositPerHour }: DepositRates,
): bigint {
  let deposit = auctionDeposit;
  const endMs = Math.max(openMs, createdMs) + commitMs + revealMs;
  for (let ms = createdMs + HOUR_MS; ms < endMs; ms += HOUR_MS) deposit += auctionDepositPerHour;
  return deposit;
}

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
  for (const [id, record] of history.auctions()) {
    // Called off, or void: its deposit is not held any more, whatever is kept of it.
    const isGone =
      lapsed.has(id) || record.operations.some(({ operation }) => operation.body.kind === "cancel");
    if (record.height > height || isGone) continue;
    const creator = toHex(record.creator);
    const range = ranges.get(creator) ?? { least: 0n, most: 0n };
    ranges.set(creator, range);
    const fate = fateOf(windows, record, height, terms.retainMs);
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

/** Rows go with the first entry that comes `retainMs` after the end, or a little later when many are due. */
function fateOf(
  windows: Windows,
  { course: { ended } }: AuctionRecord,
  height: number,
  retainMs: number,
): "kept" | "due" | "forgotten" {
  if (ended === undefined || ended > height) return "kept";
  const dueMs = windows.timeMs(ended) + retainMs;
  if (dueMs > windows.timeMs(height)) return "kept";
  const earlier = height - ENTRIES_TO_FORGET;
  return earlier > 0 && dueMs <= windows.timeMs(earlier) ? "forgotten" : "due";
}
