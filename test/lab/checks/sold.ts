// A small honest history in which ada bought of seller, and seller is to deliver: the checkers' tests go on from there.
import { expect } from "vitest";
import { type Operation, type OperationBody, tradeIdOf } from "../../../src/market/index.js";
import type { TradeCourse } from "../../../testnet/lab/checks/trade-ends.js";
import { tradesOf } from "../../../testnet/lab/checks/trades.js";
import { historyOf as readHistory, type Testimony } from "../../../testnet/watch/testimony.js";
import { auction, goingOn, historyOf, keyOf, signed } from "../../testnet/history.js";

export const PRICE = 27_100_003n;
/** One and a half times the price, rounded up: of a lien of 75 credits. */
export const LIEN = 40_650_005n;
const STORY = {
  bids: { ada: 31_400_001n, bob: PRICE },
  delivery: { deliverMs: 1_000, settleMs: 500 },
};
export const trade = tradeIdOf(auction, keyOf("seller").publicKey, keyOf("ada").publicKey);
export const says = (name: string, nonce: number, body: OperationBody): Operation =>
  signed(name, nonce, body);
export const deliver = says("seller", 0, { kind: "deliver", trade, hash: trade });
export const accept = says("ada", 1, { kind: "accept", trade });
export const fail = says("seller", 0, { kind: "fail", trade });

/** Sold at 600: to be delivered by 1,600. */
export const log = (...entries: Parameters<typeof goingOn>[1][]): Testimony =>
  goingOn(historyOf(STORY, { winner: "ada", price: PRICE, burned: 0n }), ...entries);

export const at = (timeMs: number, ...ops: Operation[]) => ({ timeMs, ops });

/** What the log makes of the one trade after its last entry. */
export function fateIn(testimony: Testimony): TradeCourse & { readonly misdeeds: readonly string[] } {
  const { courses, misdeeds } = tradesOf(readHistory(testimony), testimony.params, testimony.log.length)!;
  expect(courses).toHaveLength(1);
  return { ...courses[0]!, misdeeds };
}
