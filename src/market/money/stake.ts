// Stake of one's own: free funds become stake, and free stake free funds again, once no evidence can reach it any more.
import { amount, type Hash, struct } from "../../base/index.js";
import {
  ACCOUNTS,
  type AgentId,
  type Authority,
  beginUnbonding,
  creditStake,
  type DrawFault,
  debit,
  drawFault,
  endUnbonding,
  feeOnly,
  freeStake,
  type Ledger,
  MAX_UNBONDING,
  type Moment,
  RELEASED_BEYOND_MADE,
  type Rejection,
  reject,
} from "../../ledger/index.js";
import { AT_ONCE, type Rule, type Signed } from "../subject.js";

const stakeMove = struct({ amount: [0, amount] });
type StakeMove = { readonly amount: bigint };

export const STAKE_OPERATIONS = {
  /** free funds become stake; slash debt is paid first */
  bond: [8, stakeMove],
  /** free stake begins to unbond, and is free `unbondMs` later */
  unbond: [9, stakeMove],
} as const;

export type StakeRefusal =
  | "AMOUNT_ZERO"
  | DrawFault
  | "SLASH_DEBT_OPEN"
  | "FREE_STAKE_TOO_LOW"
  | "TOO_MANY_UNBONDING";

export type StakeFact =
  /** `debtPaid` of the amount became no stake */
  | { readonly kind: "bonded"; readonly agent: AgentId; readonly amount: bigint; readonly debtPaid: bigint }
  /** @property releaseMs ledger time from which it is free */
  | {
      readonly kind: "unbonded";
      readonly agent: AgentId;
      readonly amount: bigint;
      readonly releaseMs: number;
    };

type StakeRule = Rule<StakeMove, Authority, StakeRefusal>;

const amountIsPositive: StakeRule = (_, body) => (body.amount > 0n ? null : reject("AMOUNT_ZERO"));

const amountIsFree: StakeRule = (ledger, body, by, { timeMs }) =>
  drawFault(ledger, by.from, timeMs, { ...feeOnly(by.fee, null), own: body.amount });

const nothingIsOwed: StakeRule = (ledger, _, by) => {
  const debt = ledger.accountOf(by.from)?.slashDebt ?? 0n;
  return debt === 0n ? null : reject("SLASH_DEBT_OPEN", { debt: debt.toString() });
};

/** Whether free stake covers what is wanted of it. @param promised what goes before */
export function stakeIsFree(
  ledger: Ledger,
  agent: AgentId,
  wanted: bigint,
  promised = 0n,
): Rejection<"FREE_STAKE_TOO_LOW"> | null {
  const account = ledger.accountOf(agent);
  const free = account === null ? 0n : freeStake(account);
  const needed = promised + wanted;
  if (needed <= free) return null;
  const detail = { freeStake: free.toString(), needed: needed.toString(), short: (needed - free).toString() };
  return reject("FREE_STAKE_TOO_LOW", detail);
}

const stakeCovers: StakeRule = (ledger, body, by) => stakeIsFree(ledger, by.from, body.amount);

/** Whether one more part can unbond. @param waiting parts that come before it */
export function partIsLeft(
  ledger: Ledger,
  agent: AgentId,
  waiting = 0,
): Rejection<"TOO_MANY_UNBONDING"> | null {
  const parts = ledger.accountOf(agent)?.unbonding ?? [];
  if (parts.length + waiting < MAX_UNBONDING) return null;
  const detail = { parts: parts.length + waiting, most: MAX_UNBONDING };
  const first = parts[0];
  return reject(
    "TOO_MANY_UNBONDING",
    first === undefined ? detail : { ...detail, releaseMs: first.releaseMs },
  );
}

const rowHasRoom: StakeRule = (ledger, _, by) => partIsLeft(ledger, by.from);

const aboutNoAuction = (): Hash | null => null;

type StakeForm = Signed<StakeMove, StakeRefusal, StakeFact>;

export const STAKE: { readonly bond: StakeForm; readonly unbond: StakeForm } = {
  bond: {
    by: "sender",
    lane: "bulk",
    rules: [amountIsPositive, amountIsFree],
    effect(ledger, { amount: sum }, { from }) {
      const account = ledger.accountOf(from)!;
      debit(ledger, account, sum);
      return [{ kind: "bonded", agent: from, amount: sum, debtPaid: creditStake(ledger, account, sum) }];
    },
    ...AT_ONCE,
    takes: () => 0n,
    takesOwn: (body) => body.amount,
    about: aboutNoAuction,
  },
  unbond: {
    by: "sender",
    lane: "bulk",
    rules: [amountIsPositive, nothingIsOwed, stakeCovers, rowHasRoom],
    effect(ledger, { amount: sum }, { from }, at) {
      const releaseMs = at.timeMs + ledger.params.unbondMs;
      beginUnbonding(ledger, ledger.accountOf(from)!, sum, releaseMs);
      return [{ kind: "unbonded", agent: from, amount: sum, releaseMs }];
    },
    ...AT_ONCE,
    takes: () => 0n,
    takesStake: (_, body) => body.amount,
    unbonds: () => 1,
    about: aboutNoAuction,
  },
};

export interface StakeRules {
  /** At a ledger time: parts whose `releaseMs` is no later than this are free. */
  freeUpToMs(timeMs: number): number;
}

export const STAKE_RULES: StakeRules = { freeUpToMs: (timeMs) => timeMs };

/** What became free of an account's stake. */
export interface Release {
  readonly agent: AgentId;
  readonly amount: bigint;
}

/**
 * Sets free what has unbonded, the longest due first, then by agent, an account's parts together: at least as many
 * parts as the entry's operations made, and some more, so that what is overdue dwindles whatever is sent. After the
 * operations: evidence in this very entry still reaches it (spec/money#S9).
 * @param made parts that the entry's operations began to unbond
 */
export function releaseUnbonded(
  ledger: Ledger,
  at: Pick<Moment, "timeMs">,
  made: number,
  rules: StakeRules,
): readonly Release[] {
  const releases: Release[] = [];
  const { releases: due } = ledger.table(ACCOUNTS).index;
  const freeUpToMs = rules.freeUpToMs(at.timeMs);
  let open = made + RELEASED_BEYOND_MADE;
  for (let next = due.first; open > 0 && next !== null; next = due.first) {
    if (next.dueMs > freeUpToMs) break;
    const account = ledger.get(ACCOUNTS, next.id)!;
    const { parts, amount: sum } = endUnbonding(ledger, account, freeUpToMs);
    releases.push({ agent: account.id, amount: sum });
    open -= parts;
  }
  return releases;
}
