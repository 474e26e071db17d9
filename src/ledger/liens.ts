// Liens: parts of stake that answer for one obligation each, taken out of free stake and given back to it (spec/money#liens).
import { type Hash, type Hex, invariant, toHex } from "../base/index.js";
import { ACCOUNTS, type Account, freeStake, type LienKind } from "./account.js";
import type { Ledger } from "./ledger.js";
import { burn } from "./money.js";

/** What a lien still holds; 0: there is none. @param id the auction's; of a seat its consensus key */
export const lienAmount = (account: Account, id: Hash | Hex): bigint =>
  account.liens.get(typeof id === "string" ? id : toHex(id))?.amount ?? 0n;

/** Puts free stake under a lien, where the account has none of that id. @param amount more than 0 */
export function takeLien(
  ledger: Ledger,
  account: Account,
  id: Hash,
  { kind, amount }: { readonly kind: LienKind; readonly amount: bigint },
): void {
  invariant(amount > 0n && amount <= freeStake(account), "a lien is taken of free stake");
  invariant(lienAmount(account, id) === 0n, "an account has one lien of an id");
  ledger.change(ACCOUNTS, account.id, ({ liens }) => {
    liens.set(toHex(id), { kind, amount });
  });
}

/** Lowers a lien: what it held beyond `left` is free stake again; of a lien of nothing there is no trace. */
export function lowerLien(ledger: Ledger, account: Account, id: Hash, left: bigint): void {
  const lien = account.liens.get(toHex(id));
  const held = lien?.amount ?? 0n;
  invariant(left >= 0n && left <= held, "a lien is lowered");
  if (lien === undefined || left === held) return;
  ledger.change(ACCOUNTS, account.id, ({ liens }) => {
    if (left === 0n) liens.delete(toHex(id));
    else liens.set(toHex(id), { ...lien, amount: left });
  });
}

/** Burns the stake under a lien whole: a bid behind which it stood was not revealed (spec/auctions#S3). */
export function burnLien(ledger: Ledger, account: Account, id: Hash): void {
  const amount = lienAmount(account, id);
  ledger.change(ACCOUNTS, account.id, (one) => {
    one.liens.delete(toHex(id));
    one.stake -= amount;
  });
  burn(ledger, amount);
}
