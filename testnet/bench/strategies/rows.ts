// Rows and tables: what each strategy gains among the others and among its like, and what the market makes of them.
import { FORMATS, type FormatName } from "../../../src/market/index.js";
import {
  aggressive,
  budgetPaced,
  conservative,
  type Strategy,
  strategic,
  truthful,
} from "../../../src/market/strategies/index.js";
import { type Audience, type BenchRow, type BenchTable, type RowPlan, rounded, rowOf } from "../report.js";
import { GREATEST_VALUE, type MarketOutcome, type MarketPlan, PRESENT, runMarket } from "./market.js";

const CREDIT = 1_000_000n;
const LOTS = 4000;
const SEED = 1;
const KINDS = 5;
/** Bidders of each kind. */
const EACH = 2;
/** What a bidder may spend for each lot there is, where all have a budget: about a third of what truth would. */
const BUDGET_A_LOT = 22n * CREDIT;

const WHERE = `${LOTS} lots, each with ${PRESENT} of ${EACH * KINDS} bidders, seed ${SEED}`;
const EFFICIENT: RowPlan = {
  name: "strategies-truth",
  unit: "of what could be gained is, where another's bid is the price and all are truthful",
  limit: "all of it",
  target: { of: "ratio", bound: "at least", amount: 0.999 },
};
const PACED: RowPlan = {
  name: "strategies-paced",
  unit: `credits a lot that budgetPaced gains where all have a budget: ${WHERE}`,
  limit: "truthful, in the same market",
  target: { of: "ratio", bound: "at least", amount: 1 },
};
export const STRATEGY_ROWS: readonly RowPlan[] = [EFFICIENT, PACED];

interface World {
  readonly name: string;
  readonly plan: Pick<MarketPlan, "direction" | "values" | "format"> & { readonly isBudgeted: boolean };
}

const worldOf = (name: string, plan: Partial<World["plan"]> & Pick<World["plan"], "format">): World => ({
  name,
  plan: { direction: "sell", values: "private", isBudgeted: false, ...plan },
});

const names = Object.keys(FORMATS) as FormatName[];
const whole = names.filter((name) => !FORMATS[name].isDivisible);
const [first] = whole as [FormatName];
const WORLDS: readonly World[] = [
  ...names.map((format) => worldOf(format, { format })),
  ...whole.map((format) => worldOf(`${format}, estimates`, { format, values: "common" })),
  ...whole.map((format) => worldOf(`${format}, purchase`, { format, direction: "buy" })),
  worldOf(`${first}, budgets`, { format: first, isBudgeted: true }),
];

/** A bidder comes to half of the lots. Where no budget binds, that of budgetPaced does not either. */
const all = (lots: number, { plan }: World): readonly Strategy[] => [
  truthful(),
  strategic(),
  conservative(),
  aggressive(),
  budgetPaced({
    total: BUDGET_A_LOT * BigInt(lots) * (plan.isBudgeted ? 1n : 100n),
    lots: Math.ceil(lots / 2),
  }),
];

const times = (strategies: readonly Strategy[], count: number): readonly Strategy[] =>
  Array.from({ length: count }, () => strategies).flat();

/** @param lots fewer for a test */
export async function strategyRows(
  { table }: Pick<Audience, "table">,
  lots = LOTS,
): Promise<readonly BenchRow[]> {
  const run = ({ plan: { isBudgeted, ...plan } }: World, strategies: readonly Strategy[]): MarketOutcome => {
    const budget = isBudgeted ? BUDGET_A_LOT * BigInt(lots) : null;
    return runMarket({ ...plan, budget, strategies, lots, seed: SEED });
  };
  const mixed = WORLDS.map((world) => run(world, times(all(lots, world), EACH)));
  table(amongOthers(mixed, lots));
  const alike = WORLDS.map((world) => all(lots, world).map((one) => run(world, times([one], EACH * KINDS))));
  table(amongLike(alike, lots));
  const truth = alike[0]![0]!;
  const budgeted = mixed.at(-1)!;
  return [
    rowOf(EFFICIENT, truth.efficiency, 1),
    rowOf(PACED, gainOf(budgeted, "budgetPaced", lots), gainOf(budgeted, "truthful", lots)),
  ];
}

/** In credits, by bidder and lot. */
function gainOf({ bidders }: MarketOutcome, strategy: string, lots: number): number {
  const its = bidders.filter((one) => one.strategy === strategy);
  return Number(its.reduce((sum, { profit }) => sum + profit, 0n)) / Number(CREDIT) / its.length / lots;
}

const columns = WORLDS.map(({ name }) => name);
const percent = ({ efficiency }: MarketOutcome): number => rounded(100 * efficiency);

function amongOthers(outcomes: readonly MarketOutcome[], lots: number): BenchTable {
  const strategies = [...new Set(outcomes[0]!.bidders.map(({ strategy }) => strategy))];
  const rows = strategies.map((name) => ({
    name,
    figures: outcomes.map((one) => rounded(gainOf(one, name, lots))),
  }));
  return {
    name: "strategies-among-others",
    what: `What a bidder gains among all strategies, in credits a lot, and the market's efficiency in %: values up to ${GREATEST_VALUE}, ${WHERE}`,
    columns,
    ways: [...rows, { name: "efficiency", figures: outcomes.map(percent) }],
  };
}

/** @param alike by world, then by strategy */
function amongLike(alike: readonly (readonly MarketOutcome[])[], lots: number): BenchTable {
  const ways = alike[0]!.flatMap(({ bidders }, at) => {
    const { strategy } = bidders[0]!;
    const outcomes = alike.map((one) => one[at]!);
    return [
      { name: `${strategy}: gain`, figures: outcomes.map((one) => rounded(gainOf(one, strategy, lots))) },
      { name: `${strategy}: efficiency`, figures: outcomes.map(percent) },
    ];
  });
  return { name: "strategies-among-like", what: "The same where all bid alike", columns, ways };
}
