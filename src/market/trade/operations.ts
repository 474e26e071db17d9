// What the parties of a trade say of it: delivered, accepted, given up (spec/trades#operations).
import { equalBytes, type Hash, hash, struct, type TypeOf, union } from "../../base/index.js";
import { type Authority, type Ledger, type Moment, type Rejection, reject } from "../../ledger/index.js";
import { AT_ONCE, type Rule, type Signed } from "../subject.js";
import { isOverdue } from "./deadlines.js";
import { endTrade } from "./end.js";
import { deadlineMs, type EndedTrade, type StateKind, type Trade, type TradeId } from "./trade.js";
import { setState, tradeOf } from "./trades.js";

export const TRADE_OPERATIONS = {
  /** the performer has delivered what has this hash */
  deliver: [10, struct({ trade: [0, hash], hash: [1, hash] })],
  /** the buyer takes what was delivered */
  accept: [11, struct({ trade: [0, hash] })],
  /** the performer gives up before its time is over: the cheapest way to fail */
  fail: [12, struct({ trade: [0, hash] })],
} as const;

export type TradeRefusal =
  | "TRADE_UNKNOWN"
  | "NOT_THE_PERFORMER"
  | "NOT_THE_BUYER"
  | "TRADE_ENDED"
  | "TRADE_NOT_DUE"
  | "TRADE_NOT_DELIVERED"
  | "TRADE_DEADLINE_PASSED";

export type TradeFact =
  | { readonly kind: "delivered"; readonly trade: Trade }
  | { readonly kind: "tradeEnded"; readonly trade: EndedTrade };

const body = union(TRADE_OPERATIONS);
type TradeBody<K extends keyof typeof TRADE_OPERATIONS> = Extract<TypeOf<typeof body>, { readonly kind: K }>;
type AboutTrade = { readonly trade: TradeId };
type TradeRule = Rule<AboutTrade, Authority, TradeRefusal>;

const tradeExists: TradeRule = (ledger, { trade }) =>
  tradeOf(ledger, trade) === null ? reject("TRADE_UNKNOWN") : null;

const senderPerforms: TradeRule = (ledger, { trade }, by) =>
  equalBytes(tradeOf(ledger, trade)!.performer, by.from) ? null : reject("NOT_THE_PERFORMER");

const senderBuys: TradeRule = (ledger, { trade }, by) =>
  equalBytes(tradeOf(ledger, trade)!.buyer, by.from) ? null : reject("NOT_THE_BUYER");

/** A state has one way on, in its time. */
const waitsFor =
  (kind: Exclude<StateKind, "ended">, code: TradeRefusal): TradeRule =>
  (ledger, { trade: id }) => {
    const { state } = tradeOf(ledger, id)!;
    if (state.kind === "ended") return reject("TRADE_ENDED", { cause: state.cause, endedMs: state.endedMs });
    return state.kind === kind ? null : reject(code, { state: state.kind });
  };

/** The log may not have come to it yet: what is overdue is as good as ended. */
const isInTime: TradeRule = (ledger, { trade: id }, _, at): Rejection<TradeRefusal> | null => {
  const trade = tradeOf(ledger, id)!;
  if (!isOverdue(ledger, trade, at)) return null;
  return reject("TRADE_DEADLINE_PASSED", {
    deadlineMs: deadlineMs(trade, ledger.clock),
    includedMs: at.timeMs,
  });
};

const IS_DUE = waitsFor("due", "TRADE_NOT_DUE");
const IS_DELIVERED = waitsFor("delivered", "TRADE_NOT_DELIVERED");

function markDelivered(
  ledger: Ledger,
  trade: Trade,
  delivered: Hash,
  { timeMs }: Pick<Moment, "timeMs">,
): Trade {
  const acceptByMs = timeMs + trade.settleMs;
  const state = { kind: "delivered", hash: delivered, deliveredMs: timeMs, acceptByMs } as const;
  return setState(ledger, trade.id, { state, outagesMs: ledger.clock.outagesMs });
}

/** Of all: they take nothing but their fee, and an auction's transcript ends before them. */
const OF_TRADES = {
  by: "sender",
  lane: "critical",
  ...AT_ONCE,
  takes: () => 0n,
  about: () => null,
} as const;

type TradeForm<K extends keyof typeof TRADE_OPERATIONS> = Signed<TradeBody<K>, TradeRefusal, TradeFact>;

export const TRADE: { readonly [K in keyof typeof TRADE_OPERATIONS]: TradeForm<K> } = {
  deliver: {
    ...OF_TRADES,
    rules: [tradeExists, senderPerforms, IS_DUE, isInTime],
    effect: (ledger, { trade, hash: delivered }, _, at) => [
      { kind: "delivered", trade: markDelivered(ledger, tradeOf(ledger, trade)!, delivered, at) },
    ],
  },
  accept: {
    ...OF_TRADES,
    rules: [tradeExists, senderBuys, IS_DELIVERED, isInTime],
    effect: (ledger, { trade }, _, at) => [
      { kind: "tradeEnded", trade: endTrade(ledger, tradeOf(ledger, trade)!, "accepted", at) },
    ],
  },
  fail: {
    ...OF_TRADES,
    rules: [tradeExists, senderPerforms, IS_DUE, isInTime],
    effect: (ledger, { trade }, _, at) => [
      { kind: "tradeEnded", trade: endTrade(ledger, tradeOf(ledger, trade)!, "failed", at) },
    ],
  },
};
