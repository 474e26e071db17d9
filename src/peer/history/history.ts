// History: what executed entries did that the ledger forgets, by kind, written with the entry that did it (spec/persistence#H1).
import { type Bytes, decode, encode, uint } from "../../base/index.js";
import type { Effects } from "../effects.js";
import { historyBeginKey, historyPlaces, historyRows, placeOf } from "../keyspace.js";
import type { Write } from "../ready.js";
import type { Executed, HistoryKind, Subject } from "./kind.js";
import { type KeptPrice, PRICES } from "./price.js";
import { KEPT_SLASHES, type KeptSlash } from "./slash.js";
import { KEPT_TRADES, type KeptTrade } from "./trade.js";
import { KEPT_USAGES, type KeptUsage } from "./usage.js";

/** What each kind's rows tell. */
export interface HistoryRows {
  price: KeptPrice;
  slash: KeptSlash;
  trade: KeptTrade;
  usage: KeptUsage;
}
export type HistoryName = keyof HistoryRows;

/** Every kind of history: one more is one more row. */
export const HISTORY: { readonly [K in HistoryName]: HistoryKind<HistoryRows[K]> } = {
  price: PRICES,
  slash: KEPT_SLASHES,
  trade: KEPT_TRADES,
  usage: KEPT_USAGES,
};

export const HISTORY_NAMES = Object.keys(HISTORY) as readonly HistoryName[];

const NOTHING = new Uint8Array();

/** Keeps what an executed entry did. The same entry after the same log gives the same rows, at every peer. */
export function keepHistory(executed: Executed, effects: Pick<Effects, "put">): void {
  for (const name of HISTORY_NAMES) {
    for (const [i, { value, subjects }] of HISTORY[name].rowsOf(executed).entries()) {
      const place = placeOf(executed.header.height, i);
      effects.put(historyRows(name) + place, value);
      for (const subject of subjects) effects.put(historyPlaces(name, subject) + place, NOTHING);
    }
  }
}

/** What a row's bytes are asked for by; none: they are no row of this kind. */
export function subjectsIn<K extends HistoryName>(name: K, value: Bytes): readonly Subject[] {
  const kind = HISTORY[name];
  const row = kind.read(value);
  return row === null ? [] : kind.subjectsOf(row);
}

const beginRow = uint(undefined, 1);

/** From the entry of this height on nothing of a kind is missing. */
export const historyBeginWrite = (name: HistoryName, height: number): Write => ({
  kind: "put",
  key: historyBeginKey(name),
  value: encode(beginRow, height),
});

/** Of every kind. */
export const historyBegins = (height: number): readonly Write[] =>
  HISTORY_NAMES.map((name) => historyBeginWrite(name, height));

/** The height in such a row; null: it is none. */
export function historyBeginOf(value: Bytes): number | null {
  const height = decode(beginRow, value, 16);
  return height.ok ? height.value : null;
}
