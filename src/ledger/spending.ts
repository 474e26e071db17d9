// Spending: what an operation asks of free funds, whether they and every budget above cover it, and what is counted of it.
import { type Hash, type Hex, MAX_AMOUNT, toHex } from "../base/index.js";
import { type Account, type LockName, type LockParts, lockedAmount, lockOf } from "./account.js";
import type { AgentId } from "./agent.js";
import {
  BUDGETS,
  type Budget,
  backingOf,
  isLive,
  OUTLAYS,
  type Outlay,
  outlayOf,
  type Payer,
  payerOf,
} from "./budget.js";
import { lockableWith, type Means, meansOf, ownFunds } from "./credit.js";
import type { Ledger } from "./ledger.js";
import { BASIS_POINTS } from "./limits.js";
import { periodOf } from "./period.js";
import { type Rejection, reject } from "./rejection.js";

/** What an operation locks that credit may stand in for, and how much credit that is (spec/money#credit). */
export interface Locking {
  /** in micro-credits */
  readonly amount: bigint;
  /** of who pays for the sender */
  readonly multiplierBp: number;
  /** of the sender's free stake: what it puts under a lien besides */
  readonly lien: bigint;
}

/** What an operation takes, in micro-credits. */
export interface Draw {
  readonly fee: bigint;
  /** what it deposits, burns or stakes on a dispute beside the fee: of whoever pays for the sender */
  readonly taken: bigint;
  /** what it locks besides, of the same; null: nothing */
  readonly locks: Locking | null;
  /** what it moves of the sender's own funds, whoever pays for it */
  readonly own: bigint;
  /** the auction that it is about; null: none that the state has */
  readonly auction: Hash | null;
  /** the lock that comes back before; null: none */
  readonly replaces: LockName | null;
}

/** A draw of a fee, and of nothing else. */
export const feeOnly = (fee: bigint, auction: Hash | null): Draw => ({
  fee,
  taken: 0n,
  locks: null,
  own: 0n,
  auction,
  replaces: null,
});

export type DrawFault = "FUNDS_TOO_LOW" | "LOCKABLE_TOO_LOW" | "BUDGET_EXCEEDED" | "BUDGET_ENDED";

/** A limit of a level, and what counts against it. */
export interface Limit {
  readonly kind: "perAuction" | "perPeriod" | "total";
  readonly most: bigint;
  readonly counted: bigint;
}

/** What a level has counted in a period: 0, unless it is the last in which it counted something. */
export const countedIn = ({ period, inPeriod }: Budget, now: number): bigint =>
  period === now ? inPeriod : 0n;

/** The limits of a level as they stand in a period, the narrowest last. @param auction null: none is concerned */
export function limitsOf(
  ledger: Ledger,
  level: Budget,
  period: number,
  auction: Hash | null,
): readonly Limit[] {
  const { perPeriod, total } = level.terms;
  const limits: Limit[] = [{ kind: "perPeriod", most: perPeriod, counted: countedIn(level, period) }];
  limits.push({ kind: "total", most: total ?? MAX_AMOUNT, counted: level.spent });
  if (auction !== null) limits.push(auctionLimitOf(ledger, level, auction));
  return limits;
}

/** The limit of a level in one auction. */
export const auctionLimitOf = (ledger: Ledger, level: Budget, auction: Hash | Hex): Limit => ({
  kind: "perAuction",
  most: level.terms.perAuction,
  counted: outlayOf(ledger, auction, level),
});

/** What comes back, before an operation takes its part, into each of the places that it takes from. */
export interface Returned {
  /** to the limits by auction and in all */
  readonly all: bigint;
  /** to the limit by period: what was locked in this very one */
  readonly inPeriod: bigint;
  /** to the payer's free funds, and to its free stake: together all */
  readonly parts: LockParts;
}

/** What the lock that is replaced returns to whoever pays now: nothing, if it came from elsewhere. */
export function returnedBy(
  ledger: Ledger,
  agent: AgentId,
  name: LockName | null,
  { levels }: Pick<Payer, "levels">,
  period: number,
): Returned {
  const account = ledger.accountOf(agent);
  const lock = name === null || account === null ? null : lockOf(account, name);
  if (lock === null) return NOTHING_RETURNED;
  const backedIn = backingOf(ledger, lock.id, agent);
  if ((backedIn !== null) !== levels.length > 0) return NOTHING_RETURNED;
  const all = lockedAmount(lock);
  return { all, inPeriod: backedIn === period ? all : 0n, parts: lock };
}
/** What an operation that replaces no lock gets back. */
export const NOTHING_RETURNED: Returned = {
  all: 0n,
  inPeriod: 0n,
  parts: { fromFree: 0n, fromStake: 0n },
};

