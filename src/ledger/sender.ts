// The sender of an operation: its account, its nonce, its fee.
import { type Rejection, reject } from "./context.js";
import type { Ledger } from "./ledger.js";
import { burn, debit } from "./money.js";
import { type Authority, LANE, type OperationKind } from "./operation.js";

/** Whether `need` can be taken from the sender's free funds beside the fee. */
export function fundsAreFree(ledger: Ledger, by: Authority, need: bigint): Rejection | null {
  const free = ledger.accountOf(by.from)?.free ?? 0n;
  return free >= by.fee + need
    ? null
    : reject("FUNDS_TOO_LOW", { free: free.toString(), needed: (by.fee + need).toString() });
}

/** The rules that hold for whoever sends anything. */
export function senderFault(ledger: Ledger, kind: OperationKind, by: Authority): Rejection | null {
  const account = ledger.accountOf(by.from);
  if (account === null) return reject("ACCOUNT_UNKNOWN");
  const next = account.nonces[LANE[kind]];
  if (by.nonce !== next) return reject("NONCE_NOT_NEXT", { nonce: by.nonce, next });
  return fundsAreFree(ledger, by, 0n);
}

/**
 * Uses up the nonce and burns the fee, of an operation that is applied and of one that fails alike; a failing one
 * pays if it can (PROTOCOL §1.6). @param by an authority whose account is known and whose nonce is next
 */
export function charge(ledger: Ledger, kind: OperationKind, by: Authority): void {
  const account = ledger.accountOf(by.from)!;
  account.nonces[LANE[kind]]++;
  ledger.touchAccount(account);
  if (account.free < by.fee) return;
  debit(ledger, account, by.fee);
  burn(ledger, by.fee);
}
