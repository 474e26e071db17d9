// The seal of a row: a checksum that travels with each value, for LevelDB hands out what a disk has altered.
import { crc32 } from "node:zlib";
import type { Bytes } from "../../src/base/index.js";

const SEAL_BYTES = 4;

/** Bound to the key too: a value under another row's key, or under a key that has turned, is as wrong as a turned bit. */
const checkOf = (key: string, value: Uint8Array): number => crc32(value, crc32(key));

/** The bytes to store for a value under a key of printable ASCII. */
export function sealRow(key: string, value: Bytes): Bytes {
  const sealed = new Uint8Array(value.length + SEAL_BYTES);
  sealed.set(value);
  new DataView(sealed.buffer).setUint32(value.length, checkOf(key, value));
  return sealed;
}

/** The value that was sealed, or null where a bit has turned since: up to 32 neighbouring ones never go unseen. */
export function openRow(key: string, sealed: Uint8Array): Bytes | null {
  const length = sealed.length - SEAL_BYTES;
  if (length < 0) return null;
  const view = new DataView(sealed.buffer, sealed.byteOffset, sealed.length);
  const value = new Uint8Array(sealed.buffer, sealed.byteOffset, length);
  return view.getUint32(length) === checkOf(key, value) ? value : null;
}
