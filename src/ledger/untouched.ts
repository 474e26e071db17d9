// Rows that differ from what was written: an audit for tests and simulations, which reads every row.
import { equalBytes } from "../base/index.js";
import type { Ledger } from "./ledger.js";
import { rowHash } from "./state-tree.js";
import type { RowKey } from "./table.js";

/**
 * Keys of rows whose written value is not the ledger's present one, of rows that were never written, and of written
 * rows that are gone. After `commitRows` there must be none: a restarted peer reads what was written, and its root
 * would differ from a running one's.
 */
export function untouchedRows(ledger: Ledger): readonly RowKey[] {
  const wrong: RowKey[] = [];
  const present = new Set<RowKey>();
  for (const key of ledger.keys()) {
    present.add(key);
    const written = ledger.tree.hashOf(key);
    const value = ledger.valueOf(key)!;
    if (written === null || !equalBytes(rowHash(key, value), written)) wrong.push(key);
  }
  for (const key of ledger.tree.keys()) if (!present.has(key)) wrong.push(key);
  return wrong;
}
