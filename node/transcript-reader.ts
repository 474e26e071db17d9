// Reads from a peer's disk what a stranger needs to recompute an auction.
import { type Bytes, decode, type Hex } from "../src/index.js";
import { MAX_ROW_BYTES } from "../src/ledger/index.js";
import { auctionRow } from "../src/market/index.js";
import {
  assembleTranscript,
  decodeWitness,
  LOG_PREFIX,
  logKey,
  ownWitnessKey,
  type Transcript,
  type Witness,
  witnessKey,
} from "../src/peer/index.js";
import { type LogEntry, logEntry, MAX_FRAME_BYTES } from "../src/quorum/index.js";
import { StoreError } from "./store/error.js";
import { prefixRange, type Store } from "./store/store.js";

/** How far above the attesting header its certificate may lie: more entries than can wait unfinalised. */
const MAX_UNCERTIFIED = 64;

/** Final entries from a height on, at most `max`, in order. @throws StoreError STORE_CORRUPT */
export async function readLogEntries(store: Store, fromHeight: number, max: number): Promise<LogEntry[]> {
  const entries: LogEntry[] = [];
  for await (const { key, value } of store.range({
    ...prefixRange(LOG_PREFIX),
    gte: logKey(fromHeight),
    limit: max,
  })) {
    const entry = decode(logEntry, value, MAX_FRAME_BYTES);
    if (!entry.ok) {
      throw new StoreError(
        "STORE_CORRUPT",
        `could not read ${key}`,
        `it is no entry: ${entry.error.code}`,
        "move the store aside and start again: the peer catches up from the network",
      );
    }
    entries.push(entry.value);
  }
  return entries;
}

/** The transcript of a settled auction; null while no final header attests its end, or where rows are gone. */
export async function readTranscript(store: Store, genesis: Bytes, auction: Hex): Promise<Transcript | null> {
  const row = (await store.get(ownWitnessKey(auction))) ?? (await store.get(witnessKey(auction)));
  if (row === null) return null;
  const witness = decodeWitness(row);
  if (witness === null) {
    throw new StoreError(
      "STORE_CORRUPT",
      `could not read the witness of ${auction}`,
      "it is no witness",
      "move the store aside and start again: the peer catches up from the network",
    );
  }
  const from = createdAt(witness);
  const entries = await readLogEntries(store, from, witness.attestedAt - from + 1 + MAX_UNCERTIFIED);
  if (entries[0]?.header.height !== from) return null;
  return assembleTranscript(auction, genesis, entries, witness);
}

function createdAt(witness: Witness): number {
  const row = decode(auctionRow, witness.rows[0]!.value, MAX_ROW_BYTES);
  return row.ok ? row.value.createdAt : Number.MAX_SAFE_INTEGER;
}
