// History grows with the network's age: of each kind the oldest goes, as the log of own auctions does, up to a limit.
import { type HistoryName, historyBeginWrite, subjectsIn } from "../src/peer/history/history.js";
import { historyKind, historyPlaces, historyRows, type Write } from "../src/peer/index.js";
import { heightOf } from "./kept-history.js";
import { unlessBroken } from "./store/error.js";
import { prefixRange, type Store } from "./store/store.js";

const ROWS_A_BATCH = 1024;

/**
 * Lets the oldest rows of a kind go until it is within the limit; in the batch in which they go it is told from which height
 * on the kind is whole.
 * @param limit in bytes of the disk
 * @returns how many rows went
 * @throws StoreError
 */
export async function limitHistory(store: Store, name: HistoryName, limit: number): Promise<number> {
  const all = prefixRange(historyKind(name));
  let gone = 0;
  // The disk holds rows in fewer bytes than they have, so that a round lets go of too few rather than of too many.
  for (;;) {
    const excess = (await store.sizeOf(all)) - limit;
    const went = excess <= 0 ? 0 : await letGo(store, name, excess);
    if (went === 0) return gone;
    gone += went;
    // Until then the size would still count what went.
    await store.compact(all);
  }
}

/** The oldest rows go, of as many bytes as these. @returns how many */
async function letGo(store: Store, name: HistoryName, bytes: number): Promise<number> {
  const shelf = historyRows(name);
  let excess = bytes;
  let gone = 0;
  let batch: Write[] = [];
  let last = 0;
  const flush = async () => {
    await store.write([...batch, historyBeginWrite(name, last + 1)]);
    batch = [];
  };
  for await (const key of store.keys(prefixRange(shelf))) {
    if (excess <= 0) break;
    const place = key.slice(shelf.length);
    const value = await store.get(key).catch(unlessBroken);
    const subjects = value instanceof Uint8Array ? subjectsIn(name, value) : [];
    const keys = [key, ...subjects.map((subject) => historyPlaces(name, subject) + place)];
    batch.push(...keys.map((one): Write => ({ kind: "delete", key: one })));
    excess -= keys.reduce((sum, one) => sum + one.length, value instanceof Uint8Array ? value.length : 0);
    last = heightOf(place);
    gone++;
    if (batch.length >= ROWS_A_BATCH) await flush();
  }
  if (gone > 0) await flush();
  return gone;
}
