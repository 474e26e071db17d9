// The key of an operation: how entries, mempool and voter name its bytes.
import { type Bytes, type Hex, toHex } from "../base/index.js";
import { leafHash } from "../crypto/index.js";

/** Of the very bytes, which nobody changes: each is asked for several times. */
const KEYS = new WeakMap<Bytes, Hex>();

/** Hex of the leaf hash. */
export function operationKeyOf(bytes: Bytes): Hex {
  const known = KEYS.get(bytes);
  if (known !== undefined) return known;
  const key = toHex(leafHash(bytes));
  KEYS.set(bytes, key);
  return key;
}
