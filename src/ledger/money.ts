// Movements of money: each takes as much here as it puts there, and writes both rows.
import { amount as amountCodec, type Hash, invariant, least, MAX_AMOUNT, struct } from "../base/index.js";
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
import type { AgentId } from "./agent.js";
import { type Budget, backingOf, behind, levelsOf, payerOf, topOf } from "./budget.js";
import { countDrawn, countGone, countReturned, noteBacking } from "./counting.js";
import { meansOf } from "./credit.js";
import type { Ledger } from "./ledger.js";
import { periodOf } from "./period.js";
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

/** Notes who stands behind an agent in an auction from now on, and so receives what it earns there. */
export function standBehind(ledger: Ledger, auction: Hash, agent: AgentId, timeMs: number): void {
  const { levels } = payerOf(ledger, agent, timeMs);
  noteBacking(ledger, auction, agent, levels.length === 0 ? null : periodOf(ledger, timeMs));
}

/** Where what an auction holds of an account came from, and where it returns. */
interface Source {
  readonly account: Account;
  /** the budgets that it was counted at; none: it is the account's own */
  readonly levels: readonly Budget[];
  /** the period since which it is a budget's; null: it is the account's own */
  readonly backedIn: number | null;
}

function sourceOf(ledger: Ledger, account: Account, auction: Hash): Source {
  const backedIn = backingOf(ledger, auction, account.id);
  if (backedIn === null) return { account, levels: [], backedIn };
  const levels = levelsOf(ledger, account.id);
  return { account: topOf(ledger, levels), levels, backedIn };
}

/** Counts at every budget that what an auction held came back. */
function countBack(ledger: Ledger, { levels, backedIn }: Source, auction: Hash, amount: bigint): void {
  if (backedIn !== null) countReturned(ledger, levels, amount, { auction, backedIn });
}

/** Who receives what an agent earns in an auction: the owner whose funds stand behind it there, or itself. */
export const earnerOf = (ledger: Ledger, auction: Hash, agent: Account): Account =>
  ledger.accountOf(behind(ledger, auction, agent.id))!;

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
