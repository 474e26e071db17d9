// The rows of the books: JSON under a version and a seal, read by schema.
import { z } from "zod";
import { utf8 } from "../../../src/base/index.js";
import { messageOf } from "../../accident.js";
import { openRow, sealRow } from "../../store/row-seal.js";
import type { Row } from "./disk.js";
import { damaged, newer } from "./error.js";
import type { Record, Running } from "./record.js";
import { MOST_WINDOWS, type Sums } from "./sums.js";

const VERSION = 1;
const SEQ_DIGITS = 12;

/** A request that runs. */
export const openKey = (id: string): string => `open/${id}`;
/** A record, in the order in which requests ended. */
export const doneKey = (seq: number): string => `done/${String(seq).padStart(SEQ_DIGITS, "0")}`;
/** Where a request's record is. */
export const placeKey = (id: string): string => `id/${id}`;
/** What somebody has spent. */
export const payerKey = (who: string): string => `payer/${who}`;

export const OPEN = { gte: "open/", lt: "open0" } as const;
export const DONE = { gte: "done/", lt: "done0" } as const;
export const PAYERS = { gte: "payer/", lt: "payer0" } as const;
export const placesOf = (idPrefix: string) => ({ gte: placeKey(idPrefix), lt: `${placeKey(idPrefix)}\x7f` });

export const seqOf = (doneKey: string): number => Number(doneKey.slice(DONE.gte.length));
export const payerOf = (key: string): string => key.slice(PAYERS.gte.length);

const count = z.int().min(0);
const name = z.string().min(1).max(512);
const use = z.object({ inputTokens: count, outputTokens: count });
const asked = {
  id: z.string().min(1).max(100),
  payers: z.array(name).min(1).max(32),
  flow: name,
  weight: z.int().min(1),
  band: z.enum(["interactive", "normal", "batch"]),
  model: z.string().nullable(),
  estimate: use,
  waitedMs: count,
  atMs: count,
};
const runningRow = z.object({
  ...asked,
  cost: count,
  floor: z.object({ used: use, cost: count }),
  lastMs: count,
});
const recordRow = z.object({
  ...asked,
  reserved: count,
  used: use.nullable(),
  cost: count,
  end: z.enum(["answered", "failed", "left", "cut"]),
  endedMs: count,
});
const sum = z.array(z.object({ startMs: count, cost: count })).max(MOST_WINDOWS);
const sumsRow = z.object({ lastMs: count, all: count, day: sum, week: sum, month: sum });
const placeRow = z.object({ seq: count });

export const runningBytes = (running: Running): Uint8Array => sealed(openKey(running.id), running);
export const recordBytes = (seq: number, record: Record): Uint8Array => sealed(doneKey(seq), record);
export const sumsBytes = (who: string, sums: Sums): Uint8Array => sealed(payerKey(who), sums);
export const placeBytes = (id: string, seq: number): Uint8Array => sealed(placeKey(id), { seq });

const sealed = (key: string, content: object): Uint8Array =>
  sealRow(key, utf8(JSON.stringify({ v: VERSION, ...content })));

/** Reads rows of one folder. @throws BooksError BOOKS_DAMAGED, BOOKS_NEWER */
export class RowReader {
  constructor(private readonly folder: string) {}

  running = (row: Row): Running => this.parse(row, runningRow);
  record = (row: Row): Record => this.parse(row, recordRow);
  sums = (row: Row): Sums => this.parse(row, sumsRow);
  place = (row: Row): number => this.parse(row, placeRow).seq;

  private parse<T>([key, bytes]: Row, schema: z.ZodType<T>): T {
    const opened = openRow(key, bytes);
    if (opened === null) throw damaged(this.folder, `the row ${key} is damaged`);
    const content = this.json(key, opened);
    const { v } = content;
    if (typeof v === "number" && v > VERSION) throw newer(this.folder, v);
    const read = schema.safeParse(content);
    if (v === VERSION && read.success) return read.data;
    const why = read.success ? "it has no version" : z.prettifyError(read.error).replaceAll(/\s+/g, " ");
    throw damaged(this.folder, `the row ${key} is not one of ours: ${why}`);
  }

  private json(key: string, bytes: Uint8Array): { readonly v?: unknown } {
    try {
      return Object(JSON.parse(new TextDecoder().decode(bytes)));
    } catch (error) {
      throw damaged(this.folder, `the row ${key} is no JSON: ${messageOf(error)}`, error);
    }
  }
}
