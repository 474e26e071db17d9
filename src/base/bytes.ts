// Bytes: comparison, joining and hexadecimal, the same on every peer.
import { bytesToHex, concatBytes as concat, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { invariant } from "./invariant.js";

export type Bytes = Uint8Array;
/** 32 bytes: a SHA-256 hash, or an id derived from one. */
export type Hash = Uint8Array;
/** Lower-case hexadecimal: how bytes key a `Map`. */
export type Hex = string;

export const EMPTY: Bytes = new Uint8Array(0);
export const ZERO_HASH: Hash = new Uint8Array(32);

/** Keys of rows, most of what is written so, are of ASCII. */
export function utf8(text: string): Bytes {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return utf8ToBytes(text);
    bytes[i] = code;
  }
  return bytes;
}
export const concatBytes = (...parts: readonly Bytes[]): Bytes => concat(...parts);
export const toHex = (bytes: Bytes): Hex =>
  bytes.length === HASH_BYTES ? hexOfHash(bytes) : bytesToHex(bytes);

const HASH_BYTES = 32;
const DIGITS = Array.from({ length: 16 }, (_, digit) => digit.toString(16).charCodeAt(0));
/** The character codes of the hash that was written last. */
const CODES = Array.from({ length: 2 * HASH_BYTES }, () => 0);

/** Keys of maps and rows are hashes in hex, made by the thousand in an entry: written at once, not joined of 32 parts. */
function hexOfHash(hash: Hash): Hex {
  for (let at = 0; at < HASH_BYTES; at++) {
    const byte = hash[at]!;
    CODES[2 * at] = DIGITS[byte >> 4]!;
    CODES[2 * at + 1] = DIGITS[byte & 15]!;
  }
  return String.fromCharCode(...CODES);
}

/** Bytes of a lower- or upper-case hexadecimal string; null if it is not one. */
export function fromHex(text: string): Bytes | null {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return null;
  return hexToBytes(text);
}

/** Lexicographic order of unsigned bytes; a prefix comes before what it begins. */
export function compareBytes(a: Bytes, b: Bytes): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = a[i]! - b[i]!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

export function equalBytes(a: Bytes, b: Bytes): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** A big-endian unsigned 32-bit integer, as hash input. */
export function u32be(value: number): Bytes {
  invariant(Number.isInteger(value) && value >= 0 && value <= 0xffffffff, `not a u32: ${value}`);
  return Uint8Array.of((value >>> 24) & 0xff, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
}

/** A big-endian unsigned 64-bit integer of a value ≤ 2^53−1, as hash input. */
export function u64be(value: number): Bytes {
  const bytes = new Uint8Array(8);
  let rest = value;
  for (let i = 7; i >= 0; i--) {
    bytes[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return bytes;
}
