// Sources: whose money an auction holds of an account, where it returns, and who receives what is earned there.
import type { Hash } from "../base/index.js";
import type { Account } from "./account.js";
import type { AgentId } from "./agent.js";
import { type Budget, backingOf, behind, levelsOf, payerOf, topOf } from "./budget.js";
import { countReturned, noteBacking } from "./counting.js";
import type { Ledger } from "./ledger.js";
import { periodOf } from "./period.js";

/** Notes who stands behind an agent in an auction from now on, and so receives what it earns there. */
export function standBehind(ledger: Ledger, auction: Hash, agent: AgentId, timeMs: number): void {
  const { levels } = payerOf(ledger, agent, timeMs);
  noteBacking(ledger, auction, agent, levels.length === 0 ? null : periodOf(ledger, timeMs));
}

/** Where what an auction holds of an account came from, and where it returns. */
export interface Source {
  readonly account: Account;
  /** the budgets that it was counted at; none: it is the account's own */
  readonly levels: readonly Budget[];
  /** the period since which it is a budget's; null: it is the account's own */
  readonly backedIn: number | null;
}

export function sourceOf(ledger: Ledger, account: Account, auction: Hash): Source {
  const backedIn = backingOf(ledger, auction, account.id);
  if (backedIn === null) return { account, levels: [], backedIn };
  const levels = levelsOf(ledger, account.id);
  return { account: topOf(ledger, levels), levels, backedIn };
}

/** Counts at every budget that what an auction held came back. */
export function countBack(ledger: Ledger, { levels, backedIn }: Source, auction: Hash, amount: bigint): void {
  if (backedIn !== null) countReturned(ledger, levels, amount, { auction, backedIn });
}

/** Who receives what an agent earns in an auction: the owner whose funds stand behind it there, or itself. */
export const earnerOf = (ledger: Ledger, auction: Hash, agent: Account): Account =>
  ledger.accountOf(behind(ledger, auction, agent.id))!;
