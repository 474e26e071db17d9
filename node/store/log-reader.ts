// Serves the log to peers that catch up, from the rows that finalised entries left on disk.
import { decode } from "../../src/base/index.js";
import { LOG_PREFIX, logKey } from "../../src/peer/keyspace.js";
import { logEntry, MAX_CATCH_UP_ENTRIES } from "../../src/quorum/index.js";
import { StoreError } from "./error.js";
import { LogPage, type LogPageMessage } from "./log-page.js";
import { prefixRange, type Store } from "./store.js";

/** The greatest row of the log: an entry with the longest justification is far below it. */
const MAX_ROW_BYTES = 64 * 1024 * 1024;

/**
 * The answer to `getLog`: the entries from `fromHeight` on, as a page that a certificate proves.
 * @param fromHeight from 1; a height that this peer has not yet, or no more, yields a page without entries
 * @param max entries at most, from 1; more than MAX_CATCH_UP_ENTRIES are never given
 * @throws StoreError STORE_CORRUPT for a row that is no log entry, or a gap between heights
 */
export async function readLogPage(store: Store, fromHeight: number, max: number): Promise<LogPageMessage> {
  const page = new LogPage(Math.min(max, MAX_CATCH_UP_ENTRIES));
  const range = { ...prefixRange(LOG_PREFIX), gte: logKey(fromHeight) };
  let height = fromHeight;
  for await (const { key, value } of store.range(range)) {
    if (key !== logKey(height)) {
      if (height === fromHeight) break;
      throw corrupt(key, `the log has a gap before ${key}`);
    }
    const entry = decode(logEntry, value, MAX_ROW_BYTES);
    if (!entry.ok) throw corrupt(key, `the row ${key} is no entry: ${entry.error.code}`);
    height++;
    if (!page.take(entry.value, value.length)) break;
  }
  return page.message();
}

const corrupt = (key: string, why: string): StoreError =>
  new StoreError(
    "STORE_CORRUPT",
    `could not serve the log at ${key}`,
    why,
    "move the store aside and start again: the peer catches up from the network",
  );
