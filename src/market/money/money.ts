// Money between agents: transfers, and grants by those whom genesis allows to mint.
import { amount, type Hash, struct } from "../../base/index.js";
import { isSmallOrder } from "../../crypto/index.js";
import {
  ACCOUNTS,
  type AgentId,
  type Authority,
  agentId,
  credit,
  debit,
  fundsAreFree,
  ID_PART,
  mint,
  newAccount,
  plainTable,
  type Rejection,
  reject,
} from "../../ledger/index.js";
import { AT_ONCE, type Rule, type Signed } from "../subject.js";

const payment = struct({ to: [0, agentId], amount: [1, amount] });
type Payment = { readonly to: AgentId; readonly amount: bigint };

export const MONEY_OPERATIONS = {
  transfer: [0, payment],
  /** a granter named in genesis mints within its allowance: the testnet's faucet */
  grant: [1, payment],
} as const;

export type MoneyRefusal =
  | "AMOUNT_ZERO"
  | "RECIPIENT_UNKNOWN"
  | "RECIPIENT_KEY_UNSOUND"
  | "NOT_A_GRANTER"
  | "ALLOWANCE_EXCEEDED"
  | "FUNDS_TOO_LOW";

/** What was paid, or granted out of nothing. */
export interface MoneyFact {
  readonly kind: "paid" | "granted";
  readonly from: AgentId;
  readonly to: AgentId;
  readonly amount: bigint;
}

/** What a granter named in genesis may still mint. */
export const GRANTERS = plainTable({
  name: "granter",
  parts: [ID_PART],
  codec: struct({ remaining: [0, amount] }),
});

type MoneyRule = Rule<Payment, Authority, MoneyRefusal>;

const amountIsPositive: MoneyRule = (_, body) => (body.amount > 0n ? null : reject("AMOUNT_ZERO"));

/** Only a grant makes an account: a new name must cost somebody something. */
const recipientIsKnown: MoneyRule = (ledger, body) =>
  ledger.accountOf(body.to) === null ? reject("RECIPIENT_UNKNOWN") : null;

const amountIsFree: MoneyRule = (ledger, body, by) => fundsAreFree(ledger, by, body.amount);

const senderIsGranter: MoneyRule = (ledger, _, by) =>
  ledger.table(GRANTERS).has(by.from) ? null : reject("NOT_A_GRANTER");

const allowanceCovers: MoneyRule = (ledger, body, by): Rejection<MoneyRefusal> | null => {
  const remaining = ledger.get(GRANTERS, by.from)?.remaining ?? 0n;
  return body.amount <= remaining ? null : reject("ALLOWANCE_EXCEEDED", { remaining: remaining.toString() });
};

/** Anyone could sign for a key of small order (spec/encoding#S1). */
const recipientKeyIsSound: MoneyRule = (_, body) =>
  isSmallOrder(body.to) ? reject("RECIPIENT_KEY_UNSOUND") : null;

const aboutNoAuction = (): Hash | null => null;

type MoneyForm = Signed<Payment, MoneyRefusal, MoneyFact>;

export const MONEY: { readonly transfer: MoneyForm; readonly grant: MoneyForm } = {
  transfer: {
    by: "sender",
    lane: "bulk",
    rules: [amountIsPositive, recipientIsKnown, amountIsFree],
    effect(ledger, { to, amount: sum }, by) {
      debit(ledger, ledger.accountOf(by.from)!, sum);
      credit(ledger, ledger.accountOf(to)!, sum);
      return [{ kind: "paid", from: by.from, to, amount: sum }];
    },
    ...AT_ONCE,
    takes: (body) => body.amount,
    about: aboutNoAuction,
  },
  grant: {
    by: "sender",
    lane: "bulk",
    rules: [amountIsPositive, senderIsGranter, allowanceCovers, recipientKeyIsSound],
    effect(ledger, { to, amount: sum }, by) {
      ledger.change(GRANTERS, by.from, (granter) => {
        granter.remaining -= sum;
      });
      if (ledger.accountOf(to) === null) ledger.put(ACCOUNTS, to, newAccount(to, 0n));
      mint(ledger, ledger.accountOf(to)!, sum);
      return [{ kind: "granted", from: by.from, to, amount: sum }];
    },
    ...AT_ONCE,
    takes: () => 0n,
    about: aboutNoAuction,
  },
};
