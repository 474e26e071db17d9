// Goods for tests: some bytes, cut and named.
import type { Bytes } from "../../src/base/index.js";
import { CHUNK_BYTES, chunkHash, chunksOf, type Manifest, type Part } from "../../src/handover/index.js";

/** A hash-like value that begins with `byte`. */
export const filled = (byte: number, length = 32): Bytes => new Uint8Array(length).fill(byte);

export const NETWORK = { chain: filled(1), market: filled(2) } as const;
export const TRADE = filled(3);

/** `size` bytes that differ from chunk to chunk. */
export function someBytes(size: number): Bytes {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 4093) bytes[at] = (at / 4093) & 255;
  for (let at = 0; at < size; at += CHUNK_BYTES) bytes[at] = at / CHUNK_BYTES + 1;
  return bytes;
}

export const chunkOf = (bytes: Bytes, index: number): Bytes =>
  bytes.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES);

export const manifestOf = (bytes: Bytes, part: Part = "output"): Manifest => ({
  v: 1,
  ...NETWORK,
  trade: TRADE,
  part,
  media: "application/octet-stream",
  size: bytes.length,
  salt: filled(9, 16),
  chunks: Array.from({ length: chunksOf(bytes.length) }, (_, i) => chunkHash(chunkOf(bytes, i))),
});
