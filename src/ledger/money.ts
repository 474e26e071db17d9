// Movements of money: each takes as much here as it puts there, and writes both rows.
import { amount as amountCodec, type Hash, invariant, MAX_AMOUNT, struct } from "../base/index.js";
import {
  ACCOUNTS,
  type Account,
  type Lock,
  type LockName,
  lockedAmount,
  lockKey,
  lockOf,
} from "./account.js";
import type { AgentId } from "./agent.js";
import { backingOf, behind, levelsOf, payerOf, topOf } from "./budget.js";
import type { Ledger } from "./ledger.js";
import { periodOf } from "./period.js";
import { countDrawn, countGone, countReturned, noteBacking } from "./spending.js";
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

/** Takes free funds from whoever pays for an account, for an auction that holds them and may return them. */
function takeToHold(ledger: Ledger, { id }: Account, auction: Hash, amount: bigint, timeMs: number): void {
  const { account, levels } = payerOf(ledger, id, timeMs);
  debit(ledger, account!, amount);
  countDrawn(ledger, levels, amount, { timeMs, auction, held: true });
  standBehind(ledger, auction, id, timeMs);
}

/** Notes who stands behind an agent in an auction from now on, and so receives what it earns there. */
export function standBehind(ledger: Ledger, auction: Hash, agent: AgentId, timeMs: number): void {
  const { levels } = payerOf(ledger, agent, timeMs);
  noteBacking(ledger, auction, agent, levels.length === 0 ? null : periodOf(ledger, timeMs));
}

/** Returns what an auction held of an account to where it came from. */
function giveBack(ledger: Ledger, account: Account, auction: Hash, amount: bigint): void {
  // Of nothing no budget need be there any more.
  if (amount === 0n) return;
  const backedIn = backingOf(ledger, auction, account.id);
  if (backedIn === null) {
    credit(ledger, account, amount);
    return;
  }
  const levels = levelsOf(ledger, account.id);
  credit(ledger, topOf(ledger, levels), amount);
  countReturned(ledger, levels, amount, { auction, backedIn });
}

/** Counts that what an auction held of an account is gone for good. */
function letGo(ledger: Ledger, { id }: Account, auction: Hash, amount: bigint): void {
  if (backingOf(ledger, auction, id) !== null) countGone(ledger, levelsOf(ledger, id), amount);
}

/** Who receives what an agent earns in an auction: the owner whose funds stand behind it there, or itself. */
export const earnerOf = (ledger: Ledger, auction: Hash, agent: Account): Account =>
  ledger.accountOf(behind(ledger, auction, agent.id))!;

/**
 * Sets free funds of whoever pays for the account aside, under a name of which it has no lock.
 * @param timeMs ledger time of the entry
 */
export function lockFree(
  ledger: Ledger,
  account: Account,
  { id, reason }: LockName,
  amount: bigint,
  timeMs: number,
): void {
  const lock: Lock = { id, reason, fromFree: amount, fromStake: 0n };
  invariant(lockOf(account, lock) === null, "an account has one lock of a name");
  takeToHold(ledger, account, id, amount, timeMs);
  ledger.change(ACCOUNTS, account.id, ({ locks }) => {
    locks.set(lockKey(lock), lock);
  });
}

/** Returns a lock's parts to where they came from; what returns to stake pays slash debt first. */
export function releaseLock(ledger: Ledger, account: Account, name: LockName): void {
  const lock = takeLock(ledger, account, name);
  giveBack(ledger, account, name.id, lock.fromFree);
  creditStake(ledger, account, lock.fromStake);
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
  const own = amount < lock.fromFree ? amount : lock.fromFree;
  ledger.change(ACCOUNTS, account.id, ({ locks }) => {
    const { fromFree, fromStake } = lock;
    locks.set(lockKey(name), { ...lock, fromFree: fromFree - own, fromStake: fromStake - (amount - own) });
  });
  letGo(ledger, account, name.id, own);
  if (to === null) burn(ledger, amount);
  else credit(ledger, earnerOf(ledger, name.id, to), amount);
}

/**
 * Lowers a lock: what it holds beyond `left` returns to where it came from, and what stays is as much own funds as it can
 * be, for these are spent first. A lock of nothing goes.
 */
export function lowerLock(ledger: Ledger, account: Account, name: LockName, left: bigint): void {
  const lock = takeLock(ledger, account, name);
  invariant(left >= 0n && left <= lockedAmount(lock), "a lock is lowered");
  const fromFree = left < lock.fromFree ? left : lock.fromFree;
  const fromStake = left - fromFree;
  if (left > 0n) {
    ledger.change(ACCOUNTS, account.id, ({ locks }) => {
      locks.set(lockKey(name), { ...lock, fromFree, fromStake });
    });
  }
  if (lock.fromFree > fromFree) giveBack(ledger, account, name.id, lock.fromFree - fromFree);
  if (lock.fromStake > fromStake) creditStake(ledger, account, lock.fromStake - fromStake);
}

/** Burns a whole lock: a bid that was not revealed, a hidden reserve that was not opened (spec/auctions#S3, spec/auctions#S5). */
export function burnLock(ledger: Ledger, account: Account, name: LockName): void {
  const lock = takeLock(ledger, account, name);
  letGo(ledger, account, name.id, lock.fromFree);
  burn(ledger, lockedAmount(lock));
}

/** Sets free funds of whoever pays for the account aside, for what an auction keeps in the state. */
export function lockDeposit(
  ledger: Ledger,
  account: Account,
  auction: Hash,
  amount: bigint,
  timeMs: number,
): void {
  takeToHold(ledger, account, auction, amount, timeMs);
  ledger.change(ACCOUNTS, account.id, (one) => {
    one.deposits += amount;
  });
}

/** Returns a deposit: the auction's rows are gone. */
export function releaseDeposit(ledger: Ledger, account: Account, auction: Hash, amount: bigint): void {
  takeDeposit(ledger, account, amount);
  giveBack(ledger, account, auction, amount);
}

/** Burns a deposit: its auction ended VOID. */
export function burnDeposit(ledger: Ledger, account: Account, auction: Hash, amount: bigint): void {
  takeDeposit(ledger, account, amount);
  letGo(ledger, account, auction, amount);
  burn(ledger, amount);
}

function takeDeposit(ledger: Ledger, account: Account, amount: bigint): void {
  invariant(account.deposits >= amount, "a deposit is there to be taken");
  ledger.change(ACCOUNTS, account.id, (one) => {
    one.deposits -= amount;
  });
}

function takeLock(ledger: Ledger, account: Account, name: LockName): Lock {
  const key = lockKey(name);
  const lock = account.locks.get(key);
  invariant(lock !== undefined, "a lock is there to be taken");
  ledger.change(ACCOUNTS, account.id, ({ locks }) => void locks.delete(key));
  return lock;
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
