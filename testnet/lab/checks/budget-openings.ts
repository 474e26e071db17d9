// Who may open and close which budget, by the log alone (spec/budgets#opening-and-closing).
import type { Hex } from "../../../src/base/index.js";
import type { BudgetTree } from "./budget-tree.js";

const DEEPEST = 8;

interface Opening {
  readonly from: Hex;
  readonly child: Hex;
  /** how many budgets the child has agreed to have had */
  readonly nth: number;
  /** how many it had */
  readonly had: number;
  readonly timeMs: number;
}

/** What is wrong with an opening that was applied; null: nothing. */
export function openingWrong(tree: BudgetTree, { from, child, nth, had, timeMs }: Opening): string | null {
  const says = `${from.slice(0, 8)} has opened a budget for ${child.slice(0, 8)}, `;
  const known = tree.of(child);
  const above = tree.above(from);
  if (nth !== had) return `${says}who agreed to its budget ${nth} and has had ${had}`;
  if (from === child || above.some(({ owner }) => owner === child)) return `${says}who is above it`;
  if (known !== null && known.owner !== from) return `${says}who is another's`;
  if (known === null && tree.childrenOf(child).length > 0) return `${says}who has children`;
  if (above.length >= DEEPEST) return `${says}the ${above.length + 1}th below each other`;
  return tree.payerOf(from, timeMs).hasEnded ? `${says}and has nothing to spend itself` : null;
}

/** What is wrong with a closing that was applied; null: nothing. */
export function closingWrong(tree: BudgetTree, child: Hex, from: Hex): string | null {
  const level = tree.of(child);
  if (level === null) return `${from.slice(0, 8)} has closed a budget of ${child.slice(0, 8)}, who has none`;
  return from === child || from === level.owner
    ? null
    : `${from.slice(0, 8)} has closed a budget of ${child.slice(0, 8)}, and is neither of the two`;
}
