// The subjects together: every kind of operation with its form, every kind of row, every refusal. Composition, nothing else.
import { type TypeOf, union } from "../base/index.js";
import {
  ACCOUNTS,
  BUDGETS,
  CLOCK,
  type FaceFault,
  OUTLAYS,
  type SenderFault,
  type SingleForm,
  type TableForm,
  TOTALS,
} from "../ledger/index.js";
import { AUCTIONS, COMMITS } from "./auction/auctions.js";
import { CANCEL } from "./auction/cancel.js";
import { CREATE_AUCTION } from "./auction/create.js";
import type { AuctionFact, AuctionRefusal } from "./auction/rules.js";
import { COMMIT } from "./auction/sealed/commit.js";
import { OPEN_RESERVE } from "./auction/sealed/reserve.js";
import { REVEAL } from "./auction/sealed/reveal.js";
import { AUCTION_OPERATIONS } from "./auction/terms.js";
import { JUSTICE, JUSTICE_OPERATIONS, type JusticeFact, type JusticeRefusal } from "./justice/evidence.js";
import { SLASHES } from "./justice/slashing.js";
import { LEASES } from "./lease/leases.js";
import { LEASE, LEASE_OPERATIONS } from "./lease/operations.js";
import type { LeaseFact, LeaseRefusal } from "./lease/rules.js";
import { BUDGET, BUDGET_OPERATIONS, type BudgetFact, type BudgetRefusal } from "./money/budgets.js";
import { GRANTERS, MONEY, MONEY_OPERATIONS, type MoneyFact, type MoneyRefusal } from "./money/money.js";
import { STAKE, STAKE_OPERATIONS, type StakeFact, type StakeRefusal } from "./money/stake.js";
import { CONGESTION } from "./packing/congestion.js";
import { STANDINGS } from "./standing/standing.js";
import type { Form } from "./subject.js";
import { TRADE, TRADE_OPERATIONS } from "./trade/operations.js";
import type { TradeFact, TradeRefusal } from "./trade/rules.js";
import { TALLIES, TRADES } from "./trade/trades.js";

export const operationBody = union({
  ...MONEY_OPERATIONS,
  ...AUCTION_OPERATIONS,
  ...JUSTICE_OPERATIONS,
  ...STAKE_OPERATIONS,
  ...TRADE_OPERATIONS,
  ...BUDGET_OPERATIONS,
  ...LEASE_OPERATIONS,
});
export type OperationBody = TypeOf<typeof operationBody>;
export type OperationKind = OperationBody["kind"];
export type BodyOf<K extends OperationKind> = Extract<OperationBody, { readonly kind: K }>;

/** Why an operation was not applied. */
export type RejectionCode =
  | FaceFault
  | SenderFault
  | MoneyRefusal
  | StakeRefusal
  | BudgetRefusal
  | AuctionRefusal
  | TradeRefusal
  | LeaseRefusal
  | JusticeRefusal;

/** What an operation that was applied tells those who listen. */
export type Fact = MoneyFact | StakeFact | BudgetFact | AuctionFact | TradeFact | LeaseFact | JusticeFact;

/** Closed by its type: a new kind of operation does not compile before it has its form. */
export const RULEBOOK: { readonly [K in OperationKind]: Form<BodyOf<K>, RejectionCode, Fact> } = {
  ...MONEY,
  ...STAKE,
  ...BUDGET,
  createAuction: CREATE_AUCTION,
  cancel: CANCEL,
  commit: COMMIT,
  reveal: REVEAL,
  openReserve: OPEN_RESERVE,
  ...TRADE,
  ...LEASE,
  ...JUSTICE,
};

export const TABLES: readonly TableForm<unknown>[] = [
  ACCOUNTS,
  BUDGETS,
  OUTLAYS,
  GRANTERS,
  AUCTIONS,
  COMMITS,
  TRADES,
  TALLIES,
  LEASES,
  SLASHES,
  STANDINGS,
];
export const SINGLES: readonly SingleForm<unknown>[] = [TOTALS, CONGESTION, CLOCK];
/** All kinds of rows. */
export const STATE_FORMS: readonly TableForm<unknown>[] = [...TABLES, ...SINGLES];
