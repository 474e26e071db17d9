// A state that was taken from others becomes the store's: in one batch, so that a crash leaves the old store or the new.
import { decode, fromHex } from "../../src/base/index.js";
import type { Ledger } from "../../src/ledger/index.js";
import { auctionOf, slashesOf } from "../../src/market/index.js";
import { historyBegins } from "../../src/peer/history/history.js";
import {
  KEPT_LOG_KEY,
  LOG_PREFIX,
  logKey,
  OPENING_PREFIX,
  OWN_STRETCH_PREFIX,
  STATE_PREFIX,
  stateKey,
  WITNESS_PREFIX,
  type Write,
} from "../../src/peer/index.js";
import { keptLogFrom, keptLogWrite, readStretch } from "../../src/peer/kept-log.js";
import { UNFINALISED_PREFIX } from "../../src/peer/proof/attested-state.js";
import { entry, KEEP_TERMS, MAX_FRAME_BYTES } from "../../src/quorum/index.js";
import type { FetchedState } from "../net/fetch-state.js";
import { prefixRange, type Store } from "./store.js";

/** Rows that go in one batch. */
const ROWS_A_BATCH = 4096;

/**
 * Own rows, own votes and the guard stay as they are: what was signed is known as before, and an empty store is a loss as
 * before (spec/persistence#P8, #U5). The log that was here goes, but for that of own auctions and of slashes.
 * @param ledger of these rows
 * @param keepsLog the log that was here stays, with a gap above it
 * @throws StoreError
 */
export async function installState(
  store: Store,
  { proof, rows }: FetchedState,
  ledger: Ledger,
  keepsLog: boolean,
): Promise<void> {
  const writes: Write[] = keepsLog ? [] : await withoutOldLog(store, ledger);
  const remove = (key: string) => writes.push({ kind: "delete", key });
  const fresh = new Set(rows.map(({ key }) => stateKey(key)));
  for await (const key of store.keys(prefixRange(STATE_PREFIX))) if (!fresh.has(key)) remove(key);
  for await (const { key, value } of store.range(prefixRange(UNFINALISED_PREFIX))) {
    const kept = decode(entry, value, MAX_FRAME_BYTES);
    if (!kept.ok || kept.value.header.term <= proof.term) remove(key);
  }
  // What belongs to auctions that the ledger has forgotten since: nobody will say of them that they are over.
  for (const prefix of [WITNESS_PREFIX, OPENING_PREFIX]) {
    for await (const key of store.keys(prefixRange(prefix))) {
      const auction = fromHex(key.slice(prefix.length).split("/")[0]!);
      if (auction === null || auctionOf(ledger, auction) === null) remove(key);
    }
  }
  // What the entries did that were never executed here is told nowhere.
  await store.write([...writes, ...proof.writes(rows), ...historyBegins(proof.height + 1)]);
}

/**
 * Lets go of the log that was here, as pruning does: all but its end in batches of their own, for it may be long.
 * @returns the writes for its end, without which the store as it is could not be opened any more
 */
async function withoutOldLog(store: Store, ledger: Ledger): Promise<Write[]> {
  const kept = await store.get(KEPT_LOG_KEY);
  // Below that height only what is kept for good is left, and nothing but this row says so.
  const from = kept === null ? 1 : (keptLogFrom(kept) ?? 1);
  const stays = await keptForGood(store, ledger);
  const keys: string[] = [];
  const range = { ...prefixRange(LOG_PREFIX), gte: logKey(from) };
  for await (const key of store.keys(range)) keys.push(key);
  const end = Math.max(0, keys.length - KEEP_TERMS);
  for (let at = 0; at < end; at += ROWS_A_BATCH) {
    const until = Math.min(end, at + ROWS_A_BATCH);
    const begin = keptLogWrite(heightOf(keys[until]!));
    await store.write([...gone(keys.slice(at, until), stays), begin]);
  }
  return gone(keys.slice(end), stays);
}

const heightOf = (key: string): number => Number(key.slice(LOG_PREFIX.length));

const gone = (keys: readonly string[], stays: (height: number) => boolean): Write[] =>
  keys.filter((key) => !stays(heightOf(key))).map((key) => ({ kind: "delete", key }));

async function keptForGood(store: Store, ledger: Ledger): Promise<(height: number) => boolean> {
  const slashed = new Set(slashesOf(ledger).map(({ height }) => height));
  const stretches: (readonly [number, number])[] = [];
  for await (const { key, value } of store.range(prefixRange(OWN_STRETCH_PREFIX))) {
    const stretch = readStretch(key, value);
    if (stretch !== null) stretches.push(stretch);
  }
  return (height) =>
    slashed.has(height) || stretches.some(([first, last]) => first <= height && height <= last);
}
