// What the books hold when they are opened: who has spent what, and what was open when the process ended.
import type { Disk } from "./disk.js";
import type { Running } from "./record.js";
import { DONE, OPEN, PAYERS, payerOf, type RowReader, seqOf } from "./rows.js";
import type { Sums } from "./sums.js";

export interface Found {
  readonly sums: readonly (readonly [who: string, sums: Sums])[];
  /** the sequence number of the next record */
  readonly nextSeq: number;
  /** requests that were cut off */
  readonly open: readonly Running[];
  /** when the gateway was last known to live, by its own clock; 0: it never was */
  readonly aliveMs: number;
}

/** All rows of a kind that is small. */
const ALL = Number.MAX_SAFE_INTEGER;

/** @throws BooksError where any of it cannot be read */
export async function readStart(disk: Disk, reader: RowReader): Promise<Found> {
  const payers = await disk.read({ ...PAYERS, limit: ALL });
  const open = (await disk.read({ ...OPEN, limit: ALL })).map(reader.running);
  const [last] = await disk.read({ ...DONE, limit: 1, reverse: true });
  return {
    sums: payers.map((row) => [payerOf(row[0]), reader.sums(row)] as const),
    nextSeq: last === undefined ? 0 : seqOf(last[0]) + 1,
    open,
    aliveMs: open.reduce(
      (latest, one) => Math.max(latest, one.lastMs),
      last === undefined ? 0 : reader.record(last).endedMs,
    ),
  };
}
