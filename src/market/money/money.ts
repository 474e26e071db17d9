// Money between agents: transfers, and grants by those whom genesis allows to mint.
import { amount, type Hash, struct } from "../../base/index.js";
import { isSmallOrder } from "../../crypto/index.js";
import {
  ACCOUNTS,
  type AgentId,
  type Authority,
  agentId,
  credit,
  type DrawFault,
  debit,
  drawFault,
  feeOnly,
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
const endowment = struct({ to: [0, agentId], free: [1, amount], stake: [2, amount] });
type Endowment = { readonly to: AgentId; readonly free: bigint; readonly stake: bigint };

export const MONEY_OPERATIONS = {
  transfer: [0, payment],
  /** a granter named in genesis mints within its allowance: the testnet's faucet */
  grant: [1, endowment],
} as const;

export type MoneyRefusal =
  | "AMOUNT_ZERO"
  | "RECIPIENT_UNKNOWN"
  | "RECIPIENT_KEY_UNSOUND"
  | "NOT_A_GRANTER"
  | "ALLOWANCE_EXCEEDED"
  | DrawFault;

/** What was paid, or granted out of nothing. */
export type MoneyFact =
  | { readonly kind: "paid"; readonly from: AgentId; readonly to: AgentId; readonly amount: bigint }
  | ({
      readonly kind: "granted";
      readonly from: AgentId;
      /** of the granted stake: what paid the recipient's slash debt */
      readonly debtPaid: bigint;
    } & Endowment);

/** What a granter named in genesis may still mint. */
export const GRANTERS = plainTable({
  name: "granter",
  parts: [ID_PART],
  codec: struct({ remaining: [0, amount] }),
});

type PaymentRule = Rule<Payment, Authority, MoneyRefusal>;
type GrantRule = Rule<Endowment, Authority, MoneyRefusal>;

const amountIsPositive: PaymentRule = (_, body) => (body.amount > 0n ? null : reject("AMOUNT_ZERO"));

/** Only a grant makes an account: a new name must cost somebody something. */
const recipientIsKnown: PaymentRule = (ledger, body) =>
  ledger.accountOf(body.to) === null ? reject("RECIPIENT_UNKNOWN") : null;

/** What is paid is the sender's own; the fee may be its owner's (spec/budgets#P4). */
const amountIsFree: PaymentRule = (ledger, body, by, { timeMs }) =>
  drawFault(ledger, by.from, timeMs, { ...feeOnly(by.fee, null), own: body.amount });

/** What a grant mints. */
const mintedBy = ({ free, stake }: Endowment): bigint => free + stake;

const grantIsPositive: GrantRule = (_, body) => (mintedBy(body) > 0n ? null : reject("AMOUNT_ZERO"));

const senderIsGranter: GrantRule = (ledger, _, by) =>
  ledger.table(GRANTERS).has(by.from) ? null : reject("NOT_A_GRANTER");

const allowanceCovers: GrantRule = (ledger, body, by): Rejection<MoneyRefusal> | null => {
  const remaining = ledger.get(GRANTERS, by.from)?.remaining ?? 0n;
  const needed = mintedBy(body);
  if (needed <= remaining) return null;
  return reject("ALLOWANCE_EXCEEDED", { remaining: remaining.toString(), needed: needed.toString() });
};

/** Anyone could sign for a key of small order (spec/encoding#S1). */
const recipientKeyIsSound: GrantRule = (_, body) =>
  isSmallOrder(body.to) ? reject("RECIPIENT_KEY_UNSOUND") : null;

const aboutNoAuction = (): Hash | null => null;

export const MONEY: {
  readonly transfer: Signed<Payment, MoneyRefusal, MoneyFact>;
  readonly grant: Signed<Endowment, MoneyRefusal, MoneyFact>;
} = {
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
    takes: () => 0n,
    takesOwn: (body) => body.amount,
    about: aboutNoAuction,
  },
  grant: {
    by: "sender",
    lane: "bulk",
    rules: [grantIsPositive, senderIsGranter, allowanceCovers, recipientKeyIsSound],
    effect(ledger, body, by) {
      const { to, free, stake } = body;
      ledger.change(GRANTERS, by.from, (granter) => {
        granter.remaining -= mintedBy(body);
      });
      if (ledger.accountOf(to) === null) ledger.put(ACCOUNTS, to, newAccount(to, 0n));
      const debtPaid = mint(ledger, ledger.accountOf(to)!, free, stake);
      return [{ kind: "granted", from: by.from, to, free, stake, debtPaid }];
    },
    ...AT_ONCE,
    takes: () => 0n,
    about: aboutNoAuction,
  },
};