/** Why an operation of an agent cannot take what it asks for at a ledger time, or null. */
export function drawFault(
  ledger: Ledger,
  agent: AgentId,
  timeMs: number,
  draw: Draw,
): Rejection<DrawFault> | null {
  const { fee, taken, locks, own, auction, replaces } = draw;
  const payer = payerOf(ledger, agent, timeMs);
  const period = periodOf(ledger, timeMs);
  const returned = returnedBy(ledger, agent, replaces, payer, period);
  const isOwn = payer.levels.length === 0;
  const drawn = fee + taken + (locks?.amount ?? 0n);
  for (const level of payer.levels) {
    for (const limit of limitsOf(ledger, level, period, auction)) {
      const needed = drawn - (limit.kind === "perPeriod" ? returned.inPeriod : returned.all);
      if (needed > 0n && limit.counted + needed > limit.most) return exceeded(level, limit, needed);
    }
  }
  const paid = fee + taken + (isOwn ? own : 0n);
  const fault = meansFault(payer.account, returned.parts, paid, isOwn ? locks : withoutLien(locks));
  if (fault !== null) {
    if (!isOwn) return reject(fault.code, { ...fault.detail, owner: toHex(payer.account!.id) });
    const { free, needed } = fault.detail;
    return payer.ended === null ? fault : endedBudget(payer.ended, timeMs, BigInt(free!), BigInt(needed!));
  }
  const ownFree = ledger.accountOf(agent)?.free ?? 0n;
  return isOwn || own <= ownFree ? null : tooLow(ownFree, own);
}

/** A lien is on the sender's stake, and not on its owner's. */
const withoutLien = (locks: Locking | null): Locking | null =>
  locks === null ? null : { ...locks, lien: 0n };

/** What there is once the lock has returned that is replaced. */
function afterReturn({ free, locked, stake }: Means, { fromFree, fromStake }: LockParts): Means {
  return {
    free: free + fromFree,
    locked: { fromFree: locked.fromFree - fromFree, fromStake: locked.fromStake - fromStake },
    stake: stake + fromStake,
  };
}

/** What was locked may be locked again, whatever was paid since; but what returns to stake while debt is open pays it. */
const lockableAgain = ({ slashDebt }: Account, returned: LockParts): bigint =>
  slashDebt === 0n ? lockedAmount(returned) : returned.fromFree;

/**
 * Whether free funds cover what an operation pays, and they and credit what it locks.
 * @param returned what the lock holds that it replaces
 */
function meansFault(
  account: Account | null,
  returned: LockParts,
  paid: bigint,
  locks: Locking | null,
): Rejection<"FUNDS_TOO_LOW" | "LOCKABLE_TOO_LOW"> | null {
  const free = account?.free ?? 0n;
  const most = free + returned.fromFree;
  const amount = locks?.amount ?? 0n;
  const short = tooLow(free, paid + amount - returned.fromFree);
  if (locks === null || amount === 0n || account === null) return paid + amount <= most ? null : short;
  const means = afterReturn(meansOf(account), returned);
  const anew = lockableWith(means, locks.multiplierBp, { paid, lien: locks.lien });
  const again = lockableAgain(account, returned);
  const lockable = anew > again ? anew : again;
  if (paid <= most && amount <= lockable) return null;
  const detail = { ...short.detail, lockable: lockable.toString() };
  const mustBeFree = locks.multiplierBp > BASIS_POINTS ? paid : paid + amount;
  if (mustBeFree > most) return reject("FUNDS_TOO_LOW", detail);
  return reject("LOCKABLE_TOO_LOW", {
    ...detail,
    locks: amount.toString(),
    own: ownFunds(means).toString(),
    multiplierBp: locks.multiplierBp,
  });
}

const tooLow = (free: bigint, needed: bigint): Rejection<"FUNDS_TOO_LOW"> =>
  reject("FUNDS_TOO_LOW", { free: free.toString(), needed: needed.toString() });

export const exceeded = (
  { child }: Pick<Budget, "child">,
  { kind, most, counted }: Limit,
  needed: bigint,
): Rejection<"BUDGET_EXCEEDED"> =>
  reject("BUDGET_EXCEEDED", {
    child: toHex(child),
    limit: kind,
    most: most.toString(),
    counted: counted.toString(),
    needed: needed.toString(),
  });

