// What is said of a trade: delivered, accepted, given up by its parties, disputed, and judged by the seats (spec/trades#operations).
import { amount, type Hash, hash, struct, type TypeOf, union } from "../../base/index.js";
import type { Ledger, Moment } from "../../ledger/index.js";
import type { Signed } from "../subject.js";
import { share } from "./dispute.js";
import { DISPUTE } from "./disputing.js";
import { endTrade } from "./end.js";
import {
  isDelivered,
  isDue,
  isInTime,
  OF_TRADES,
  senderBuys,
  senderPerforms,
  type TradeFact,
  type TradeRefusal,
  tradeExists,
} from "./rules.js";
import type { Trade } from "./trade.js";
import { setState, tradeOf } from "./trades.js";
import { VERDICT } from "./verdict.js";

export const TRADE_OPERATIONS = {
  /** the performer has delivered what has this hash */
  deliver: [10, struct({ trade: [0, hash], hash: [1, hash] })],
  /** the buyer takes what was delivered */
  accept: [11, struct({ trade: [0, hash] })],
  /** the performer gives up before its time is over: the cheapest way to fail */
  fail: [12, struct({ trade: [0, hash] })],
  /** the buyer says that what was delivered is not what was agreed on, and stakes a bond on it */
  dispute: [13, struct({ trade: [0, hash], evidence: [1, hash], bond: [2, amount] })],
  /** a seat says what of the delivery is wrong: a share of it; absent: nothing */
  verdict: [14, struct({ trade: [0, hash], share: [1, share] })],
} as const;

const body = union(TRADE_OPERATIONS);
type TradeBody<K extends keyof typeof TRADE_OPERATIONS> = Extract<TypeOf<typeof body>, { readonly kind: K }>;

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

type TradeForm<K extends keyof typeof TRADE_OPERATIONS> = Signed<TradeBody<K>, TradeRefusal, TradeFact>;

export const TRADE: { readonly [K in keyof typeof TRADE_OPERATIONS]: TradeForm<K> } = {
  deliver: {
    ...OF_TRADES,
    rules: [tradeExists, senderPerforms, isDue, isInTime],
    effect: (ledger, { trade, hash: delivered }, _, at) => [
      { kind: "delivered", trade: markDelivered(ledger, tradeOf(ledger, trade)!, delivered, at) },
    ],
  },
  accept: {
    ...OF_TRADES,
    rules: [tradeExists, senderBuys, isDelivered, isInTime],
    effect: (ledger, { trade }, _, at) => [
      { kind: "tradeEnded", ...endTrade(ledger, tradeOf(ledger, trade)!, { cause: "accepted" }, at) },
    ],
  },
  fail: {
    ...OF_TRADES,
    rules: [tradeExists, senderPerforms, isDue, isInTime],
    effect: (ledger, { trade }, _, at) => [
      { kind: "tradeEnded", ...endTrade(ledger, tradeOf(ledger, trade)!, { cause: "failed" }, at) },
    ],
  },
  dispute: DISPUTE,
  verdict: VERDICT,
};
