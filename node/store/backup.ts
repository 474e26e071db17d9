// A backup: a store's rows in one file, with the genesis they belong to (spec/persistence#backup-file).
import { link, open, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type Bytes, encode, equalBytes, type Hash, utf8 } from "../../src/base/index.js";
import { taggedHash } from "../../src/crypto/index.js";
import type { Write } from "../../src/peer/ready.js";
import { counterRow, KEY } from "../../src/quorum/log/rows.js";
import { codeOf, messageOf } from "../accident.js";
import { syncFolder } from "../whole-file.js";
import { BackupError, BackupReading, BackupWriting } from "./backup-file.js";
import type { Reader, Row, Store } from "./store.js";
import type { StoredTip } from "./tip.js";

const MAGIC = 0x6d624b31; // "mbK1"
const HEAD_BYTES = 4 + 32 + 8 + 32 + 4;
const ROW_HEAD_BYTES = 2 + 4;
/** Rows of a restore that are made durable together. */
const BATCH_BYTES = 1024 * 1024;

/** What a backup says of itself. */
export interface BackupHead extends StoredTip {
  readonly genesis: Bytes;
}

export interface Counted {
  readonly rows: number;
  /** of the file */
  readonly bytes: number;
}

/**
 * Writes every row to a new file (mode 0600), whole or not at all. The guard stays behind: it speaks of what was signed last,
 * and the file will be older than that.
 * @throws BackupError BACKUP_EXISTS, BACKUP_UNWRITABLE; StoreError
 */
export async function writeBackup(store: Reader, head: BackupHead, path: string): Promise<Counted> {
  const draft = join(dirname(path), `.${basename(path)}.new`);
  const what = `could not write the backup ${path}`;
  const failed = (error: unknown) =>
    new BackupError(
      "BACKUP_UNWRITABLE",
      what,
      messageOf(error),
      "name a new file in a folder with room that you may write",
      error,
    );
  await rm(draft, { force: true }).catch((error) => {
    throw failed(error);
  });
  const file = await open(draft, "wx", 0o600).catch((error) => {
    throw failed(error);
  });
  try {
    const out = new BackupWriting(file, failed);
    await out.put(headBytes(head));
    let rows = 0;
    for await (const row of store.range({})) {
      await out.put(rowBytes(row));
      rows++;
    }
    await out.put(new Uint8Array(2));
    const bytes = await out.end();
    await file.close();
    await link(draft, path).catch((error) => {
      if (codeOf(error) !== "EEXIST") throw failed(error);
      throw new BackupError(
        "BACKUP_EXISTS",
        what,
        "something of that name is there",
        "name a new file: a backup never replaces another",
      );
    });
    await syncFolder(dirname(path)).catch((error) => {
      throw failed(error);
    });
    return { rows, bytes };
  } finally {
    await file.close().catch(() => undefined);
    await rm(draft, { force: true }).catch(() => undefined);
  }
}

/**
 * Reads a backup into an empty store, in which a seat then is in amnesia: what it signed after the backup is not there.
 * Nothing of the store counts before this has resolved.
 * @param judge refuses what the head says before a row is written, by throwing
 * @throws BackupError BACKUP_UNREADABLE, BACKUP_DAMAGED; StoreError
 */
export async function readBackup(
  path: string,
  open: (head: BackupHead) => Promise<Store>,
  nowMs: number,
): Promise<BackupHead & Counted> {
  const reading = await BackupReading.open(path);
  try {
    const head = await readHead(reading);
    const store = await open(head);
    try {
      let rows = 0;
      let batch: Write[] = [];
      let waiting = 0;
      for await (const { key, value } of rowsOf(reading)) {
        batch.push({ kind: "put", key, value });
        waiting += key.length + value.length;
        rows++;
        if (waiting < BATCH_BYTES) continue;
        await store.write(batch);
        batch = [];
        waiting = 0;
      }
      await reading.mustEnd();
      batch.push({ kind: "put", key: KEY.amnesia, value: encode(counterRow, Math.max(0, nowMs)) });
      await store.write(batch);
      return { ...head, rows, bytes: reading.at };
    } finally {
      await store.close();
    }
  } finally {
    await reading.close();
  }
}

function headBytes({ chain, height, root, genesis }: BackupHead): Bytes {
  const bytes = new Uint8Array(HEAD_BYTES + genesis.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC);
  bytes.set(chain, 4);
  view.setBigUint64(36, BigInt(height));
  bytes.set(root, 44);
  view.setUint32(76, genesis.length);
  bytes.set(genesis, HEAD_BYTES);
  return bytes;
}

async function readHead(reading: BackupReading): Promise<BackupHead> {
  const bytes = await reading.take(HEAD_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEAD_BYTES);
  if (view.getUint32(0) !== MAGIC) throw reading.damaged("it does not begin as a backup does");
  const chain: Hash = bytes.slice(4, 36);
  const height = Number(view.getBigUint64(36));
  if (!Number.isSafeInteger(height)) throw reading.damaged("its height is none");
  const genesis = (await reading.take(view.getUint32(76))).slice();
  if (!equalBytes(taggedHash("genesis", genesis), chain))
    throw reading.damaged("its genesis is not its chain's");
  return { chain, height, root: bytes.slice(44, 76), genesis };
}

function rowBytes({ key, value }: Row): Bytes {
  const bytes = new Uint8Array(ROW_HEAD_BYTES + key.length + value.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, key.length);
  view.setUint32(2, value.length);
  bytes.set(utf8(key), ROW_HEAD_BYTES);
  bytes.set(value, ROW_HEAD_BYTES + key.length);
  return bytes;
}

async function* rowsOf(reading: BackupReading): AsyncIterable<Row> {
  for (;;) {
    const length = view16(await reading.take(2));
    if (length === 0) return;
    const size = view32(await reading.take(4));
    const key = new TextDecoder("latin1").decode(await reading.take(length));
    if (!/^[\x20-\x7e]+$/.test(key)) throw reading.damaged("a key is not printable");
    yield { key, value: (await reading.take(size)).slice() };
  }
}

const view16 = (bytes: Bytes): number => (bytes[0]! << 8) | bytes[1]!;
const view32 = (bytes: Bytes): number => new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
