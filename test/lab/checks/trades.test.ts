// The trades that a log begins, and what they come to: told by a hand-written log, and by nobody's word.
import { describe, expect, test } from "vitest";
import { toHex } from "../../../src/base/index.js";
import type { TradeBook } from "../../../testnet/lab/checks/books.js";
import { NO_BUDGETS } from "../../../testnet/lab/checks/budget-books.js";
import { Ladder } from "../../../testnet/lab/checks/ladder.js";
import { lienWrongs } from "../../../testnet/lab/checks/liens.js";
import { tradeMoneyWrongs } from "../../../testnet/lab/checks/trade-money.js";
import { historyOf as readHistory, type Testimony } from "../../../testnet/watch/testimony.js";
import { auction, idHexOf, idOf } from "../../testnet/history.js";
import { accept, at, deliver, fail, fateIn, LIEN, log, PRICE, says, trade } from "./sold.js";

const RECEIVED = 26_964_502n;
const id = trade;

describe("a trade", () => {
  test("runs with its price and its part of the seller's lien", () => {
    expect(fateIn(log())).toEqual({
      ...{ id: toHex(id), auction: toHex(auction), performer: idOf("seller"), buyer: idOf("ada") },
      ...{ price: PRICE, lien: LIEN, dispute: null, ending: null, misdeeds: [] },
      ...{ settleMs: 500, stage: "due", deadlineMs: 1_600 },
    });
  });

  test("is paid when its buyer accepts, less the fee", () => {
    const { ending } = fateIn(log(at(1_000, deliver), at(1_200, accept)));
    const fee = PRICE - RECEIVED;
    expect(ending).toEqual({ cause: "accepted", height: 12, received: RECEIVED, fee, returned: 0n, due: 0n });
  });

  test("is paid when its buyer says nothing in time, and not a moment earlier", () => {
    expect(fateIn(log(at(1_000, deliver), at(1_500))).ending).toBeNull();
    expect(fateIn(log(at(1_000, deliver), at(1_501))).ending).toMatchObject({
      cause: "unopposed",
      height: 12,
    });
  });

  test("returns its price when nothing is delivered in time, or its performer gives up", () => {
    const back = { received: 0n, fee: 0n, returned: PRICE, due: 0n };
    expect(fateIn(log(at(1_600))).ending).toBeNull();
    expect(fateIn(log(at(1_601))).ending).toEqual({ cause: "timedOut", height: 11, ...back });
    expect(fateIn(log(at(1_600, fail))).ending).toEqual({ cause: "failed", height: 11, ...back });
  });

  test("waits while the network stands still", () => {
    // 2,001 ms of silence are an outage.
    expect(fateIn(log(at(2_601), at(3_601))).ending).toBeNull();
    expect(fateIn(log(at(2_601), at(3_602))).ending).toMatchObject({ cause: "timedOut" });
  });
});

describe("what may not be", () => {
  const cases: Record<string, [Testimony, RegExp]> = {
    "a delivery by a stranger": [
      log(at(1_000, says("bob", 1, { kind: "deliver", trade, hash: id }))),
      /deliver of trade \w+ was applied/,
    ],
    "a second delivery": [
      log(at(1_000, deliver), at(1_100, says("seller", 1, { kind: "deliver", trade, hash: id }))),
      /deliver of trade \w+ was applied/,
    ],
    "a late delivery": [log(at(1_601, deliver)), /deliver of trade \w+ was applied/],
    "an acceptance by the performer": [
      log(at(1_000, deliver), at(1_100, says("seller", 1, { kind: "accept", trade }))),
      /accept of trade \w+ was applied/,
    ],
    "an acceptance of nothing": [log(at(1_000, accept)), /accept of trade \w+ was applied/],
    "giving up what was delivered": [
      log(at(1_000, deliver), at(1_100, says("seller", 1, { kind: "fail", trade }))),
      /fail of trade \w+ was applied/,
    ],
  };
  test.each(Object.entries(cases))("%s", (_name, [testimony, wrong]) => {
    expect(fateIn(testimony).misdeeds).toEqual([expect.stringMatching(wrong)]);
  });

  test("a delivery in time that is refused", () => {
    const testimony = log(at(1_000, deliver));
    const [peer, ...others] = testimony.peers;
    const operation = Buffer.from(idHexOf(deliver), "hex");
    const refusal = (code: string) => ({
      ...testimony,
      peers: [
        {
          ...peer!,
          sightings: [
            ...peer!.sightings,
            { order: 99, notice: { kind: "operationRefused", height: 11, operation, code } as const },
          ],
        },
        ...others,
      ],
    });
    expect(fateIn(refusal("TRADE_NOT_DUE")).misdeeds).toEqual([expect.stringMatching(/was refused/)]);
    // Not by its trade's rules: the log does not tell of what its sender had.
    expect(fateIn(refusal("FUNDS_TOO_LOW")).misdeeds).toEqual([]);
  });
});

