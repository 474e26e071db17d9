// What of budgets' rows the laws read.
import { type Hex, toHex } from "../../../src/base/index.js";
import { BUDGETS, type BudgetTerms, type Ledger, OUTLAYS } from "../../../src/ledger/index.js";

/** One level of a tree, under its child; amounts in micro-credits. */
export interface LevelBook {
  readonly child: Hex;
  readonly owner: Hex;
  readonly terms: BudgetTerms;
  readonly isOpen: boolean;
  /** in which it last counted something, and what it counts in that */
  readonly period: number;
  readonly inPeriod: bigint;
  readonly spent: bigint;
  readonly held: bigint;
}

/** What a level has spent in an auction, or in the dispute of a trade. */
interface OutlayBook {
  readonly about: Hex;
  readonly child: Hex;
  readonly amount: bigint;
}

export interface BudgetBooks {
  readonly levels: readonly LevelBook[];
  readonly outlays: readonly OutlayBook[];
}

export const budgetsIn = (ledger: Ledger): BudgetBooks => ({
  levels: [...ledger.table(BUDGETS).values()].map(({ child, owner, state, ...rest }) => ({
    ...rest,
    child: toHex(child),
    owner: toHex(owner),
    isOpen: state === "open",
  })),
  outlays: [...ledger.table(OUTLAYS).keys()].map((path) => {
    const [about, child] = path.split("/") as [Hex, Hex];
    return { about, child, amount: ledger.get(OUTLAYS, [about, child])!.amount };
  }),
});

/** Nobody has a budget. */
export const NO_BUDGETS: BudgetBooks = { levels: [], outlays: [] };
