// Budgets, as the API shows them.
import { toHex } from "../../../src/base/index.js";
import {
  type AgentId,
  BUDGETS,
  type Budget,
  countedIn,
  isLive,
  levelsOf,
  ownerOf,
  periodOf,
  treeBelow,
} from "../../../src/ledger/index.js";
import type { Peer } from "../../../src/peer/index.js";
import { type BudgetView, timeOf } from "../../contract/index.js";

/** The budgets above an agent, its own first, then those below it, level by level. */
export function budgetViews(peer: Peer, agent: AgentId): readonly BudgetView[] {
  const { ledger } = peer;
  const [, ...below] = treeBelow(ledger, toHex(agent));
  const budgets = [...levelsOf(ledger, agent), ...below.map((child) => ledger.get(BUDGETS, child)!)];
  return budgets.map((budget) => budgetView(peer, budget));
}

export function budgetView({ ledger, tip }: Peer, budget: Budget): BudgetView {
  const { child, owner, terms, spent, held } = budget;
  const used = countedIn(budget, periodOf(ledger, tip.timeMs));
  return {
    child: toHex(child),
    owner: toHex(owner),
    payer: toHex(ownerOf(ledger, child)),
    standing: standingOf(budget, levelsOf(ledger, child), tip.timeMs),
    until: timeOf(terms.untilMs),
    perAuction: terms.perAuction.toString(),
    perPeriod: { most: terms.perPeriod.toString(), used: used.toString() },
    total: terms.total === null ? null : { most: terms.total.toString(), used: spent.toString() },
    spent: spent.toString(),
    held: held.toString(),
    height: tip.height,
  };
}

function standingOf(
  { state, terms }: Budget,
  levels: readonly Budget[],
  timeMs: number,
): BudgetView["standing"] {
  if (state === "closed") return terms.untilMs < timeMs ? "expired" : "closed";
  if (terms.untilMs < timeMs) return "expired";
  return levels.every((level) => isLive(level, timeMs)) ? "live" : "ended above";
}
