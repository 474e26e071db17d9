// Budgets by the log alone: what counts, against which limit, and whose it is; told by a hand-written log.
import { describe, expect, test } from "vitest";
import { fromHex, type Hex, toHex } from "../../../src/base/index.js";
import { auctionIdOf, type Operation, type OperationBody } from "../../../src/market/index.js";
import type { Notice } from "../../../src/peer/ready.js";
import type { BudgetBooks, LevelBook } from "../../../testnet/lab/checks/budget-books.js";
import { budgetWrongs } from "../../../testnet/lab/checks/budgets.js";
import { payersOf } from "../../../testnet/lab/checks/payers.js";
import { historyOf as readHistory, type Testimony } from "../../../testnet/watch/testimony.js";
import {
  DEPOSIT,
  FEE,
  goingOn,
  historyOf,
  idHexOf,
  idOf,
  keyOf,
  network,
  RESERVE,
  signed,
  withPeer,
} from "../../testnet/history.js";

/** What the deposit and its fee come to. */
const SALE = DEPOSIT + FEE;
const BURN = 100_000n;
const PERIOD_MS = 60_000;
const WIDE = { perAuction: 1n << 40n, perPeriod: 1n << 40n, total: null, untilMs: 1_000_000 };

const opens = (owner: string, nonce: number, child: string, terms: Partial<typeof WIDE> = {}, nth = 0) =>
  signed(owner, nonce, {
    kind: "openBudget",
    child: keyOf(child).publicKey,
    terms: { ...WIDE, ...terms },
    nth,
    consent: new Uint8Array(64),
  });
const closes = (who: string, nonce: number, child: string) =>
  signed(who, nonce, { kind: "closeBudget", child: keyOf(child).publicKey });
const offer: OperationBody = {
  kind: "createAuction",
  format: { kind: "vickrey" },
  direction: "sell",
  lot: { capability: "gpu.a100", units: 1, fromMs: null, toMs: null },
  reserve: RESERVE,
  lockups: [RESERVE],
  openMs: 0,
  commitMs: 100_000,
  revealMs: 100_000,
  bond: 0n,
  reserveHash: null,
  standingWeight: null,
  deliverMs: 0,
  settleMs: 0,
  value: null,
};
const sells = (who: string, nonce: number) => signed(who, nonce, offer);
const cancels = (who: string, nonce: number, sale: number) =>
  signed(who, nonce, {
    kind: "cancel",
    auction: auctionIdOf(network, keyOf(who).publicKey, sale),
  });
const saleOf = (who: string, nonce: number): Hex => toHex(auctionIdOf(network, keyOf(who).publicKey, nonce));

/** After an auction in which nobody had a budget: entries from 700 on, 100 ms apart, or at given times. */
const log = (...entries: readonly (readonly Operation[] | readonly [number, ...Operation[]])[]): Testimony =>
  goingOn(
    historyOf({ bids: { ada: 31_400_001n } }, { winner: "ada", price: RESERVE, burned: 0n }),
    ...entries.map((entry, i) => {
      const [first, ...rest] = entry;
      return typeof first === "number"
        ? { timeMs: first, ops: rest as Operation[] }
        : { timeMs: 700 + 100 * i, ops: entry as readonly Operation[] };
    }),
  );

const level = (child: string, owner: string, books: Partial<LevelBook> = {}): LevelBook => ({
  ...{ child: idOf(child), owner: idOf(owner), terms: WIDE, isOpen: true, period: 0 },
  ...{ inPeriod: 0n, spent: 0n, held: 0n },
  ...books,
});
const counted = (sum: bigint, held = 0n) => ({ inPeriod: sum, spent: sum, held });
const books = (levels: readonly LevelBook[], ...outlays: readonly [Hex, string, bigint][]): BudgetBooks => ({
  levels,
  outlays: outlays.map(([about, child, amount]) => ({ about, child: idOf(child), amount })),
});

const judged = (testimony: Testimony, budgets: BudgetBooks): readonly string[] =>
  budgetWrongs(readHistory(testimony), testimony.params, [{ height: testimony.log.length, budgets }]);

const refused = (
  testimony: Testimony,
  operation: Operation,
  kind: "operationRefused" | "operationPassedOver",
) =>
  withPeer(testimony, 0, (peer) => {
    const at = testimony.log.length;
    const id = fromHex(idHexOf(operation))!;
    const notice = {
      kind,
      height: at,
      timeMs: 0,
      operation: id,
      code: "BUDGET_EXCEEDED",
    } as unknown as Notice;
    return { ...peer, sightings: [...peer.sightings, { order: 999, notice }] };
  });

