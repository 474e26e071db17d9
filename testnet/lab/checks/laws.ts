// The laws that ask no more than a log and what its peers have executed: each is a row, and holds in every world.
import type { Executed } from "./books.js";
import { budgetWrongs } from "./budgets.js";
import { type DepositTerms, depositWrongs } from "./deposit.js";
import { type FundsTerms, fundsWrongs } from "./funds.js";
import type { History } from "./history.js";
import { ledWrongs } from "./led.js";
import { lienWrongs } from "./liens.js";
import { nonceWrongs } from "./nonce.js";
import { onceWrongs } from "./once.js";
import { outageWrongs } from "./outage.js";
import { paidWrongs } from "./paid.js";
import type { PayerRates } from "./payers.js";
import { type Room, roomWrongs } from "./room.js";
import { type TradeTerms, tradeMoneyWrongs } from "./trade-money.js";
import { type UnbondTerms, unbondingWrongs } from "./unbonding.js";

export type LawParams = DepositTerms & Room & UnbondTerms & TradeTerms & PayerRates & FundsTerms;

/** @param executed of peers: no further than the history is whole */
type Law = (history: History, params: LawParams, executed: readonly Executed[]) => readonly string[];

export const LAWS = {
  once: onceWrongs,
  led: ledWrongs,
  outage: outageWrongs,
  deposit: (history, params, executed) => executed.flatMap((one) => depositWrongs(history, params, one)),
  room: roomWrongs,
  nonce: (history, _params, executed) => executed.flatMap((one) => nonceWrongs(history, one)),
  paid: paidWrongs,
  unbonding: (history, params, executed) => executed.flatMap((one) => unbondingWrongs(history, params, one)),
  liens: (history, params, executed) => executed.flatMap((one) => lienWrongs(history, params, one)),
  "trade-money": (history, params, executed) =>
    executed.flatMap((one) => tradeMoneyWrongs(history, params, one)),
  budgets: (history, params, executed) =>
    budgetWrongs(
      history,
      params,
      executed.flatMap((one) => [...(one.earlier ?? []), one]),
    ),
  funds: (history, params, executed) => executed.flatMap((one) => fundsWrongs(history, params, one)),
} as const satisfies Readonly<Record<string, Law>>;

export const LAW_NAMES = Object.keys(LAWS) as readonly (keyof typeof LAWS)[];
