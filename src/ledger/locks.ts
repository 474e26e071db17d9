// Locks: money set aside, paid out of, lowered, released and burned; each part returns to where it came from.
import { invariant, least } from "../base/index.js";
import {
  ACCOUNTS,
  type Account,
  type Lock,
  type LockName,
  type LockParts,
  lockedAmount,
  lockKey,
  lockOf,
} from "./account.js";
import { payerOf } from "./budget.js";
import { countDrawn, countGone } from "./counting.js";
import { meansOf } from "./credit.js";
import type { Ledger } from "./ledger.js";
import { burn, credit, debit } from "./money.js";
import { countBack, earnerOf, type Source, sourceOf, standBehind } from "./source.js";
import { creditStake } from "./stake.js";

/**
 * Sets money of whoever pays for the account aside, under a name of which it has no lock: free funds as far as they
 * go, and free stake for the rest (spec/money#C4).
 * @param timeMs ledger time of the entry
 */
export function setAside(
  ledger: Ledger,
  account: Account,
  { id, reason }: LockName,
  amount: bigint,
  timeMs: number,
): void {
  const { account: payer, levels } = payerOf(ledger, account.id, timeMs);
  const fromFree = least(payer!.free, amount);
  const lock: Lock = { id, reason, fromFree, fromStake: amount - fromFree };
  invariant(lockOf(account, lock) === null, "an account has one lock of a name");
  invariant(lock.fromStake <= meansOf(payer!).stake, "credit is secured by free stake");
  debit(ledger, payer!, fromFree);
  ledger.change(ACCOUNTS, payer!.id, (one) => {
    one.stake -= lock.fromStake;
    one.locked = plus(one.locked, lock);
  });
  countDrawn(ledger, levels, amount, { timeMs, auction: id, held: true });
  standBehind(ledger, id, account.id, timeMs);
  ledger.change(ACCOUNTS, account.id, ({ locks }) => {
    locks.set(lockKey(lock), lock);
  });
}

const plus = (a: LockParts, b: LockParts): LockParts => ({
  fromFree: a.fromFree + b.fromFree,
  fromStake: a.fromStake + b.fromStake,
});

const minus = (a: LockParts, b: LockParts): LockParts => ({
  fromFree: a.fromFree - b.fromFree,
  fromStake: a.fromStake - b.fromStake,
});

/**
 * Takes parts out of a lock, and leaves the rest; where they came from, so much less is locked.
 * @returns where they came from; null: they are nothing, of which no budget need be there any more
 */
function takeOut(ledger: Ledger, account: Account, lock: Lock, parts: LockParts): Source | null {
  if (lockedAmount(parts) === 0n) return null;
  const source = sourceOf(ledger, account, lock.id);
  ledger.change(ACCOUNTS, account.id, ({ locks }) => {
    locks.set(lockKey(lock), { ...lock, ...minus(lock, parts) });
  });
  ledger.change(ACCOUNTS, source.account.id, (one) => {
    one.locked = minus(one.locked, parts);
  });
  return source;
}

/** Returns a lock's parts to where they came from. */
export function releaseLock(ledger: Ledger, account: Account, name: LockName): void {
  lowerLock(ledger, account, name, 0n);
}

/**
 * Pays `amount` out of a lock, own funds first, and leaves the rest locked (spec/money#L3).
 * @param to who earned it, and what a budget stands behind goes to the owner; null: it burns
 */
export function spendLock(
  ledger: Ledger,
  account: Account,
  name: LockName,
  amount: bigint,
  to: Account | null,
): void {
  const lock = lockOf(account, name);
  invariant(lock !== null && amount <= lockedAmount(lock), "a payment is covered by its lock");
  const fromFree = least(amount, lock.fromFree);
  const source = takeOut(ledger, account, lock, { fromFree, fromStake: amount - fromFree });
  countGone(ledger, source?.levels ?? [], amount);
  if (to === null) burn(ledger, amount);
  else credit(ledger, earnerOf(ledger, name.id, to), amount);
}

/**
 * Lowers a lock: what it holds beyond `left` returns to where it came from, and what stays is as much own funds as it can
 * be, for these are spent first; what returns to stake pays slash debt first. A lock of nothing goes.
 */
export function lowerLock(ledger: Ledger, account: Account, name: LockName, left: bigint): void {
  const lock = lockOf(account, name);
  invariant(lock !== null, "a lock is there to be lowered");
  invariant(left >= 0n && left <= lockedAmount(lock), "a lock is lowered");
  const fromFree = least(left, lock.fromFree);
  const back = minus(lock, { fromFree, fromStake: left - fromFree });
  const source = takeOut(ledger, account, lock, back);
  if (left === 0n) dropLock(ledger, account, name);
  if (source === null) return;
  credit(ledger, source.account, back.fromFree);
  if (back.fromStake > 0n) creditStake(ledger, source.account, back.fromStake);
  countBack(ledger, source, name.id, lockedAmount(back));
}

/** Burns a whole lock: a bid that was not revealed, a hidden reserve that was not opened (spec/auctions#S3, spec/auctions#S5). */
export function burnLock(ledger: Ledger, account: Account, name: LockName): void {
  const lock = lockOf(account, name);
  invariant(lock !== null, "a lock is there to be burned");
  spendLock(ledger, account, name, lockedAmount(lock), null);
  dropLock(ledger, account, name);
}

function dropLock(ledger: Ledger, account: Account, name: LockName): void {
  ledger.change(ACCOUNTS, account.id, ({ locks }) => void locks.delete(lockKey(name)));
}
