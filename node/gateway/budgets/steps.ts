// What to tell the ledger next, so that it holds the budgets that are wanted: closings from below, openings from above.
import { type Hex, toHex } from "../../../src/base/index.js";
import { type Budget, type BudgetTerms, isLive } from "../../../src/ledger/index.js";
import type { NamedAgent } from "../named/named-agent.js";
import { isAsWanted, termsOf, type WantedBudget, wantedBudgets } from "./wanted.js";

export type Step = { readonly child: Hex; readonly owner: Hex } & (
  | { readonly kind: "open"; readonly name: string; readonly terms: BudgetTerms }
  | { readonly kind: "close" }
);

export interface Holding {
  readonly agents: ReadonlyMap<string, NamedAgent>;
  /** agents of the ledger whose names were removed */
  readonly orphans: readonly Hex[];
  /** who owns the budgets at the top */
  readonly owner: Hex;
  budgetOf(child: Hex): Budget | null;
}

/**
 * The next of the steps; null: there is none. Every agent that is wanted a budget has an agent in the ledger. A budget that
 * is not there any more though the ledger was told of it was ended by a person: it is opened again when its owner says
 * something of it.
 * @param skipped children whose step was refused before
 */
export function nextStep(holding: Holding, skipped: ReadonlySet<Hex>, nowMs: number): Step | null {
  const wanted = wantedBudgets(holding.agents, nowMs);
  return closing(holding, wanted, skipped, nowMs) ?? opening(holding, wanted, skipped, nowMs);
}

/** One that is not wanted, or of another owner than it has, or below such a one: the deepest first, for a tree grows downwards. */
function closing(
  { agents, orphans, owner, budgetOf }: Holding,
  wanted: ReadonlyMap<string, WantedBudget>,
  skipped: ReadonlySet<Hex>,
  nowMs: number,
): Step | null {
  const live = new Map<Hex, Budget>();
  const going = new Set<Hex>();
  const look = (child: Hex | null, isMisplaced: (owner: Hex) => boolean) => {
    const budget = child === null ? null : budgetOf(child);
    if (child === null || budget === null || !isLive(budget, nowMs)) return;
    live.set(child, budget);
    if (isMisplaced(toHex(budget.owner))) going.add(child);
  };
  for (const orphan of orphans) look(orphan, () => true);
  for (const agent of agents.values()) {
    const right = ownerOf(agent, agents, owner);
    look(agent.ledgerAgent, (found) => !wanted.has(agent.name) || found !== right);
  }
  for (let before = -1; before < going.size; ) {
    before = going.size;
    for (const [child, budget] of live) if (going.has(toHex(budget.owner))) going.add(child);
  }
  for (const child of going) {
    const isOwner = [...live.values()].some((budget) => toHex(budget.owner) === child);
    if (!isOwner && !skipped.has(child))
      return { kind: "close", child, owner: toHex(live.get(child)!.owner) };
  }
  return null;
}

function opening(
  { agents, owner, budgetOf }: Holding,
  wanted: ReadonlyMap<string, WantedBudget>,
  skipped: ReadonlySet<Hex>,
  nowMs: number,
): Step | null {
  const fromAbove = [...wanted.values()].sort((a, b) => a.depth - b.depth);
  for (const one of fromAbove) {
    const { name, ledgerAgent: child, isSettled, hasBudget } = one.agent;
    const above = ownerOf(one.agent, agents, owner);
    if (child === null || above === null || skipped.has(child) || skipped.has(above)) continue;
    const budget = budgetOf(child);
    const isOpen = budget !== null && isLive(budget, nowMs);
    if (isOpen ? isAsWanted(budget, one, nowMs) : isSettled && hasBudget) continue;
    return { kind: "open", name, child, owner: above, terms: termsOf(one, nowMs) };
  }
  return null;
}

/** Whose funds an agent is to spend: of the one above it, or of the owner of all. */
const ownerOf = ({ parent }: NamedAgent, agents: ReadonlyMap<string, NamedAgent>, owner: Hex): Hex | null =>
  parent === null ? owner : (agents.get(parent)?.ledgerAgent ?? null);
