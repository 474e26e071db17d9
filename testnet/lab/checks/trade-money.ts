// trade-money: each trade has ended as the log says, its price is where the end puts it, and bonds are held of disputes that
// run and of no others: recomputed from the log alone (spec/trades#money, spec/disputes#money).
import type { Hex } from "../../../src/base/index.js";
import type { Params } from "../../../src/ledger/params.js";
import { type AccountBook, bookOf, type Executed, type TradeBook } from "./books.js";
import type { History } from "./history.js";
import type { TradeCourse } from "./trade-ends.js";
import { type TradeRates, tradesOf } from "./trades.js";
import type { Windows } from "./windows.js";

export type TradeTerms = TradeRates & Pick<Params, "retainMs">;

export function tradeMoneyWrongs(
  history: History,
  terms: TradeTerms,
  { height, trades: held, accounts }: Executed,
): readonly string[] {
  const known = tradesOf(history, terms, height);
  if (known === null) return [];
  const expected = new Map(known.courses.map((one) => [one.id, one]));
  const rows = new Set(held.map(({ id }) => id));
  const windows = history.windows();
  return [
    ...known.misdeeds,
    ...held.flatMap((row) => differs(row, expected.get(row.id)).map((what) => `at height ${height} ${what}`)),
    ...known.courses
      .filter(
        ({ id, auction }) => !rows.has(id) && !mayBeGone(windows, height, terms, known.courses, auction),
      )
      .map(({ id }) => `at height ${height} trade ${name(id)} is not there`),
    ...toldEnds(history, height).flatMap((told) => differs(told, expected.get(told.id))),
    ...bondWrongs(accounts, known.courses).map((what) => `at height ${height} ${what}`),
  ];
}

/** Rows go `retainMs` after the last trade of their auction has ended. */
function mayBeGone(
  windows: Windows,
  height: number,
  { retainMs }: TradeTerms,
  courses: readonly TradeCourse[],
  auction: Hex,
): boolean {
  return courses
    .filter((one) => one.auction === auction)
    .every(
      ({ ending }) => ending !== null && windows.timeMs(ending.height) + retainMs <= windows.timeMs(height),
    );
}

/** Ends that peers told of: of what is forgotten, too. */
const toldEnds = (history: History, upTo: number): readonly TradeBook[] =>
  history
    .told()
    .filter(({ height }) => height <= upTo)
    .flatMap(({ notices }) =>
      notices.flatMap((notice) =>
        notice.kind === "trade" && notice.trade.state.kind === "ended" ? [bookOf(notice.trade)] : [],
      ),
    );

/** The bond of a dispute is locked while the seats judge, of its buyer's funds. */
function bondWrongs(accounts: readonly AccountBook[], courses: readonly TradeCourse[]): readonly string[] {
  const owed = courses.flatMap(({ id, buyer, dispute, ending }) =>
    dispute === null || ending !== null ? [] : [bondName(buyer, id, dispute.bond)],
  );
  const held = accounts.flatMap(({ agent, bonds }) =>
    bonds.map(({ trade, amount }) => bondName(agent, trade, amount)),
  );
  return [
    ...owed.filter((bond) => !held.includes(bond)).map((bond) => `${bond} is not locked`),
    ...held.filter((bond) => !owed.includes(bond)).map((bond) => `${bond} is locked for no dispute`),
  ];
}

const bondName = (agent: Hex, trade: Hex, amount: bigint): string =>
  `${name(agent)}'s bond of ${amount} for trade ${name(trade)}`;

function differs(row: TradeBook, course: TradeCourse | undefined): readonly string[] {
  const { ending, lien } = row;
  const least = ending === null || ending.due < lien ? (ending?.due ?? 0n) : lien;
  if (ending !== null && (ending.taken < least || ending.taken > ending.due))
    return [`trade ${name(row.id)}: ${ending.taken} slashed of ${ending.due}, with ${lien} behind it`];
  if (course === undefined) return [`trade ${name(row.id)}: the log knows nothing of it`];
  const [has, owed] = [shown(row), shown(course)];
  return has === owed ? [] : [`trade ${name(row.id)}: ${has}; by the log ${owed}`];
}

function shown({ performer, buyer, price, lien, dispute, ending }: TradeBook | TradeCourse): string {
  const votes = dispute?.votes.map(({ seat, share }) => `${seat} ${share ?? "rejects"}`).join(", ");
  const disputed = dispute === null ? "" : `, disputed with ${dispute.bond} (${votes})`;
  const terms = `${name(performer)} to ${name(buyer)} for ${price} with ${lien} behind it${disputed}`;
  if (ending === null) return `${terms}, running`;
  const { cause, height, received, fee, returned, due } = ending;
  return `${terms}, ${cause} at ${height}: ${received} received, ${fee} burned, ${returned} returned, ${due} to be slashed`;
}

const name = (id: Hex): string => id.slice(0, 8);
