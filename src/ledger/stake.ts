// Stake: added, first of all to slash debt, and withdrawn slowly; and money that begins, as both.
import { invariant } from "../base/index.js";
import { ACCOUNTS, type Account } from "./account.js";
import type { Ledger } from "./ledger.js";
import { credit, shareSlashed, TOTALS } from "./money.js";

/**
 * Begins money, as free funds and as stake: only a granter's operation does, within its allowance.
 * @returns what of the stake paid slash debt
 */
export function mint(ledger: Ledger, account: Account, free: bigint, stake: bigint): bigint {
  ledger.changeOne(TOTALS, (totals) => {
    totals.minted += free + stake;
  });
  credit(ledger, account, free);
  return creditStake(ledger, account, stake);
}

/** Adds to stake what slash debt leaves of it (spec/money#S5). @returns what paid debt */
export function creditStake(ledger: Ledger, account: Account, amount: bigint): bigint {
  const paid = amount < account.slashDebt ? amount : account.slashDebt;
  ledger.change(ACCOUNTS, account.id, (one) => {
    one.slashDebt -= paid;
    one.stake += amount - paid;
  });
  shareSlashed(ledger, paid);
  return paid;
}

/** Begins the withdrawal of free stake (spec/money#S8). @param releaseMs no earlier than those of earlier withdrawals */
export function beginUnbonding(ledger: Ledger, account: Account, amount: bigint, releaseMs: number): void {
  const last = account.unbonding.at(-1)?.releaseMs ?? 0;
  invariant(
    amount <= account.stake && last <= releaseMs,
    "what is withdrawn is stake, and is free after the rest",
  );
  ledger.change(ACCOUNTS, account.id, (one) => {
    one.stake -= amount;
    one.unbonding = [...one.unbonding, { amount, releaseMs }];
  });
}

/** Sets the parts free whose time has come. @returns how many they are, and their sum */
export function endUnbonding(
  ledger: Ledger,
  account: Account,
  timeMs: number,
): { readonly parts: number; readonly amount: bigint } {
  const due = account.unbonding.filter(({ releaseMs }) => releaseMs <= timeMs);
  const amount = due.reduce((sum, part) => sum + part.amount, 0n);
  ledger.change(ACCOUNTS, account.id, (one) => {
    one.unbonding = one.unbonding.slice(due.length);
    one.free += amount;
  });
  return { parts: due.length, amount };
}
