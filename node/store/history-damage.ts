// Rows of history that cannot be read and that no log makes again: they go, and it is told from where on nothing is missing.
import {
  HISTORY_NAMES,
  type HistoryName,
  historyBeginOf,
  historyBeginWrite,
  subjectsIn,
} from "../../src/peer/history/history.js";
import {
  decodeMovement,
  decodePastAuction,
  HISTORY_BEGIN,
  historyBeginKey,
  historyKind,
  historyRows,
  OWN_HISTORY_PREFIX,
  ownerOfMovement,
  type Write,
} from "../../src/peer/index.js";
import { unlessBroken } from "./error.js";
import { prefixRange, type Store } from "./store.js";

export interface LetGo {
  /** that could not be read */
  readonly rows: number;
  /** from which height on nothing of each kind is missing now */
  readonly from: { readonly [K in HistoryName]: number };
}

/** From which height on a kind is whole by its row; null: that cannot be read. */
export async function historyBegin(store: Store, name: HistoryName): Promise<number | null> {
  const row = await store.get(historyBeginKey(name)).catch(unlessBroken);
  return row instanceof Uint8Array ? historyBeginOf(row) : null;
}

/**
 * Lets go of every row of history that cannot be read, and of places that lead to none; each kind is whole from above the
 * last of its own, or from above the tip where it cannot be read since when it was. A kind goes in one batch.
 * @param height of the tip
 * @throws StoreError
 */
export async function letGoOfDamage(store: Store, height: number): Promise<LetGo> {
  let rows = 0;
  const from = {} as Record<HistoryName, number>;
  for (const name of HISTORY_NAMES) {
    const gone = await damagedIn(store, name);
    const begin = (await historyBegin(store, name)) ?? height + 1;
    from[name] = Math.max(begin, ...gone.map(([, at]) => at + 1));
    await store.write([...gone.map(([key]) => remove(key)), historyBeginWrite(name, from[name])]);
    rows += gone.length;
  }
  const own: Write[] = [];
  for await (const key of store.keys(prefixRange(OWN_HISTORY_PREFIX))) {
    const value = await store.get(key).catch(unlessBroken);
    if (!(value instanceof Uint8Array) || !isOwnRow(key, value)) own.push(remove(key));
  }
  if (own.length > 0) await store.write(own);
  return { rows: rows + own.length, from };
}

const remove = (key: string): Write => ({ kind: "delete", key });

const isOwnRow = (key: string, value: Uint8Array): boolean =>
  (ownerOfMovement(key) === null ? decodePastAuction(value) : decodeMovement(value)) !== null;

/** Keys that are of no use, each with the height of its place. */
async function damagedIn(store: Store, name: HistoryName): Promise<readonly (readonly [string, number])[]> {
  const found: [string, number][] = [];
  for await (const key of store.keys(prefixRange(historyKind(name)))) {
    if (key.endsWith(HISTORY_BEGIN)) continue;
    const isRow = key.startsWith(historyRows(name));
    const place = isRow ? key.slice(historyRows(name).length) : key.slice(key.lastIndexOf(" ") + 1);
    const value = await store.get(historyRows(name) + place).catch(unlessBroken);
    const isThere = value instanceof Uint8Array && subjectsIn(name, value).length > 0;
    const isWhole = isRow || (await store.get(key).catch(unlessBroken)) instanceof Uint8Array;
    if (!isThere || !isWhole) found.push([key, Number(place.split(".")[0])]);
  }
  return found;
}
