// What a store holds, counted: rows and bytes by kind, and the heights of its log.
import {
  HISTORY_PREFIX,
  KEPT_LOG_KEY,
  LOG_PREFIX,
  OPENING_PREFIX,
  OPERATION_PREFIX,
  OWN_HISTORY_PREFIX,
  OWN_STRETCH_PREFIX,
  OWN_WITNESS_PREFIX,
  QUORUM_PREFIX,
  RESERVE_PREFIX,
  STATE_PREFIX,
  TIP_KEY,
  WITNESS_PREFIX,
} from "../../src/peer/index.js";
import type { Reader } from "./store.js";

/** The kinds of rows, by the beginning of their keys. */
const KINDS = [
  HISTORY_PREFIX,
  KEPT_LOG_KEY,
  LOG_PREFIX,
  OWN_HISTORY_PREFIX,
  OPENING_PREFIX,
  OPERATION_PREFIX,
  RESERVE_PREFIX,
  OWN_STRETCH_PREFIX,
  OWN_WITNESS_PREFIX,
  QUORUM_PREFIX,
  STATE_PREFIX,
  TIP_KEY,
  WITNESS_PREFIX,
] as const;
const OTHERS = "others";

export interface KindOfRows {
  /** the beginning of their keys; `others`: of no kind that this program writes */
  readonly kind: string;
  readonly rows: number;
  /** of keys and values */
  readonly bytes: number;
}

export interface StoreStats {
  readonly kinds: readonly KindOfRows[];
  readonly rows: number;
  readonly bytes: number;
  /** the least and the greatest height of the log; null: it is empty */
  readonly heights: { readonly from: number; readonly to: number } | null;
}

/** Counts every row. @throws StoreError, STORE_CORRUPT for a row with a broken seal included */
export async function storeStats(store: Reader): Promise<StoreStats> {
  const counted = new Map<string, { rows: number; bytes: number }>();
  for await (const { key, value } of store.range({})) {
    const kind = kindOf(key);
    const sum = counted.get(kind) ?? { rows: 0, bytes: 0 };
    counted.set(kind, { rows: sum.rows + 1, bytes: sum.bytes + key.length + value.length });
  }
  const kinds = [...counted].map(([kind, sum]) => ({ kind, ...sum }));
  const total = (of: (one: KindOfRows) => number) => kinds.reduce((sum, one) => sum + of(one), 0);
  return {
    kinds,
    rows: total((one) => one.rows),
    bytes: total((one) => one.bytes),
    heights: await heightsOf(store),
  };
}

/** Null: no kind of row begins so. */
export const kindOfRow = (key: string): string | null =>
  KINDS.find((kind) => (kind.endsWith("/") ? key.startsWith(kind) : key === kind)) ?? null;

const kindOf = (key: string): string => kindOfRow(key) ?? OTHERS;

async function heightsOf(store: Reader): Promise<StoreStats["heights"]> {
  const end = { gte: LOG_PREFIX, lt: `${LOG_PREFIX}\x7f`, limit: 1 };
  const height = async (reverse: boolean): Promise<number | null> => {
    for await (const key of store.keys({ ...end, reverse })) return Number(key.slice(LOG_PREFIX.length));
    return null;
  };
  const from = await height(false);
  const to = await height(true);
  return from === null || to === null ? null : { from, to };
}
