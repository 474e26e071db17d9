// After an entry: the rows it changed, and the root of the state they leave.
import { type Bytes, type Hash, sortedKeys } from "../base/index.js";
import type { Ledger } from "./ledger.js";
import type { RowKey } from "./table.js";

/** What an entry changed, and the state's root after it (PROTOCOL §1.8). */
export interface RowChanges {
  /** in the order of keys; null: the row is gone */
  readonly writes: readonly (readonly [key: RowKey, value: Bytes | null])[];
  readonly root: Hash;
  /** the hash that each written row had before; null: it was not there */
  readonly overwritten: ReadonlyMap<RowKey, Hash | null>;
}

/**
 * Encodes the rows touched since the last call, once each, and brings the state tree up to date.
 * Call it once after each executed entry, and once after `createLedger`.
 */
export function commitRows(ledger: Ledger): RowChanges {
  const writes = sortedKeys(ledger.touched).map((key) => [key, ledger.valueOf(key)] as const);
  ledger.touched.clear();
  const overwritten = new Map(writes.map(([key, value]) => [key, ledger.tree.set(key, value)] as const));
  return { writes, root: ledger.tree.root(), overwritten };
}
