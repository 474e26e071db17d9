// Movements of money: free funds, what burns, and what goes to the insurance pool. Each takes as much here as it puts there.
import { amount as amountCodec, type Hash, invariant, MAX_AMOUNT, struct } from "../base/index.js";
import { ACCOUNTS, type Account } from "./account.js";
import type { AgentId } from "./agent.js";
import { payerOf } from "./budget.js";
import { countDrawn } from "./counting.js";
import type { Ledger } from "./ledger.js";
import { single } from "./table.js";

/** Money that is in no account: conservation is stated over these and the accounts (spec/money#A5). */
export const TOTALS = single(
  "totals",
  struct({
    minted: [0, amountCodec],
    burned: [1, amountCodec],
    /** the insurance pool */
    insurance: [2, amountCodec],
  }),
  () => ({ minted: 0n, burned: 0n, insurance: 0n }),
);

/** Adds to free funds. The sum of all money fits an amount (`genesisFault`), so an account's does. */
export function credit(ledger: Ledger, account: Account, amount: bigint): void {
  invariant(amount >= 0n && account.free + amount <= MAX_AMOUNT, "a credit fits an account");
  ledger.change(ACCOUNTS, account.id, (one) => {
    one.free += amount;
  });
}

export function debit(ledger: Ledger, account: Account, amount: bigint): void {
  invariant(amount >= 0n && account.free >= amount, "a debit is covered by free funds");
  ledger.change(ACCOUNTS, account.id, (one) => {
    one.free -= amount;
  });
}

/** Ends money that was already taken from an account. */
export function burn(ledger: Ledger, amount: bigint): void {
  invariant(amount >= 0n, "a burn is not negative");
  ledger.changeOne(TOTALS, (totals) => {
    totals.burned += amount;
  });
}

/** What becomes of slashed money: half goes to the insurance pool, half burns, the odd micro-credit too (spec/standing#T2). */
export function slashedParts(amount: bigint): { readonly insured: bigint; readonly burned: bigint } {
  const insured = amount / 2n;
  return { insured, burned: amount - insured };
}

export function shareSlashed(ledger: Ledger, amount: bigint): void {
  const { insured, burned } = slashedParts(amount);
  ledger.changeOne(TOTALS, (totals) => {
    totals.insurance += insured;
  });
  burn(ledger, burned);
}

/**
 * Takes free funds for good from whoever pays for an agent, and counts them at each of its budgets.
 * @param auction that they are spent in; null: in none that the state has
 */
export function takeForGood(
  ledger: Ledger,
  agent: AgentId,
  amount: bigint,
  { timeMs, auction }: { readonly timeMs: number; readonly auction: Hash | null },
): void {
  const { account, levels } = payerOf(ledger, agent, timeMs);
  debit(ledger, account!, amount);
  countDrawn(ledger, levels, amount, { timeMs, auction, held: false });
}
