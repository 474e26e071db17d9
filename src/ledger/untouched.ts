// Rows that changed and were not touched: an audit for tests and simulations, which reads every row.
import { equalBytes, toHex } from "../base/index.js";
import type { Ledger } from "./ledger.js";
import {
  accountKey,
  auctionKey,
  CLOCK_KEY,
  CONGESTION_KEY,
  commitKey,
  type RowKey,
  TOTALS_KEY,
} from "./row-key.js";
import { rowValue } from "./rows.js";
import { rowHash } from "./state-tree.js";

/** The keys of everything that the ledger holds now, found in its maps and not in what was written. */
function* keysOf({ accounts, granters, auctions, commits, slashes }: Ledger): IterableIterator<RowKey> {
  yield* [TOTALS_KEY, CONGESTION_KEY, CLOCK_KEY];
  for (const { id } of accounts.values()) yield accountKey(id);
  for (const agent of granters.keys()) yield `granter/${agent}`;
  for (const { id } of auctions.values()) {
    yield auctionKey(id);
    for (const { bidder } of commits.get(toHex(id))?.values() ?? []) yield commitKey(id, bidder);
  }
  yield* slashes.keys();
}

/**
 * Keys of rows whose written value is not the ledger's present one, of rows that were never written, and of written
 * rows that are gone. After `commitRows` there must be none: a restarted peer reads what was written, and its root
 * would differ from a running one's.
 */
export function untouchedRows(ledger: Ledger): readonly RowKey[] {
  const wrong: RowKey[] = [];
  const present = new Set<RowKey>();
  for (const key of keysOf(ledger)) {
    present.add(key);
    const written = ledger.tree.hashOf(key);
    const value = rowValue(ledger, key);
    if (written === null || value === null || !equalBytes(rowHash(key, value), written)) wrong.push(key);
  }
  for (const key of ledger.tree.keys()) if (!present.has(key)) wrong.push(key);
  return wrong;
}
