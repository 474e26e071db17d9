// Spending: what an operation asks of free funds, whether they and every budget above cover it, and what is counted of it.
import { type Hash, type Hex, MAX_AMOUNT, toHex } from "../base/index.js";
import { type Account, type LockName, lockedAmount, lockOf } from "./account.js";
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
import type { Ledger } from "./ledger.js";
import { periodOf } from "./period.js";
import { type Rejection, reject } from "./rejection.js";

/** What an operation takes, in micro-credits. */
export interface Draw {
  readonly fee: bigint;
  /** what it locks, deposits or burns beside the fee: of whoever pays for the sender */
  readonly taken: bigint;
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
  own: 0n,
  auction,
  replaces: null,
});

export type DrawFault = "FUNDS_TOO_LOW" | "BUDGET_EXCEEDED" | "BUDGET_ENDED";

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
  /** to the payer's free funds, and to the limits by auction and in all */
  readonly all: bigint;
  /** to the limit by period: what was locked in this very one */
  readonly inPeriod: bigint;
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
  if (lock === null) return NOTHING;
  const backedIn = backingOf(ledger, lock.id, agent);
  if ((backedIn !== null) !== levels.length > 0) return NOTHING;
  const all = lockedAmount(lock);
  return { all, inPeriod: backedIn === period ? all : 0n };
}
const NOTHING: Returned = { all: 0n, inPeriod: 0n };

/** Why an operation of an agent cannot take what it asks for at a ledger time, or null. */
export function drawFault(
  ledger: Ledger,
  agent: AgentId,
  timeMs: number,
  { fee, taken, own, auction, replaces }: Draw,
): Rejection<DrawFault> | null {
  const payer = payerOf(ledger, agent, timeMs);
  const period = periodOf(ledger, timeMs);
  const returned = returnedBy(ledger, agent, replaces, payer, period);
  const free = payer.account?.free ?? 0n;
  if (payer.levels.length === 0) {
    const needed = fee + taken + own - returned.all;
    if (needed <= free) return null;
    return payer.ended === null ? tooLow(free, needed) : endedBudget(payer.ended, timeMs, free, needed);
  }
  for (const level of payer.levels) {
    for (const limit of limitsOf(ledger, level, period, auction)) {
      const back = limit.kind === "perPeriod" ? returned.inPeriod : returned.all;
      const needed = fee + taken - back;
      if (needed > 0n && limit.counted + needed > limit.most) return exceeded(level, limit, needed);
    }
  }
  const needed = fee + taken - returned.all;
  if (needed > free) return tooLow(free, needed, payer.account!);
  const ownFree = ledger.accountOf(agent)?.free ?? 0n;
  return own <= ownFree ? null : tooLow(ownFree, own);
}

function tooLow(free: bigint, needed: bigint, payer?: Account): Rejection<"FUNDS_TOO_LOW"> {
  const detail = { free: free.toString(), needed: needed.toString() };
  return reject("FUNDS_TOO_LOW", payer === undefined ? detail : { ...detail, owner: toHex(payer.id) });
}

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

/** Forgets what was spent in an auction: nothing is held in it any more. */
export function forgetOutlays(ledger: Ledger, auction: Hash): void {
  const outlays = ledger.table(OUTLAYS);
  for (const path of [...outlays.index.byAuction.of(toHex(auction))]) outlays.delete(path);
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
