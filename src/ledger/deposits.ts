// Deposits: free funds that an auction's rows hold, until these are gone.
import { type Hash, invariant } from "../base/index.js";
import { ACCOUNTS, type Account } from "./account.js";
import { payerOf } from "./budget.js";
import { countDrawn, countGone } from "./counting.js";
import type { Ledger } from "./ledger.js";
import { burn, credit, debit } from "./money.js";
import { countBack, sourceOf, standBehind } from "./source.js";

/** Sets free funds of whoever pays for the account aside, for what an auction keeps in the state. */
export function lockDeposit(
  ledger: Ledger,
  account: Account,
  auction: Hash,
  amount: bigint,
  timeMs: number,
): void {
  const { account: payer, levels } = payerOf(ledger, account.id, timeMs);
  debit(ledger, payer!, amount);
  countDrawn(ledger, levels, amount, { timeMs, auction, held: true });
  standBehind(ledger, auction, account.id, timeMs);
  ledger.change(ACCOUNTS, account.id, (one) => {
    one.deposits += amount;
  });
}

/** Returns a deposit: the auction's rows are gone. */
export function releaseDeposit(ledger: Ledger, account: Account, auction: Hash, amount: bigint): void {
  takeDeposit(ledger, account, amount);
  // Of nothing no budget need be there any more.
  if (amount === 0n) return;
  const source = sourceOf(ledger, account, auction);
  credit(ledger, source.account, amount);
  countBack(ledger, source, auction, amount);
}

/** Burns a deposit: its auction ended VOID. */
export function burnDeposit(ledger: Ledger, account: Account, auction: Hash, amount: bigint): void {
  takeDeposit(ledger, account, amount);
  if (amount > 0n) countGone(ledger, sourceOf(ledger, account, auction).levels, amount);
  burn(ledger, amount);
}

function takeDeposit(ledger: Ledger, account: Account, amount: bigint): void {
  invariant(account.deposits >= amount, "a deposit is there to be taken");
  ledger.change(ACCOUNTS, account.id, (one) => {
    one.deposits -= amount;
  });
}
