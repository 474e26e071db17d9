// The turns of an entry, in the order in which they move money: what ends by itself, what settles, what operations do, what is forgotten (spec/money#X1).
import { type Hex, toHex } from "../../../src/base/index.js";
import type { AuctionRecord, LoggedOperation } from "./auctions.js";
import type { History } from "./history.js";
import type { TradeCourse } from "./trade-ends.js";

/** What happens in a log, one after the other. */
export interface Turns {
  ended(trade: TradeCourse): void;
  settled(auction: AuctionRecord): void;
  said(operation: LoggedOperation): void;
  /** all operations of the entry are over */
  expired(): void;
  /** the entry is over */
  over(height: number): void;
  /** its rows are due to go: now, or a few entries later where many are */
  forgotten(auction: AuctionRecord): void;
}

/** @param begins told of each entry before its turns */
export function takeTurns(
  history: History,
  trades: readonly TradeCourse[],
  retainMs: number,
  upTo: number,
  begins: (height: number) => void,
  turns: Turns,
): void {
  const windows = history.windows();
  const ends = grouped(trades, ({ ending }) => ending?.height ?? null);
  const operations = grouped(history.operations(), ({ height }) => height);
  const records = [...history.auctions().values()];
  const settled = grouped(records, ({ course }) => course.ended ?? null);
  const due = dueOf(history, trades, retainMs);
  for (let height = 1; height <= upTo; height++) {
    begins(height);
    const said = operations.get(height) ?? [];
    const deciders = decidersIn(said);
    const ending = ends.get(height) ?? [];
    for (const trade of ending) if (!deciders.has(trade.id)) turns.ended(trade);
    for (const record of byId(settled.get(height) ?? [])) turns.settled(record);
    for (const operation of said) {
      turns.said(operation);
      for (const trade of ending) if (deciders.get(trade.id) === operation) turns.ended(trade);
    }
    turns.expired();
    while (due[0] !== undefined && due[0].dueMs <= windows.timeMs(height))
      turns.forgotten(due.shift()!.record);
    turns.over(height);
  }
}

/** The last thing said of each trade that can end it: what ends in this entry, and not by its deadline, ends with it. */
function decidersIn(said: readonly LoggedOperation[]): ReadonlyMap<Hex, LoggedOperation> {
  const deciders = new Map<Hex, LoggedOperation>();
  for (const one of said) {
    const { body } = one.operation;
    const decides = body.kind === "accept" || body.kind === "fail" || body.kind === "verdict";
    if (decides && !one.isRefused) deciders.set(toHex(body.trade), one);
  }
  return deciders;
}

/** Auctions that are over, with their trades, by when their rows go. */
export function dueOf(
  history: History,
  trades: readonly TradeCourse[],
  retainMs: number,
): { readonly record: AuctionRecord; readonly dueMs: number }[] {
  const windows = history.windows();
  const ends = grouped(trades, ({ auction }) => auction);
  return [...history.auctions()]
    .flatMap(([id, record]) => {
      const heights = [record.course.ended, ...(ends.get(id) ?? []).map(({ ending }) => ending?.height)];
      if (heights.some((height) => height === undefined || height > windows.height)) return [];
      const last = Math.max(...(heights as number[]));
      return [{ record, dueMs: windows.timeMs(last) + retainMs }];
    })
    .sort((a, b) => a.dueMs - b.dueMs);
}

const byId = (records: readonly AuctionRecord[]): readonly AuctionRecord[] =>
  [...records].sort((a, b) => (toHex(a.id) < toHex(b.id) ? -1 : 1));

/** @param keyOf null: in no group */
function grouped<T, K>(all: readonly T[], keyOf: (one: T) => K | null): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    if (key === null) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}