describe("what a level counts", () => {
  const sold = log([opens("ada", 1, "kim")], [sells("kim", 0)]);
  const rows = books([level("kim", "ada", counted(SALE, DEPOSIT))], [saleOf("kim", 0), "kim", SALE]);

  test("is a fee and a deposit, and of these the deposit is held", () => {
    expect(judged(sold, rows)).toEqual([]);
  });

  test.each([
    ["a fee left out", { spent: DEPOSIT }],
    ["too much in the period", { inPeriod: SALE + 1n }],
    ["what is not held any more", { held: 0n }],
    ["another owner", { owner: idOf("bob") }],
    ["closed by nobody", { isOpen: false }],
    ["other terms", { terms: { ...WIDE, total: 1n } }],
  ])("and a row with %s is found", (_, wrong) => {
    const [row] = rows.levels;
    expect(judged(sold, { ...rows, levels: [{ ...row!, ...wrong }] })).toEqual([
      expect.stringMatching(/the budget of .* by the log/),
    ]);
  });

  test("and a row too few, one too many, or an outlay that is none", () => {
    expect(judged(sold, { ...rows, levels: [] })).toEqual([expect.stringMatching(/is not there/)]);
    expect(judged(sold, { ...rows, levels: [...rows.levels, level("eve", "ada")] })).toEqual([
      expect.stringMatching(/of which the log knows nothing/),
    ]);
    expect(judged(sold, { ...rows, outlays: [] })).toEqual([expect.stringMatching(/has spent 0 in/)]);
  });

  test("is what all below it have spent, their openings too", () => {
    const nested = log([opens("ada", 1, "kim")], [opens("kim", 0, "lee")], [sells("lee", 0)]);
    const [kim, lee] = [FEE + BURN + SALE, SALE];
    const sale = saleOf("lee", 0);
    const levels = [level("kim", "ada", counted(kim, DEPOSIT)), level("lee", "kim", counted(lee, DEPOSIT))];
    expect(judged(nested, books(levels, [sale, "kim", SALE], [sale, "lee", SALE]))).toEqual([]);
    const { paid, holdings } = payersOf(readHistory(nested), nested.params, nested.log.length)!;
    expect(paid.get(idOf("ada"))).toBe(FEE + (FEE + BURN) + (FEE + BURN) + FEE);
    expect(holdings.lent).toEqual([{ agent: idOf("lee"), payer: idOf("ada"), amount: DEPOSIT }]);
  });

  test("returns with what was held, but for fees, in the period too", () => {
    const called = log([opens("ada", 1, "kim")], [sells("kim", 0)], [cancels("kim", 1, 0)]);
    expect(judged(called, books([level("kim", "ada", counted(2n * FEE))]))).toEqual([]);
  });

  test("begins at 0 in a new period, and what returns there was not drawn in it", () => {
    const later = log([opens("ada", 1, "kim")], [sells("kim", 0)], [PERIOD_MS, cancels("kim", 1, 0)]);
    const row = { period: 1, inPeriod: FEE, spent: 2n * FEE };
    expect(judged(later, books([level("kim", "ada", row)]))).toEqual([]);
    expect(judged(later, books([level("kim", "ada", { ...row, inPeriod: 2n * FEE })]))).toHaveLength(1);
  });

  test("is what is held, when it is opened again", () => {
    const again = log([opens("ada", 1, "kim")], [sells("kim", 0)], [opens("ada", 2, "kim", {}, 1)]);
    const row = { inPeriod: SALE, spent: DEPOSIT, held: DEPOSIT };
    expect(judged(again, books([level("kim", "ada", row)], [saleOf("kim", 0), "kim", SALE]))).toEqual([]);
  });

  test("is nothing once it is closed: the child pays for itself, and what is held waits", () => {
    const closed = log(
      [opens("ada", 1, "kim")],
      [sells("kim", 0)],
      [closes("kim", 0, "kim")],
      [sells("kim", 1)],
    );
    const row = { isOpen: false, inPeriod: SALE + FEE, spent: SALE + FEE, held: DEPOSIT };
    expect(judged(closed, books([level("kim", "ada", row)], [saleOf("kim", 0), "kim", SALE]))).toEqual([]);
  });

  test("is gone with the last that was held", () => {
    const over = log(
      [opens("ada", 1, "kim")],
      [sells("kim", 0)],
      [closes("ada", 2, "kim"), cancels("kim", 1, 0)],
    );
    expect(judged(over, books([]))).toEqual([]);
  });

  test("ends with its last moment, and not in it", () => {
    const until = (timeMs: number) =>
      log([opens("ada", 1, "kim", { untilMs: 800 })], [timeMs, sells("kim", 0)]);
    const terms = { ...WIDE, untilMs: 800 };
    const row = level("kim", "ada", { terms, ...counted(SALE, DEPOSIT) });
    expect(judged(until(800), books([row], [saleOf("kim", 0), "kim", SALE]))).toEqual([]);
    expect(judged(until(801), books([]))).toEqual([]);
  });
});

