// What every verifier agrees to refuse before any arithmetic: wrong lengths, and S ≥ L (a second S for one signature).
import type { Bytes } from "../../src/index.js";

/** The order L of the prime subgroup, most significant byte first. */
const ORDER = Uint8Array.from(
  Buffer.from("1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed", "hex"),
);

/** Whether key and signature have 32 and 64 bytes and S, the signature's little-endian second half, is below L. */
export function wellShaped(publicKey: Bytes, signature: Bytes): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  for (let i = 0; i < 32; i++) {
    const difference = signature[63 - i]! - ORDER[i]!;
    if (difference !== 0) return difference < 0;
  }
  return false;
}
