// A kind of history: what of an executed entry is kept, as which bytes, and what it is asked for by.
import { type Bytes, type Codec, decode, encode } from "../../base/index.js";
import type { Ledger } from "../../ledger/index.js";
import type { EntryOutcome } from "../../market/index.js";
import type { Header } from "../../quorum/index.js";

/** An entry that was executed, and the ledger after it. */
export interface Executed {
  readonly header: Pick<Header, "height" | "timeMs">;
  readonly outcome: EntryOutcome;
  readonly ledger: Ledger;
}

/** What rows are asked for by: `capability/gpu.a100`, `agent/<hex>`. Printable ASCII without blanks. */
export type Subject = `${"agent" | "capability" | "id"}/${string}`;

/** A row's bytes, and what it concerns. */
export interface HistoryRow {
  readonly value: Bytes;
  readonly subjects: readonly Subject[];
}

export interface HistoryKind<Row> {
  /** Of one entry, in the order in which things happened. */
  rowsOf(executed: Executed): readonly HistoryRow[];
  /** Null: these bytes are no row of this kind. */
  read(value: Bytes): Row | null;
  subjectsOf(row: Row): readonly Subject[];
}

/** A row of history is far smaller. */
const MAX_HISTORY_ROW_BYTES = 4096;

/**
 * @param told what of an entry is kept: of its outcome, and of rows that the ledger still has after it
 * @param subjectsOf what a row is asked for by, each once
 */
export const historyKind = <Row>(
  codec: Codec<Row>,
  told: (executed: Executed) => readonly Row[],
  subjectsOf: (row: Row) => readonly Subject[],
): HistoryKind<Row> => ({
  rowsOf: (executed) =>
    told(executed).map((row) => ({ value: encode(codec, row), subjects: subjectsOf(row) })),
  read: (value) => {
    const row = decode(codec, value, MAX_HISTORY_ROW_BYTES);
    return row.ok ? row.value : null;
  },
  subjectsOf,
});
