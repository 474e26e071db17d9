// budgets: nobody spends beyond a limit of any level, and every row counts what the log says (spec/budgets#what-is-counted).
import type { Hex } from "../../../src/base/index.js";
import type { Executed } from "./books.js";
import type { BudgetBooks, LevelBook } from "./budget-books.js";
import type { Level } from "./budget-tree.js";
import type { History } from "./history.js";
import { budgetsOpened, type PayerRates, type Payers, payersOf } from "./payers.js";

/** What was read of a peer's budgets. */
export type BudgetReading = Pick<Executed, "height" | "budgets">;

/** @param readings no further than the history is whole; of one height the first counts: `agree` compares peers */
export function budgetWrongs(
  history: History,
  rates: PayerRates,
  readings: readonly BudgetReading[],
): readonly string[] {
  if (budgetsOpened(history) === 0)
    return readings.flatMap(({ height, budgets }) => strangers(budgets.levels).map(at(height)));
  const read = new Map([...readings].reverse().map((one) => [one.height, one.budgets]));
  const upTo = Math.max(0, ...read.keys());
  const wrongs: string[] = [];
  const payers = payersOf(history, rates, upTo, (height, known) => {
    const books = read.get(height);
    if (books !== undefined) wrongs.push(...wrongsWith(books, known).map(at(height)));
  });
  return payers === null ? [] : [...payers.misdeeds, ...wrongs];
}

const at =
  (height: number) =>
  (what: string): string =>
    `at height ${height} ${what}`;

function wrongsWith({ levels, outlays }: BudgetBooks, payers: Payers): readonly string[] {
  const { tree, unsure } = payers;
  const late = new Set([...unsure].flatMap((agent) => tree.above(agent)));
  const rows = new Map(levels.map((row) => [row.child, row]));
  return [
    ...(unsure.size > 0 ? [] : strangers(levels.filter(({ child }) => tree.of(child) === null))),
    ...tree
      .all()
      .filter((level) => !late.has(level))
      .flatMap((level) => differs(level, rows.get(level.child), payers)),
    ...outlayWrongs(payers, outlays),
  ];
}

/** Of auctions and disputes that the state is certain to have. */
function outlayWrongs({ tree, alive }: Payers, outlays: BudgetBooks["outlays"]): readonly string[] {
  const rows = new Map(outlays.map(({ about, child, amount }) => [`${about}/${child}`, amount]));
  const children = new Set([...tree.all(), ...outlays].map(({ child }) => child));
  return [...alive].flatMap((about) =>
    [...children].flatMap((child) => {
      const [has, owed] = [rows.get(`${about}/${child}`) ?? 0n, tree.outlay({ child }, about)];
      return has === owed ? [] : [`${name(child)} has spent ${has} in ${name(about)}; by the log ${owed}`];
    }),
  );
}

const strangers = (rows: readonly LevelBook[]): readonly string[] =>
  rows.map(({ child }) => `${name(child)} has a budget, of which the log knows nothing`);

function differs(
  level: Level,
  row: LevelBook | undefined,
  { tree, period }: Pick<Payers, "tree" | "period">,
): readonly string[] {
  if (row === undefined) return [`the budget of ${name(level.child)} is not there`];
  const counts = row.period === period ? row.inPeriod : 0n;
  const [has, owed] = [
    shown(row, counts, row.spent, row.held),
    shown(level, tree.inPeriod(level, period), tree.spent(level), tree.held(level)),
  ];
  return has === owed ? [] : [`the budget of ${name(level.child)} is ${has}; by the log ${owed}`];
}

const shown = (
  { owner, isOpen, terms }: Pick<Level, "owner" | "isOpen" | "terms">,
  inPeriod: bigint,
  spent: bigint,
  held: bigint,
): string => {
  const { perAuction, perPeriod, total, untilMs } = terms;
  const limits = `${perAuction} an auction, ${perPeriod} a period, ${total ?? "anything"} in all until ${untilMs}`;
  return `${name(owner)}'s, ${isOpen ? "open" : "closed"} (${limits}): ${inPeriod} in this period, ${spent} in all, ${held} held`;
};

const name = (id: Hex): string => id.slice(0, 8);
