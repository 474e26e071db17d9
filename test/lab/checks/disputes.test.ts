// What disputes of a log come to: by a hand-written log, and by nobody's word.
import { describe, expect, test } from "vitest";
import { toHex } from "../../../src/base/index.js";
import type { Operation } from "../../../src/market/index.js";
import type { AccountBook, TradeBook } from "../../../testnet/lab/checks/books.js";
import { NO_BUDGETS } from "../../../testnet/lab/checks/budget-books.js";
import { fundsWrongs } from "../../../testnet/lab/checks/funds.js";
import { tradeMoneyWrongs } from "../../../testnet/lab/checks/trade-money.js";
import { historyOf as readHistory, type Testimony } from "../../../testnet/watch/testimony.js";
import { idHexOf, idOf, SEATS } from "../../testnet/history.js";
import { at, deliver, fateIn, LIEN, log, PRICE, says, trade } from "./sold.js";

/** ⌈5 % of the price⌉. */
const BOND = 1_355_001n;
const dispute = (bond = BOND, name = "ada"): Operation =>
  says(name, 1, { kind: "dispute", trade, evidence: trade, bond });
const votes = (name: string, share: number | null, nonce = 0): Operation =>
  says(name, nonce, { kind: "verdict", trade, share });
const [una, dos, tri, qua] = SEATS as [string, string, string, string];

/** Delivered at 1,000, disputed at 1,400: to be judged by 1,800. */
const judged = (...entries: Parameters<typeof log>): Testimony =>
  log(at(1_000, deliver), at(1_400, dispute()), ...entries);
const among = (testimony: Testimony, ...seats: readonly string[]): Testimony => ({
  ...testimony,
  params: { ...testimony.params, seats: seats.map(idOf) },
});

describe("a dispute", () => {
  test("waits for the seats up to its deadline, and no longer", () => {
    expect(fateIn(judged(at(1_800)))).toMatchObject({ ending: null, dispute: { bond: BOND, votes: [] } });
    // Half of an odd price: the odd micro-credit is the performer's.
    expect(fateIn(judged(at(1_801))).ending).toEqual({
      ...{ cause: "hung", height: 13, returned: 13_550_001n, received: 13_482_251n, fee: 67_751n, due: 0n },
    });
  });

  test("is upheld by three of four, with the middle one of their shares", () => {
    const two = [votes(una, 9_000), votes(dos, 2_500)];
    expect(fateIn(judged(at(1_500, ...two))).ending).toBeNull();
    // A quarter is not the middle one, nor is the mean.
    expect(fateIn(judged(at(1_500, ...two, votes(tri, 1_000)))).ending).toEqual({
      ...{ cause: "upheld", height: 13, returned: 6_775_001n, received: 20_223_376n, fee: 101_626n },
      due: 10_162_501n,
    });
  });

  test("of an even number of shares the lower middle one counts", () => {
    const seats = [una, dos];
    const both = [votes(una, 10_000), votes(dos, 4_000)];
    expect(fateIn(among(judged(at(1_500, ...both)), ...seats)).ending).toMatchObject({
      cause: "upheld",
      returned: 10_840_002n,
    });
  });

  test("is rejected by three of four", () => {
    const ops = [votes(una, null), votes(dos, 1), votes(tri, null), votes(qua, null)];
    const { ending } = fateIn(judged(at(1_500, ...ops)));
    expect(ending).toMatchObject({ cause: "rejected", returned: 0n, received: 26_964_502n, due: 0n });
  });

  test("hangs as soon as no three can agree", () => {
    const ops = [votes(una, null), votes(dos, 1), votes(tri, null)];
    expect(fateIn(judged(at(1_500, ...ops))).ending).toBeNull();
    expect(fateIn(judged(at(1_500, ...ops, votes(qua, 1)))).ending).toMatchObject({
      ...{ cause: "hung", height: 13 },
    });
  });

  test("of a party that holds one of four seats is judged by two of three", () => {
    const testimony = judged(at(1_500, votes(una, null), votes(dos, null)));
    expect(fateIn(among(testimony, una, dos, tri, "seller")).ending).toMatchObject({ cause: "rejected" });
  });
});

