// Credit by standing: how much an agent may lock, by the standing of who pays for it (spec/money#credit).
import { type Hex, least } from "../../base/index.js";
import {
  type AgentId,
  creditMultiplierBp,
  type Ledger,
  limitsOf,
  lockableWith,
  meansOf,
  payerOf,
  periodOf,
} from "../../ledger/index.js";
import { reputationOf } from "./standing.js";

/** How many times its own funds an agent may lock, in basis points. */
export const multiplierBpOf = (ledger: Ledger, agent: AgentId | Hex): number =>
  creditMultiplierBp(reputationOf(ledger, agent));

/** Likewise of who pays for an agent at a ledger time; without an account it has nothing to lock. */
export function payerMultiplierBp(ledger: Ledger, agent: AgentId, timeMs: number): number {
  const { account } = payerOf(ledger, agent, timeMs);
  return multiplierBpOf(ledger, account?.id ?? agent);
}

/**
 * The most that an agent can lock at a ledger time in an auction in which nothing of it is yet, in micro-credits, as long
 * as its fee is free beside: of what pays for it, and within each limit of its budgets.
 */
export function lockableOf(ledger: Ledger, agent: AgentId, timeMs: number): bigint {
  const { account, levels } = payerOf(ledger, agent, timeMs);
  if (account === null) return 0n;
  let most = lockableWith(meansOf(account), multiplierBpOf(ledger, account.id));
  for (const level of levels) {
    most = least(most, level.terms.perAuction);
    for (const limit of limitsOf(ledger, level, periodOf(ledger, timeMs), null)) {
      most = least(most, limit.most > limit.counted ? limit.most - limit.counted : 0n);
    }
  }
  return most;
}
