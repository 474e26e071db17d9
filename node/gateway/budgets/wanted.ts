// Which budgets the ledger is to hold: of each named agent with such limits, and of those above it, so that the tree is one there too.
import { MAX_AMOUNT } from "../../../src/base/index.js";
import { type Budget, type BudgetTerms, MAX_BUDGET_MS } from "../../../src/ledger/index.js";
import { isOfLedger, type NamedAgent } from "../named/named-agent.js";
import { childrenOf } from "../named/tree.js";

/** A budget without a last moment, or with one too far for the ledger, is opened for so long, and renewed at half of it. */
const TERM_MS = MAX_BUDGET_MS - 24 * 60 * 60 * 1_000;

export interface WantedBudget {
  readonly agent: NamedAgent;
  /** how many stand above it */
  readonly depth: number;
  readonly perPeriod: bigint;
  readonly total: bigint | null;
  /** since 1970; null: as long as can be */
  readonly untilMs: number | null;
}

/** By name, those above before those below them. An agent whose time is over wants none any more. */
export function wantedBudgets(
  agents: ReadonlyMap<string, NamedAgent>,
  nowMs: number,
): ReadonlyMap<string, WantedBudget> {
  const wanted = new Map<string, WantedBudget>();
  const add = (agent: NamedAgent, depth: number): boolean => {
    const { name, limits } = agent;
    if (limits.untilMs !== null && limits.untilMs < nowMs) return false;
    const { perDay, total, untilMs } = limits;
    wanted.set(name, { agent, depth, perPeriod: perDay ?? MAX_AMOUNT, total, untilMs });
    const below = childrenOf(agents, name).map((child) => add(agents.get(child)!, depth + 1));
    const isWanted = isOfLedger(limits) || below.includes(true);
    if (!isWanted) wanted.delete(name);
    return isWanted;
  };
  for (const agent of agents.values()) if (agent.parent === null) add(agent, 0);
  return wanted;
}

/** The terms of an opening. An agent may lock all that it may spend in one auction. */
export const termsOf = ({ perPeriod, total, untilMs }: WantedBudget, nowMs: number): BudgetTerms => ({
  perAuction: MAX_AMOUNT,
  perPeriod,
  total,
  untilMs: Math.min(untilMs ?? Number.POSITIVE_INFINITY, nowMs + TERM_MS),
});

/** Whether a budget of the ledger is as it is wanted: a last moment that is far off has half a term left. */
export function isAsWanted({ terms }: Budget, wanted: WantedBudget, nowMs: number): boolean {
  const { untilMs } = wanted;
  const isNear = untilMs !== null && untilMs <= nowMs + TERM_MS / 2;
  const isLongEnough = isNear
    ? terms.untilMs === untilMs
    : terms.untilMs >= nowMs + TERM_MS / 2 && (untilMs === null || terms.untilMs <= untilMs);
  return (
    isLongEnough &&
    terms.perAuction === MAX_AMOUNT &&
    terms.perPeriod === wanted.perPeriod &&
    terms.total === wanted.total
  );
}