describe("what may not be", () => {
  const cases: Record<string, [Testimony, RegExp]> = {
    "a bond one micro-credit too small": [
      log(at(1_000, deliver), at(1_400, dispute(BOND - 1n))),
      /dispute of trade \w+ was applied/,
    ],
    "a dispute by the performer": [
      log(at(1_000, deliver), at(1_400, dispute(BOND, "seller"))),
      /dispute of trade \w+ was applied/,
    ],
    "a dispute of nothing": [log(at(1_000, dispute())), /dispute of trade \w+ was applied/],
    "a second dispute": [
      judged(at(1_450, says("ada", 2, { kind: "dispute", trade, evidence: trade, bond: BOND }))),
      /dispute of trade \w+ was applied/,
    ],
    "a late dispute": [log(at(1_000, deliver), at(1_501, dispute())), /dispute of trade \w+ was applied/],
    "a dispute where nobody judges": [
      among(log(at(1_000, deliver), at(1_400, dispute())), "ada"),
      /dispute of trade \w+ was applied/,
    ],
    "a vote without a seat": [judged(at(1_500, votes("bob", 1))), /verdict of trade \w+ was applied/],
    "a vote of a party": [
      among(judged(at(1_500, votes("seller", null))), una, dos, "seller"),
      /verdict of trade \w+ was applied/,
    ],
    "a second vote": [
      judged(at(1_500, votes(una, 1), votes(una, null, 1))),
      /verdict of trade \w+ was applied/,
    ],
    "a late vote": [judged(at(1_801, votes(una, 1))), /verdict of trade \w+ was applied/],
    "a vote before a dispute": [
      log(at(1_000, deliver), at(1_400, votes(una, 1))),
      /verdict of trade \w+ was applied/,
    ],
  };
  test.each(Object.entries(cases))("%s", (_name, [testimony, wrong]) => {
    expect(fateIn(testimony).misdeeds).toEqual([expect.stringMatching(wrong)]);
  });

  test("a vote in time that is refused", () => {
    const vote = votes(una, 1);
    const testimony = judged(at(1_800, vote));
    const refusal = (code: string): Testimony => ({
      ...testimony,
      peers: testimony.peers.map((peer) => ({
        ...peer,
        sightings: [
          ...peer.sightings,
          {
            order: 99,
            notice: {
              kind: "operationRefused",
              height: 13,
              operation: Buffer.from(idHexOf(vote), "hex"),
              code,
            },
          },
        ],
      })),
    });
    expect(fateIn(refusal("JUROR_IS_PARTY")).misdeeds).toEqual([expect.stringMatching(/was refused/)]);
    expect(fateIn(refusal("NONCE_USED")).misdeeds).toEqual([]);
  });
});

describe("trade-money", () => {
  const testimony = judged(at(1_500, votes(una, null), votes(tri, 7)));
  const row: TradeBook = {
    ...{ id: toHex(trade), performer: idOf("seller"), buyer: idOf("ada"), price: PRICE, lien: LIEN },
    dispute: {
      bond: BOND,
      votes: [
        { seat: 0, share: null },
        { seat: 2, share: 7 },
      ],
    },
    ending: null,
  };
  const accountsOf = ({ peers }: Testimony, amount: bigint | null): readonly AccountBook[] =>
    peers[0]!.accounts.map((one) =>
      one.agent !== idOf("ada") || amount === null
        ? one
        : { ...one, bonds: [{ trade: toHex(trade), amount }] },
    );
  const wrongs = (of: Testimony, trades: readonly TradeBook[], bond: bigint | null) =>
    tradeMoneyWrongs(readHistory(of), of.params, {
      ...{ height: of.log.length, trades, accounts: accountsOf(of, bond), budgets: NO_BUDGETS },
    });

  test("holds for the votes of the log, in its order, and for no others", () => {
    expect(wrongs(testimony, [row], BOND)).toEqual([]);
    const { votes: cast } = row.dispute!;
    const others = [
      [...cast].reverse(),
      cast.slice(1),
      [...cast, { seat: 3, share: 1 }],
      cast.map((one) => ({ ...one, share: 7 })),
    ];
    for (const other of others)
      expect(wrongs(testimony, [{ ...row, dispute: { bond: BOND, votes: other } }], BOND)).toHaveLength(1);
    expect(wrongs(testimony, [{ ...row, dispute: null }], BOND)).toHaveLength(1);
  });

  test("a bond is locked while the seats judge, and not after", () => {
    expect(wrongs(testimony, [row], null)).toEqual([expect.stringMatching(/is not locked/)]);
    expect(wrongs(testimony, [row], BOND + 1n)).toHaveLength(2);
    const over = judged(at(1_500, votes(una, null), votes(dos, null), votes(tri, null)));
    expect(wrongs(over, [], BOND)).toContainEqual(expect.stringMatching(/is locked for no dispute/));
  });
});

describe("funds", () => {
  /** Who has more or less than the log leaves it, where nobody's funds have moved but by the auction's fees. */
  const movedBy = (...ops: Operation[]) => {
    const of = judged(at(1_500, ...ops));
    const accounts = of.opening.map((one) => ({
      ...one,
      ...{ liens: [], bonds: [], deposits: 0n, slashDebt: 0n, nonces: { critical: 0, bulk: 0 } },
    }));
    const terms = { ...of.params, opening: of.opening };
    const told = fundsWrongs(readHistory(of), terms, {
      height: of.log.length,
      trades: [],
      accounts,
      budgets: NO_BUDGETS,
    });
    const leftTo = (name: string) =>
      told.flatMap((one) =>
        one.includes(idOf(name).slice(0, 8)) ? [BigInt(one.split(" ").at(-1)!)] : [],
      )[0];
    return { buyer: leftTo("ada"), performer: leftTo("seller") };
  };
  const FEES = 1_000n;
  const BEGUN = 1_000_000_000n;

  test("the bond of a rejected dispute is the performer's, beside the price", () => {
    const { buyer, performer } = movedBy(votes(una, null), votes(dos, null), votes(tri, null));
    expect(buyer).toBe(BEGUN - 2n * FEES - PRICE - BOND);
    expect(performer).toBe(BEGUN - 2n * FEES + 26_964_502n + BOND);
  });

  test("of an upheld one its buyer keeps it, and the performer pays the share of the penalty", () => {
    const { buyer, performer } = movedBy(votes(una, 2_500), votes(dos, 2_500), votes(tri, 2_500));
    expect(buyer).toBe(BEGUN - 2n * FEES - (PRICE - 6_775_001n));
    expect(performer).toBe(BEGUN - 2n * FEES + 20_223_376n - 10_162_501n);
  });
});
