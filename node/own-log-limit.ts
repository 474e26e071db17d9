// The log of own auctions that the ledger has forgotten: kept for their transcripts, up to a limit.
import { LOG_PREFIX, logKey, type Write } from "../src/peer/index.js";
import type { Store } from "./store/store.js";

const ROWS_A_BATCH = 1024;

/**
 * Lets the oldest of what is kept below the height `from` go, until it is within the limit. A peer writes nothing there any
 * more, so it is not asked.
 * @param limit in bytes
 * @param isForGood of a height: the evidence of a slash is in it, which is shown to whoever asks
 * @returns how many rows went
 * @throws StoreError
 */
export async function limitOwnLog(
  store: Store,
  from: number,
  limit: number,
  isForGood: (height: number) => boolean,
): Promise<number> {
  const range = { gte: LOG_PREFIX, lt: logKey(from) };
  let excess = (await store.sizeOf(range)) - limit;
  let gone = 0;
  if (excess <= 0) return gone;
  let batch: Write[] = [];
  for await (const { key, value } of store.range(range)) {
    if (excess <= 0) break;
    if (isForGood(heightOf(key))) continue;
    excess -= key.length + value.length;
    batch.push({ kind: "delete", key });
    gone++;
    if (batch.length < ROWS_A_BATCH) continue;
    await store.write(batch);
    batch = [];
  }
  if (gone === 0) return gone;
  await store.write(batch);
  // Until then the size would still count what went, and more would go next time.
  await store.compact(range);
  return gone;
}

const heightOf = (key: string): number => Number(key.slice(LOG_PREFIX.length));
