// The sender of an operation: its account, its nonce, its fee.
import { ACCOUNTS } from "./account.js";
import { type Rejection, reject } from "./context.js";
import { depositOf } from "./deposit.js";
import type { Ledger } from "./ledger.js";
import { burn, debit } from "./money.js";
import { type Authority, LANE, type OperationBody, type OperationKind } from "./operation.js";
import type { Params } from "./params.js";

/** Whether `need` can be taken from the sender's free funds beside the fee. */
export function fundsAreFree(ledger: Ledger, by: Authority, need: bigint): Rejection | null {
  const free = ledger.accountOf(by.from)?.free ?? 0n;
  return free >= by.fee + need
    ? null
    : reject("FUNDS_TOO_LOW", { free: free.toString(), needed: (by.fee + need).toString() });
}

/**
 * What an operation takes from its sender's free funds beside the fee, in micro-credits, if it is applied. Less than
 * nothing where a lock returns more than it takes.
 * @param locked what the sender has locked in the operation's auction before
 * @param timeMs ledger time of the entry that holds it
 */
export function takenBy(
  body: OperationBody,
  locked: bigint,
  params: Pick<Params, "auctionDeposit" | "auctionDepositPerHour">,
  timeMs: number,
): bigint {
  switch (body.kind) {
    case "transfer":
      return body.amount;
    case "createAuction":
      return body.sellerBond + depositOf(body, timeMs, params);
    case "commit":
      return body.lockup - locked;
    default:
      return 0n;
  }
}

/** The rules that hold for whoever sends anything: who breaks one cannot be charged, and leaves no trace. */
export function senderFault(ledger: Ledger, kind: OperationKind, by: Authority): Rejection | null {
  const account = ledger.accountOf(by.from);
  if (account === null) return reject("ACCOUNT_UNKNOWN");
  const next = account.nonces[LANE[kind]];
  if (by.nonce !== next) return reject("NONCE_NOT_NEXT", { nonce: by.nonce, next });
  return fundsAreFree(ledger, by, 0n);
}

/**
 * Uses up the nonce and burns the whole fee, of an operation that is applied and of one that fails alike: to fail is
 * not cheaper (ADR 0030). @param by an authority in which `senderFault` has just found nothing
 */
export function charge(ledger: Ledger, kind: OperationKind, by: Authority): void {
  const account = ledger.accountOf(by.from)!;
  const lane = LANE[kind];
  ledger.change(ACCOUNTS, account.id, (one) => {
    one.nonces = { ...one.nonces, [lane]: one.nonces[lane] + 1 };
  });
  debit(ledger, account, by.fee);
  burn(ledger, by.fee);
}
