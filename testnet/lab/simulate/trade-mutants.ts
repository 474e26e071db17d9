// Broken rules of trades: their time, their money, the stake behind them, and who may say what.
import { ACCOUNTS, type AgentId, type Ledger, lienAmount, lowerLien } from "../../../src/ledger/index.js";
import { OPERATION_RULES, TRADE_RULES, TRADES, type Trade, tradeOf } from "../../../src/market/index.js";
import type { Conduct } from "../../../src/peer/conduct.js";
import { acts, forgives, type Mutant } from "./mutant.js";

/** Something happens just before an operation is applied to its trade. */
const onTrade = (
  kind: "deliver" | "accept",
  happens: (ledger: Ledger, trade: Trade) => void,
): Partial<Conduct> => ({
  operations: {
    ...OPERATION_RULES,
    articleFault(ledger, op, at) {
      const fault = OPERATION_RULES.articleFault(ledger, op, at);
      if (fault === null && op.body.kind === kind) happens(ledger, tradeOf(ledger, op.body.trade)!);
      return fault;
    },
  },
});

export const TRADE_MUTANTS = {
  "trade-ends-at-once": acts(
    "a trade's time is over as soon as it runs (spec/trades#deadlines)",
    "trade-money",
    {
      trades: { ...TRADE_RULES, isOver: () => true },
    },
  ),
  // Entries are made for what is overdue, and do not end it.
  "trade-never-ends": acts("a trade waits for its parties for ever (spec/trades#deadlines)", "pace", {
    trades: { ...TRADE_RULES, isOver: () => false },
  }),
  "outage-eats-a-delivery": acts(
    "the time for a delivery runs on while no entry is made (spec/trades#deadlines)",
    "trade-money",
    { trades: { ...TRADE_RULES, nowMs: (_clock, timeMs) => timeMs } },
  ),
  "price-paid-twice": acts(
    "a buyer who accepts pays what is locked, and as much again (spec/trades#money)",
    "funds",
    onTrade("accept", (ledger, { buyer, performer, price }) => pay(ledger, buyer, performer, price)),
  ),
  "price-to-the-wrong-party": acts(
    "the price of what was accepted goes back to its buyer (spec/trades#money)",
    "funds",
    onTrade("accept", (ledger, { buyer, performer, price }) => pay(ledger, performer, buyer, price)),
  ),
  "lien-ends-with-the-delivery": acts(
    "stake answers for a trade until something is delivered, and not to its end (spec/trades#liens)",
    "liens",
    onTrade("deliver", (ledger, { id, auction, performer, lien }) => {
      const account = ledger.accountOf(performer)!;
      lowerLien(ledger, account, auction, lienAmount(account, auction) - lien);
      ledger.change(TRADES, id, (trade) => {
        trade.lien = 0n;
      });
    }),
  ),
  "delivered-by-anybody": acts(
    "anybody may deliver (spec/trades#operations)",
    "trade-money",
    forgives("NOT_THE_PERFORMER"),
  ),
  "accepted-by-its-performer": acts(
    "a performer may accept its own delivery (spec/trades#operations)",
    "trade-money",
    forgives("NOT_THE_BUYER"),
  ),
  "given-up-after-delivery": acts(
    "a performer may give up what it has delivered (spec/trades#operations)",
    "trade-money",
    forgives("TRADE_NOT_DUE"),
  ),
} as const satisfies Record<string, Mutant>;

export function pay(ledger: Ledger, from: AgentId, to: AgentId, amount: bigint): void {
  ledger.change(ACCOUNTS, from, (one) => {
    one.free -= amount;
  });
  ledger.change(ACCOUNTS, to, (one) => {
    one.free += amount;
  });
}
