// One slot of the guard file: a record with its place in the order of writes, and a checksum over both.
import { createHash } from "node:crypto";
import { type Bytes, equalBytes, invariant } from "../../src/base/index.js";

/** A slot is one physical sector, also of disks with 4 KiB sectors: a torn write cannot reach its neighbour. */
export const SLOT_BYTES = 4096;
/** The greatest record; one signed mark is a tenth of it. */
export const MAX_GUARD_RECORD_BYTES = 2048;

const MAGIC = 0x6d624731; // "mbG1"
const HEAD_BYTES = 16; // magic, sequence (8), length (4)
const CHECKSUM_BYTES = 32;
invariant(HEAD_BYTES + MAX_GUARD_RECORD_BYTES + CHECKSUM_BYTES <= SLOT_BYTES, "a record fits its slot");

export interface GuardSlot {
  /** counts the writes of this file from 1; the greater of two slots is the newer */
  readonly sequence: number;
  readonly record: Bytes;
}

const checksumOf = (bytes: Bytes): Bytes => createHash("sha256").update(bytes).digest();

/** The SLOT_BYTES of a slot. @throws InvariantError for a record above MAX_GUARD_RECORD_BYTES */
export function encodeSlot({ sequence, record }: GuardSlot): Bytes {
  invariant(record.length <= MAX_GUARD_RECORD_BYTES, `guard record of ${record.length} bytes`);
  invariant(Number.isSafeInteger(sequence) && sequence >= 1, `guard sequence ${sequence}`);
  const slot = new Uint8Array(SLOT_BYTES);
  const view = new DataView(slot.buffer);
  view.setUint32(0, MAGIC);
  view.setBigUint64(4, BigInt(sequence));
  view.setUint32(12, record.length);
  slot.set(record, HEAD_BYTES);
  const end = HEAD_BYTES + record.length;
  slot.set(checksumOf(slot.subarray(0, end)), end);
  return slot;
}

/** The slot in `bytes`, or null where a write was torn, a bit has turned or nothing was ever written. */
export function decodeSlot(bytes: Bytes): GuardSlot | null {
  if (bytes.length < SLOT_BYTES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, SLOT_BYTES);
  const length = view.getUint32(12);
  if (view.getUint32(0) !== MAGIC || length > MAX_GUARD_RECORD_BYTES) return null;
  const end = HEAD_BYTES + length;
  if (!equalBytes(checksumOf(bytes.subarray(0, end)), bytes.subarray(end, end + CHECKSUM_BYTES))) return null;
  const sequence = Number(view.getBigUint64(4));
  return Number.isSafeInteger(sequence)
    ? { sequence, record: new Uint8Array(bytes.subarray(HEAD_BYTES, end)) }
    : null;
}

/** The two slots of a guard file; a write overwrites the older. */
export interface PlacedSlot {
  readonly slot: 0 | 1;
  readonly content: GuardSlot;
}

/** The newest whole slot of a guard file's bytes, or null. */
export function newestSlot(bytes: Bytes): PlacedSlot | null {
  const first = decodeSlot(bytes.subarray(0, SLOT_BYTES));
  const second = decodeSlot(bytes.subarray(SLOT_BYTES, 2 * SLOT_BYTES));
  if (second !== null && (first === null || second.sequence > first.sequence))
    return { slot: 1, content: second };
  return first === null ? null : { slot: 0, content: first };
}

/** Where the next record goes: beside the newest, so that a torn write leaves that readable. */
export const slotAfter = (newest: PlacedSlot | null, record: Bytes): PlacedSlot => ({
  slot: newest === null || newest.slot === 1 ? 0 : 1,
  content: { sequence: (newest?.content.sequence ?? 0) + 1, record },
});