describe("trade-money", () => {
  const paid = log(at(1_000, deliver), at(1_200, accept));
  const row: TradeBook = {
    ...{ id: toHex(id), performer: idOf("seller"), buyer: idOf("ada"), price: PRICE, lien: LIEN },
    dispute: null,
    ending: {
      ...{ cause: "accepted", height: 12, received: RECEIVED, fee: PRICE - RECEIVED },
      ...{ returned: 0n, due: 0n, taken: 0n },
    },
  };
  const judged = (testimony: Testimony, ...trades: TradeBook[]) =>
    tradeMoneyWrongs(readHistory(testimony), testimony.params, {
      ...{ height: testimony.log.length, accounts: [], trades, budgets: NO_BUDGETS },
    });

  test("holds for the row that the log makes, and for no other", () => {
    expect(judged(paid, row)).toEqual([]);
    const others: Partial<TradeBook>[] = [
      { ending: null },
      { price: PRICE + 1n },
      { lien: LIEN - 1n },
      { buyer: idOf("bob") },
      { ending: { ...row.ending!, cause: "unopposed" } },
      { ending: { ...row.ending!, height: 11 } },
      { ending: { ...row.ending!, received: RECEIVED - 1n } },
      { ending: { ...row.ending!, due: 1n, taken: 1n } },
    ];
    for (const other of others) expect(judged(paid, { ...row, ...other })).toHaveLength(1);
  });

  test("a row is there until the trade has been over for its time", () => {
    expect(judged(paid)).toEqual([expect.stringMatching(/is not there/)]);
    const later = log(at(1_000, deliver), at(1_200, accept), at(1_000_000 + 1_199));
    expect(judged(later)).toHaveLength(1);
    const gone = log(at(1_000, deliver), at(1_200, accept), at(1_000_000 + 1_200));
    expect(judged(gone)).toEqual([]);
  });

  test("a penalty takes at least what stands behind the trade, and no more than is due", () => {
    const ending = { ...row.ending!, due: LIEN + 1n };
    for (const taken of [LIEN - 1n, LIEN + 2n])
      expect(judged(paid, { ...row, ending: { ...ending, taken } })).toEqual([
        expect.stringMatching(/slashed of/),
      ]);
  });
});

describe("liens", () => {
  const judged = (testimony: Testimony, amount: bigint) =>
    lienWrongs(readHistory(testimony), testimony.params, {
      height: testimony.log.length,
      trades: [],
      budgets: NO_BUDGETS,
      accounts: testimony.peers[0]!.accounts.map((one) =>
        one.agent !== idOf("seller") || amount === 0n
          ? one
          : { ...one, stake: 100_000_000n, liens: [{ id: toHex(auction), kind: "trade" as const, amount }] },
      ),
    });

  test("a trade's part is held until it ends", () => {
    const [running, delivered] = [log(), log(at(1_000, deliver))];
    for (const testimony of [running, delivered]) {
      expect(judged(testimony, LIEN)).toEqual([]);
      expect(judged(testimony, LIEN - 1n)).toHaveLength(1);
      expect(judged(testimony, 0n)).toHaveLength(1);
    }
    const ended = log(at(1_000, deliver), at(1_200, accept));
    expect(judged(ended, 0n)).toEqual([]);
    expect(judged(ended, LIEN)).toHaveLength(1);
  });

  test("free stake is not below zero", () => {
    const testimony = log();
    const accounts = [
      {
        ...testimony.peers[0]!.accounts[0]!,
        stake: LIEN - 1n,
        liens: [{ id: toHex(auction), kind: "trade" as const, amount: LIEN }],
      },
    ];
    const wrongs = lienWrongs(readHistory(testimony), testimony.params, {
      height: 10,
      trades: [],
      accounts,
      budgets: NO_BUDGETS,
    });
    expect(wrongs).toEqual([expect.stringMatching(/has -1 of free stake/)]);
  });
});

describe("the ladder", () => {
  const failing = (ladder: Ladder, cause: "failed" | "timedOut", height: number) =>
    ladder.dueFor({ performer: "ada", lien: 1_003n }, cause, height);

  test("three concessions are forgiven, then each costs a tenth, and more each time up to five", () => {
    const ladder = new Ladder(() => 0);
    const costs = Array.from({ length: 10 }, (_, i) => failing(ladder, "failed", i));
    expect(costs).toEqual([0n, 0n, 0n, 100n, 200n, 300n, 400n, 500n, 500n, 500n]);
  });

  test("one silence is forgiven, then each costs twice a quarter; what was conceded counts", () => {
    const silent = new Ladder(() => 0);
    expect([1, 2, 3].map((height) => failing(silent, "timedOut", height))).toEqual([0n, 500n, 1_000n]);
    const conceded = new Ladder(() => 0);
    failing(conceded, "failed", 1);
    expect(failing(conceded, "timedOut", 2)).toBe(500n);
  });

  test("a misdelivery is never forgiven, and costs the share of itself that was found wrong", () => {
    const found = (share: number) =>
      new Ladder(() => 0).dueFor({ performer: "ada", lien: 1_003n }, "upheld", 1, share);
    expect([10_000, 5_000, 9, 1].map(found)).toEqual([1_002n, 501n, 0n, 0n]);
    const again = new Ladder(() => 0);
    again.dueFor({ performer: "ada", lien: 1_003n }, "upheld", 1, 10_000);
    expect(failing(again, "timedOut", 2)).toBe(1_000n);
  });

  test("nothing costs more than the greatest amount", () => {
    const lien = 2n ** 53n - 2n;
    const ladder = new Ladder(() => 0);
    const costs = [1, 2].map((height) => ladder.dueFor({ performer: "ada", lien }, "upheld", height));
    expect(costs).toEqual([lien, 2n ** 53n - 1n]);
  });

  test("what happened thirty periods ago counts, and nothing before", () => {
    const dueAfter = (periods: number) => {
      const ladder = new Ladder((height) => height + 0.9);
      failing(ladder, "timedOut", 0);
      return failing(ladder, "timedOut", periods);
    };
    expect([dueAfter(30), dueAfter(31)]).toEqual([500n, 0n]);
  });
});
