// Small-order keys: the points under which one signature fits many messages. No account and no seat may have one.
import { type Bytes, equalBytes, fromHex, invariant } from "../base/index.js";

/**
 * The y-coordinates, little-endian and without the sign of x, of every encoding that ZIP-215 decodes to a point
 * of order 1, 2, 4 or 8. With both signs these are the 14 encodings of the 8 torsion points.
 */
const TORSION_Y: readonly Bytes[] = [
  "0000000000000000000000000000000000000000000000000000000000000000", // 0: order 4
  "0100000000000000000000000000000000000000000000000000000000000000", // 1: the identity
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", // order 8
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", // order 8
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // p − 1: order 2
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // p, a second way to write 0
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // p + 1, a second way to write 1
].map((hex) => {
  const bytes = fromHex(hex);
  invariant(bytes?.length === 32, "a coordinate has 32 bytes");
  return bytes;
});

/**
 * Whether a 32-byte Ed25519 public key, canonically encoded or not, is one of the 8 torsion points.
 * Asked when a key is registered: genesis seats, accounts, new keys (spec/encoding#S2).
 * Keys of another length are not keys and give `false`.
 */
export function isSmallOrder(publicKey: Bytes): boolean {
  if (publicKey.length !== 32) return false;
  const y = Uint8Array.from(publicKey);
  y[31] = y[31]! & 0x7f;
  return TORSION_Y.some((torsion) => equalBytes(torsion, y));
}
