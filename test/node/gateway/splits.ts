// Chunks in which bytes may arrive.
import { Buffer } from "node:buffer";
import fc from "fast-check";

export const bytesOf = (text: string): Uint8Array => Buffer.from(text, "utf8");

export const textOf = (chunks: readonly Uint8Array[]): string => Buffer.concat(chunks).toString("utf8");

/** The bytes cut at the given places, which may be the same or out of order. */
export function cutAt(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const sorted = places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b);
  return [...sorted, bytes.length].map((to, i) => bytes.subarray(i === 0 ? 0 : sorted[i - 1], to));
}

/** Few places, many, or all of them. */
export const places = fc.oneof(
  fc.array(fc.nat(100_000), { maxLength: 4 }),
  fc.array(fc.nat(100_000), { minLength: 20, maxLength: 60 }),
);

/** Each way to cut bytes into two, and the one into single bytes. */
export function* everyCut(bytes: Uint8Array): Generator<Uint8Array[]> {
  for (let at = 0; at <= bytes.length; at++) yield [bytes.subarray(0, at), bytes.subarray(at)];
  yield Array.from(bytes, (byte) => Uint8Array.of(byte));
}
