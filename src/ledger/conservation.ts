// Conservation: no entry makes or loses money (spec/money#A5).
import { ACCOUNTS, holdings } from "./account.js";
import type { Ledger } from "./ledger.js";
import { TOTALS } from "./money.js";

/** Where all money is. `holds` says that the parts sum to what was ever minted. */
export interface Conservation {
  readonly minted: bigint;
  readonly burned: bigint;
  readonly insurance: bigint;
  readonly free: bigint;
  readonly locked: bigint;
  readonly deposits: bigint;
  readonly staked: bigint;
  readonly unbonding: bigint;
  readonly holds: boolean;
}

/** Adds up every account: an audit, not something to do at each entry. */
export function conservation(ledger: Ledger): Conservation {
  let free = 0n;
  let deposits = 0n;
  let staked = 0n;
  let unbonding = 0n;
  let held = 0n;
  for (const account of ledger.table(ACCOUNTS).values()) {
    free += account.free;
    deposits += account.deposits;
    staked += account.stake;
    for (const part of account.unbonding) unbonding += part.amount;
    held += holdings(account);
  }
  const { minted, burned, insurance } = ledger.one(TOTALS);
  const locked = held - free - deposits - staked - unbonding;
  return {
    minted,
    burned,
    insurance,
    free,
    locked,
    deposits,
    staked,
    unbonding,
    holds: held + burned + insurance === minted,
  };
}
