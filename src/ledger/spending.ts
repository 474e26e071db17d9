// Spending: what an operation asks of free funds and of every budget above, and why they do not cover it.
import { type Hash, type Hex, MAX_AMOUNT, toHex } from "../base/index.js";
import { type Account, type LockName, type LockParts, lockedAmount, lockOf } from "./account.js";
import type { AgentId } from "./agent.js";
import { type Budget, backingOf, outlayOf, type Payer, payerOf } from "./budget.js";
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