describe("a limit", () => {
  const beyond = (terms: Partial<typeof WIDE>) =>
    judged(log([opens("ada", 1, "kim", terms)], [sells("kim", 0)]), books([])).filter((what) =>
      / of \d+ per|total/.test(what),
    );

  test.each(["perAuction", "perPeriod", "total"] as const)("%s is reached, and not passed", (limit) => {
    expect(beyond({ [limit]: SALE })).toEqual([]);
    expect(beyond({ [limit]: SALE - 1n })).toEqual([
      expect.stringContaining(`makes ${SALE} of ${SALE - 1n} ${limit}`),
    ]);
  });

  test("of a level above is one too", () => {
    const nested = log(
      [opens("ada", 1, "kim", { perPeriod: SALE + BURN })],
      [opens("kim", 0, "lee")],
      [sells("lee", 0)],
    );
    expect(judged(nested, books([]))).toContainEqual(expect.stringMatching(/perPeriod in the budget of/));
  });

  test("is in the way of what takes something alone", () => {
    const narrowed = log(
      [opens("ada", 1, "kim")],
      [sells("kim", 0)],
      [opens("ada", 2, "kim", { perPeriod: 1n }, 1)],
    );
    expect(judged(narrowed, books([])).filter((what) => what.includes("makes"))).toEqual([]);
  });

  test.each(["operationRefused", "operationPassedOver"] as const)(
    "is the reason of an %s, or there is none",
    (kind) => {
      const sale = sells("kim", 0);
      const by = (terms: Partial<typeof WIDE>) =>
        judged(refused(log([opens("ada", 1, "kim", terms)], [sale]), sale, kind), books([])).filter((what) =>
          what.includes("although"),
        );
      const needed = kind === "operationRefused" ? SALE : FEE;
      expect(by({ perPeriod: needed - 1n })).toEqual([]);
      expect(by({ perPeriod: needed })).toHaveLength(1);
    },
  );
});

describe("who may open and close", () => {
  const cases: Record<string, [Testimony, RegExp]> = {
    "a consent twice": [
      log([opens("ada", 1, "kim")], [opens("ada", 2, "kim")]),
      /agreed to its budget 0 and has had 1/,
    ],
    "a child of another": [
      log([opens("ada", 1, "kim")], [opens("bob", 0, "kim", {}, 1)]),
      /who is another's/,
    ],
    "a circle": [log([opens("ada", 1, "kim")], [opens("kim", 0, "ada")]), /who is above it/],
    oneself: [log([opens("ada", 1, "ada")]), /who is above it/],
    "an owner as a child": [log([opens("ada", 1, "kim")], [opens("bob", 0, "ada")]), /who has children/],
    "by a budget that is over": [
      log(
        [opens("ada", 1, "kim"), opens("kim", 0, "lee"), closes("ada", 2, "kim")],
        [opens("kim", 1, "eve")],
      ),
      /has nothing to spend itself/,
    ],
    "a stranger's closing": [
      log([opens("ada", 1, "kim")], [closes("bob", 0, "kim")]),
      /is neither of the two/,
    ],
    "nine below each other": [
      log(Array.from({ length: 9 }, (_, i) => opens(`a${i}`, 0, `a${i + 1}`))),
      /the 9th below each other/,
    ],
  };
  test.each(Object.entries(cases))("%s is found", (_, [testimony, wrong]) => {
    expect(judged(testimony, books([])).filter((what) => wrong.test(what))).toHaveLength(1);
  });
});
