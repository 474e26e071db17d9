// LevelDB's journal, read before LevelDB does: damage amid it is told apart from a write that a crash cut short.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Bytes } from "../../src/base/index.js";
import { codeOf } from "../accident.js";

const BLOCK_BYTES = 32 * 1024;
const HEAD_BYTES = 7; // checksum (4), length (2), kind (1)
/** Kinds of records that begin a batch: a whole one, and the first part of one. */
const WHOLE = 1;
const FIRST = 2;
const LAST = 4;

/**
 * The name of a journal in the folder `rows` in which a batch is damaged that another follows; null where there is none.
 *
 * LevelDB leaves out a batch whose checksum is wrong and reads on, without a word: right for the last one, which a
 * crash may have torn, and a lost vote anywhere before. Every batch was synced before the next was begun, so a batch
 * that another follows was whole once. Damage to the very last batch cannot be told from a torn write.
 */
export async function damagedJournal(rows: string): Promise<string | null> {
  const names = await readdir(rows).catch((error) => {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  });
  for (const name of names.filter((one) => one.endsWith(".log")).sort()) {
    if (isDamaged(new Uint8Array(await readFile(join(rows, name))))) return name;
  }
  return null;
}

/** Whether a record of the journal is wrong and a batch begins behind it. */
export function isDamaged(journal: Bytes): boolean {
  let at = 0;
  while (at < journal.length) {
    const left = BLOCK_BYTES - (at % BLOCK_BYTES);
    if (left < HEAD_BYTES) at += left;
    else if (recordAt(journal, at) !== null) at += HEAD_BYTES + lengthAt(journal, at);
    else return beginsBatch(journal, at + 1);
  }
  return false;
}

/** Whether anywhere from `from` on a batch begins: at any byte, for a damaged head does not tell how long its record is. */
function beginsBatch(journal: Bytes, from: number): boolean {
  for (let at = from; at + HEAD_BYTES <= journal.length; at++) {
    const kind = recordAt(journal, at);
    if (kind === WHOLE || kind === FIRST) return true;
  }
  return false;
}

const lengthAt = (journal: Bytes, at: number): number => journal[at + 4]! | (journal[at + 5]! << 8);

/** The kind of the whole record at `at`, or null. */
function recordAt(journal: Bytes, at: number): number | null {
  const end = at + HEAD_BYTES + lengthAt(journal, at);
  const blockEnd = at - (at % BLOCK_BYTES) + BLOCK_BYTES;
  const kind = journal[at + 6] ?? 0;
  if (end > journal.length || end > blockEnd || kind < WHOLE || kind > LAST) return null;
  const view = new DataView(journal.buffer, journal.byteOffset, journal.length);
  return view.getUint32(at, true) === masked(crc32c(journal.subarray(at + 6, end))) ? kind : null;
}

/** As LevelDB stores a checksum, so that the checksum of bytes with checksums in them is none of their own. */
const masked = (crc: number): number => (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

function crc32c(bytes: Bytes): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
