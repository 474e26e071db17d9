// Reads history from a peer's disk, newest first, by places that never change while new rows come.
import { HISTORY, type HistoryName, type HistoryRows, historyBeginOf } from "../src/peer/history/history.js";
import type { Subject } from "../src/peer/history/kind.js";
import { historyBeginKey, historyPlaces, historyRows } from "../src/peer/index.js";
import { Accident } from "./accident.js";
import { StoreError } from "./store/error.js";
import { prefixRange, type Reader } from "./store/store.js";

export interface HistoryQuestion {
  /** what the rows shall concern; null: all of the kind */
  readonly subject: Subject | null;
  /** a place, such as a page before has ended with: older rows are told; null: from the newest */
  readonly before: string | null;
  /** at most so many */
  readonly limit: number;
}

export interface KeptRow<Row> {
  /** `<height>.<place>` */
  readonly place: string;
  readonly row: Row;
}

export interface HistoryPage<Row> {
  /** from the entry of this height on nothing of the kind is missing here */
  readonly from: number;
  readonly rows: readonly KeptRow<Row>[];
}

/** A place that is not there any more is as good a cursor as one that is. @throws Accident HISTORY_DAMAGED; StoreError */
export const readHistory = <K extends HistoryName>(
  store: Reader,
  name: K,
  question: HistoryQuestion,
): Promise<HistoryPage<HistoryRows[K]>> =>
  undamaged(async () => {
    const from = await readBegin(store, name);
    const rows: KeptRow<HistoryRows[K]>[] = [];
    for await (const place of placesOf(store, name, question)) {
      const key = historyRows(name) + place;
      const value = await store.get(key);
      const row = value === null ? null : HISTORY[name].read(value);
      // What was let go of while this was read is not missed: only below `from` nothing says that it was ever there.
      if (row !== null) rows.push({ place, row: row as HistoryRows[K] });
      else if (value !== null || heightOf(place) >= (await readBegin(store, name))) throw damaged(key);
      if (rows.length === question.limit) break;
    }
    return { from, rows };
  });

async function readBegin(store: Reader, name: HistoryName): Promise<number> {
  const key = historyBeginKey(name);
  const row = await store.get(key);
  const height = row === null ? null : historyBeginOf(row);
  if (height === null) throw damaged(key);
  return height;
}

async function* placesOf(
  store: Reader,
  name: HistoryName,
  { subject, before }: HistoryQuestion,
): AsyncIterable<string> {
  const shelf = subject === null ? historyRows(name) : historyPlaces(name, subject);
  const { gte, lt } = prefixRange(shelf);
  const range = { gte, lt: before === null ? lt : shelf + before, reverse: true };
  for await (const key of store.keys(range)) yield key.slice(shelf.length);
}

/** The height of a place. */
export const heightOf = (place: string): number => Number(place.split(".")[0]);

/** The subjects of one sort that begin so, each once, at most `limit`. */
export async function subjectsLike(
  store: Reader,
  name: HistoryName,
  prefix: Subject,
  limit: number,
): Promise<readonly string[]> {
  const shelf = historyPlaces(name, prefix).trimEnd();
  const found = new Set<string>();
  for await (const key of store.keys(prefixRange(shelf))) {
    found.add(key.slice(shelf.length - prefix.length).split(" ")[0]!);
    if (found.size === limit) break;
  }
  return [...found];
}

/** A row of history that cannot be read is made again from the log, and harms nothing else. */
export async function undamaged<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof StoreError && error.code === "STORE_CORRUPT") throw damaged(error.why, error);
    throw error;
  }
}

/** @param what the row's key, or what was found of it */
export const damaged = (what: string, cause?: unknown): Accident =>
  new Accident(
    "HISTORY_DAMAGED",
    "could not read the history",
    what.includes(" ") ? what : `the row ${what} is damaged or missing`,
    "stop the daemon with `mabeam stop`, make the history again from the log with `mabeam db rebuild`, and start it again",
    cause,
  );
