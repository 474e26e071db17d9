// The tip of a store that nobody runs on: of which chain it is, and how far it has come.
import { type Bytes, decode, type Hash } from "../../src/base/index.js";
import { TIP_KEY } from "../../src/peer/index.js";
import { tipRow } from "../../src/peer/stored-rows.js";
import type { Reader } from "./store.js";

export interface StoredTip {
  readonly chain: Hash;
  readonly height: number;
  readonly root: Hash;
}

/** Null: there is none, or it cannot be read as one. @throws StoreError STORE_CORRUPT for a broken seal */
export const readTip = async (store: Reader): Promise<StoredTip | null> => tipIn(await store.get(TIP_KEY));

/** The tip in a row's bytes; null: it is none. */
export function tipIn(value: Bytes | null): StoredTip | null {
  if (value === null) return null;
  const tip = decode(tipRow, value, 256);
  return tip.ok ? tip.value : null;
}
