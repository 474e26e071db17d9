// What the operations on trades ask of a trade, and what they share (spec/trades#operations).
import { equalBytes, type Hash } from "../../base/index.js";
import { type Authority, type DrawFault, type Rejection, reject } from "../../ledger/index.js";
import { AT_ONCE, type Rule } from "../subject.js";
import { isOverdue } from "./deadlines.js";
import type { Opinion } from "./decision.js";
import { deadlineMs, type StateKind, type Trade, type TradeEnd } from "./trade.js";
import { tradeOf } from "./trades.js";

export type TradeRefusal =
  | "TRADE_UNKNOWN"
  | "NOT_THE_PERFORMER"
  | "NOT_THE_BUYER"
  | "NOT_A_JUROR"
  | "JUROR_IS_PARTY"
  | "TRADE_ENDED"
  | "TRADE_NOT_DUE"
  | "TRADE_NOT_DELIVERED"
  | "TRADE_NOT_DISPUTED"
  | "TRADE_DEADLINE_PASSED"
  | "NO_JURY"
  | "DISPUTE_BOND_TOO_SMALL"
  | "VERDICT_REPEATED"
  | "TOO_MANY_LOCKS"
  | DrawFault;

export type TradeFact =
  | { readonly kind: "delivered"; readonly trade: Trade }
  | { readonly kind: "disputed"; readonly trade: Trade }
  /** a juror's vote; where it decides, `tradeEnded` follows */
  | { readonly kind: "judged"; readonly trade: Trade; readonly seat: number; readonly share: Opinion }
  | ({ readonly kind: "tradeEnded" } & TradeEnd);

/** A rule of an operation on a trade. All but the first may take it that the trade exists. */
export type TradeRule<Body = unknown> = Rule<Body & { readonly trade: Hash }, Authority, TradeRefusal>;

export const tradeExists: TradeRule = (ledger, { trade }) =>
  tradeOf(ledger, trade) === null ? reject("TRADE_UNKNOWN") : null;

export const senderPerforms: TradeRule = (ledger, { trade }, by) =>
  equalBytes(tradeOf(ledger, trade)!.performer, by.from) ? null : reject("NOT_THE_PERFORMER");

export const senderBuys: TradeRule = (ledger, { trade }, by) =>
  equalBytes(tradeOf(ledger, trade)!.buyer, by.from) ? null : reject("NOT_THE_BUYER");

const waitsFor =
  (kind: Exclude<StateKind, "ended">, code: TradeRefusal): TradeRule =>
  (ledger, { trade: id }) => {
    const { state } = tradeOf(ledger, id)!;
    if (state.kind === "ended") return reject("TRADE_ENDED", { cause: state.cause, endedMs: state.endedMs });
    return state.kind === kind ? null : reject(code, { state: state.kind });
  };

export const isDue = waitsFor("due", "TRADE_NOT_DUE");
export const isDelivered = waitsFor("delivered", "TRADE_NOT_DELIVERED");
export const isDisputed = waitsFor("disputed", "TRADE_NOT_DISPUTED");

/** The log may not have come to it yet: what is overdue is as good as ended. */
export const isInTime: TradeRule = (ledger, { trade: id }, _, at): Rejection<TradeRefusal> | null => {
  const trade = tradeOf(ledger, id)!;
  if (!isOverdue(ledger, trade, at)) return null;
  return reject("TRADE_DEADLINE_PASSED", {
    deadlineMs: deadlineMs(trade, ledger.clock),
    includedMs: at.timeMs,
  });
};

/** Of all: they take nothing but their fee where they do not say so, and an auction's transcript ends before them. */
export const OF_TRADES = {
  by: "sender",
  lane: "critical",
  ...AT_ONCE,
  takes: () => 0n,
  about: () => null,
} as const;
