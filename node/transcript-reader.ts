// Reads from a peer's disk what a stranger needs to recompute an auction: its ends at once, the log between them row by row.
import { type Bytes, decode, encode, type Hex } from "../src/index.js";
import { MAX_ROW_BYTES } from "../src/ledger/index.js";
import { auctionRow } from "../src/market/index.js";
import {
  decodeWitness,
  LOG_PREFIX,
  logKey,
  ownWitnessKey,
  type Transcript,
  type TranscriptEntry,
  type Witness,
  witnessKey,
} from "../src/peer/index.js";
import { provenRow } from "../src/peer/proof/witness.js";
import { certificate, header, type LogEntry, logEntry, MAX_FRAME_BYTES } from "../src/quorum/index.js";
import { StoreError } from "./store/error.js";
import { prefixRange, type Range, type Store } from "./store/store.js";

/** How far above the attesting header its certificate may lie: more entries than can wait unfinalised. */
const MAX_UNCERTIFIED = 64;

/** A transcript whose entries are read as they are asked for: a log of weeks is not held in memory. */
export interface TranscriptSource extends Omit<Transcript, "entries"> {
  readonly entryCount: number;
  /** from the disk, in order, each time anew. @throws StoreError STORE_CORRUPT */
  entries(): AsyncIterable<TranscriptEntry>;
}

/** Final entries from a height on, at most `max`, in order. @throws StoreError STORE_CORRUPT */
export async function readLogEntries(store: Store, fromHeight: number, max: number): Promise<LogEntry[]> {
  const entries: LogEntry[] = [];
  for await (const entry of logEntries(store, { gte: logKey(fromHeight), limit: max })) entries.push(entry);
  return entries;
}

/**
 * The newest final entries below a height, at most `max`, the newest first. Those of which memory knows already and
 * the disk does not yet are left out: what is below them is not.
 * @throws StoreError STORE_CORRUPT
 */
export async function readLogBelow(store: Store, height: number, max: number): Promise<LogEntry[]> {
  const entries: LogEntry[] = [];
  const newest = { lt: logKey(height), limit: max, reverse: true };
  for await (const entry of logEntries(store, newest)) entries.push(entry);
  return entries;
}

async function* logEntries(store: Store, part: Range): AsyncIterable<LogEntry> {
  const range = { ...prefixRange(LOG_PREFIX), ...part };
  for await (const { key, value } of store.range(range)) {
    const entry = decode(logEntry, value, MAX_FRAME_BYTES);
    if (!entry.ok) throw corrupt(key, `it is no entry: ${entry.error.code}`);
    yield entry.value;
  }
}

/** The transcript of a settled auction; null while no final header attests its end, or where rows are gone. */
export async function openTranscript(
  store: Store,
  genesis: Bytes,
  auction: Hex,
): Promise<TranscriptSource | null> {
  const row = (await store.get(ownWitnessKey(auction))) ?? (await store.get(witnessKey(auction)));
  if (row === null) return null;
  const witness = decodeWitness(row);
  if (witness === null) throw corrupt(`the witness of ${auction}`, "it is no witness");
  const from = createdAt(witness);
  const ends = await readLogEntries(store, Math.max(from, witness.attestedAt), MAX_UNCERTIFIED + 1);
  const last = ends.find(({ cert }) => cert !== null);
  if (!last?.cert || (await store.get(logKey(from))) === null) return null;
  const entryCount = last.header.height - from + 1;
  return {
    auction,
    genesis,
    entryCount,
    entries: () => entriesFrom(store, from, entryCount),
    certificate: encode(certificate, last.cert),
    proofs: witness.rows.map((one) => encode(provenRow, one)),
  };
}

async function* entriesFrom(store: Store, from: number, count: number): AsyncIterable<TranscriptEntry> {
  let height = from;
  for await (const one of logEntries(store, { gte: logKey(from), limit: count })) {
    if (one.header.height !== height) throw corrupt(logKey(height), "the log has a gap there");
    yield { header: encode(header, one.header), ops: one.ops };
    height++;
  }
  if (height < from + count) throw corrupt(logKey(height), "the log ends before it");
}

/** The transcript as a whole, of an auction that did not last long. */
export async function readTranscript(store: Store, genesis: Bytes, auction: Hex): Promise<Transcript | null> {
  const source = await openTranscript(store, genesis, auction);
  if (source === null) return null;
  const entries: TranscriptEntry[] = [];
  for await (const one of source.entries()) entries.push(one);
  const { certificate: cert, proofs } = source;
  return { auction, genesis, entries, certificate: cert, proofs };
}

const corrupt = (what: string, why: string): StoreError =>
  new StoreError(
    "STORE_CORRUPT",
    `could not read ${what}`,
    why,
    "move the store aside and start again: the peer catches up from the network",
  );

function createdAt(witness: Witness): number {
  const row = decode(auctionRow, witness.rows[0]!.value, MAX_ROW_BYTES);
  return row.ok ? row.value.createdAt : Number.MAX_SAFE_INTEGER;
}
