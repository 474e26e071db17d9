// Counting: what levels of budgets count as spent, and forget of what came back or is over.
import { type Hash, type Hex, toHex } from "../base/index.js";
import type { AgentId } from "./agent.js";
import { BUDGETS, type Budget, isLive, OUTLAYS, type Outlay } from "./budget.js";
import type { Ledger } from "./ledger.js";
import { periodOf } from "./period.js";
import { countedIn } from "./spending.js";

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