/** What was to be paid by a budget that has ended, and the agent's own funds do not cover. */
export const endedBudget = (
  level: Budget,
  timeMs: number,
  free = 0n,
  needed = 0n,
): Rejection<"BUDGET_ENDED"> =>
  reject("BUDGET_ENDED", {
    child: toHex(level.child),
    state: level.state,
    untilMs: level.terms.untilMs,
    timeMs,
    free: free.toString(),
    needed: needed.toString(),
  });

/** Counts what a payer's levels let out. @param held it is locked or deposited, and may come back */
export function countDrawn(
  ledger: Ledger,
  levels: readonly Budget[],
  sum: bigint,
  {
    timeMs,
    auction,
    held,
  }: { readonly timeMs: number; readonly auction: Hash | null; readonly held: boolean },
): void {
  const period = periodOf(ledger, timeMs);
  const spentIn = auction === null ? null : toHex(auction);
  for (const level of levels) {
    const child = toHex(level.child);
    ledger.change(BUDGETS, child, (one) => {
      one.inPeriod = countedIn(one, period) + sum;
      one.period = period;
      one.spent += sum;
      if (held) one.held += sum;
    });
    if (spentIn !== null) addOutlay(ledger, spentIn, child, sum);
  }
}

/** Counts that what was held comes back to the payer: where it was locked, and also in the period, if it is still that one. */
export function countReturned(
  ledger: Ledger,
  levels: readonly Budget[],
  sum: bigint,
  { auction, backedIn }: { readonly auction: Hash; readonly backedIn: number },
): void {
  const spentIn = toHex(auction);
  for (const level of levels) {
    const child = toHex(level.child);
    ledger.change(BUDGETS, child, (one) => {
      if (one.period === backedIn) one.inPeriod -= sum;
      one.spent -= sum;
      one.held -= sum;
    });
    addOutlay(ledger, spentIn, child, -sum);
  }
  for (const { child } of levels) dropIfOver(ledger, toHex(child));
}

/** Counts that what was held has gone for good: it was paid, or burned. */
export function countGone(ledger: Ledger, levels: readonly Budget[], sum: bigint): void {
  for (const { child } of levels) {
    ledger.change(BUDGETS, child, (one) => {
      one.held -= sum;
    });
  }
  for (const { child } of levels) dropIfOver(ledger, toHex(child));
}

function addOutlay(ledger: Ledger, auction: Hex, child: Hex, sum: bigint): void {
  const path = [auction, child];
  const { amount, backedIn } = ledger.get(OUTLAYS, path) ?? NO_OUTLAY;
  ledger.put(OUTLAYS, path, { amount: amount + sum, backedIn });
}
const NO_OUTLAY: Outlay = { amount: 0n, backedIn: null };

/** Notes whose money an agent has in an auction. @param backedIn the period, if it is its budget's; null: its own */
export function noteBacking(ledger: Ledger, auction: Hash, agent: AgentId, backedIn: number | null): void {
  const known = ledger.get(OUTLAYS, [auction, agent]);
  if (known === null || known.backedIn === backedIn) return;
  ledger.change(OUTLAYS, [auction, agent], (outlay) => {
    outlay.backedIn = backedIn;
  });
}

/** Forgets what was spent in an auction: nothing is held in it any more. @returns how many rows are gone */
export function forgetOutlays(ledger: Ledger, auction: Hash): number {
  const outlays = ledger.table(OUTLAYS);
  const paths = [...outlays.index.byAuction.of(toHex(auction))];
  for (const path of paths) outlays.delete(path);
  return paths.length;
}

/** Takes budgets out of the state that have ended: nothing is held by them, and nobody has a part of them. */
export function dropIfOver(ledger: Ledger, child: Hex): void {
  const budgets = ledger.table(BUDGETS);
  for (let one = budgets.get(child); one !== null; one = budgets.get(one.owner)) {
    const isParent = budgets.index.children.of(toHex(one.child)).size > 0;
    if (one.state === "open" || one.held > 0n || isParent) return;
    budgets.delete(one.child);
  }
}

/** Closes budgets whose time is over, the longest over first, then by child; at most so many. @returns their children */
export function closeExpired(ledger: Ledger, timeMs: number, most: number): readonly AgentId[] {
  const closed: AgentId[] = [];
  const { ends } = ledger.table(BUDGETS).index;
  for (let next = ends.first; closed.length < most && next !== null; next = ends.first) {
    const budget = ledger.get(BUDGETS, next.id)!;
    if (isLive(budget, timeMs)) break;
    ledger.change(BUDGETS, next.id, (one) => {
      one.state = "closed";
    });
    closed.push(budget.child);
    dropIfOver(ledger, next.id);
  }
  return closed;
}
