// Trades (spec/trades): how they begin, who may say what of them and until when, and how they end by themselves.
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/base/index.js";
import {
  ACCOUNTS,
  freeStake,
  lienAmount,
  lockedAmount,
  lockOf,
  MAX_LIENS,
  MAX_TRADE_ENDS,
  TOTALS,
} from "../../src/ledger/index.js";
import {
  AUCTIONS,
  type AuctionTerms,
  auctionOf,
  openTradesOf,
  STANDINGS,
  TRADES,
  type Trade,
  type TradeState,
  tradeOf,
  transitionDueMs,
} from "../../src/market/index.js";
import { endOverdue, TRADE_RULES } from "../../src/market/trade/deadlines.js";
import { addTrades } from "../../src/market/trade/trades.js";
import {
  accept,
  accountOf,
  auditTrades,
  bought,
  codesOf,
  DELIVER_MS,
  deliver,
  delivered,
  ended,
  fail,
  oneTrade,
  SETTLE_MS,
  STAKE,
} from "./trade-world.js";
import { agent, FEE, FUNDS, offer, salt, World, type WorldOptions } from "./world.js";

const NAMES = ["sue", "ann", "bob", "cat"];
const STAKES = Object.fromEntries(NAMES.map((name) => [name, STAKE]));
const world = (options: WorldOptions = {}) =>
  new World({ names: NAMES, stakes: STAKES, seats: 1, ...options });

/** Ann has bought sue's lot for 300 of the 700 that she bid. */
const sale = (w: World, terms: Partial<AuctionTerms> = {}): Trade =>
  oneTrade(w, "sue", delivered(terms), { ann: 700n, bob: 300n });
/** Ann sells to sue for 500. */
const purchase = (w: World): Trade => oneTrade(w, "sue", bought(), { ann: 400n, bob: 500n });

const stateOf = (w: World, { id }: Trade): TradeState => tradeOf(w.ledger, id)!.state;
const lienOf = (w: World, name: string, { auction }: Pick<Trade, "auction">) =>
  lienAmount(accountOf(w, name), auction);
const lockedOf = (w: World, name: string, { auction }: Trade, reason: "bid" | "ceiling" = "bid") => {
  const lock = lockOf(accountOf(w, name), { id: auction, reason });
  return lock === null ? null : lockedAmount(lock);
};
/** An entry at a ledger time. */
const at = (w: World, timeMs: number, ...ops: Parameters<typeof codesOf>[1]) =>
  codesOf(w, ops, timeMs - w.timeMs);

describe("the beginning", () => {
  it("of a sale: nothing is paid, the price stays locked, the lien is lowered to one and a half of it", () => {
    const w = world();
    const trade = sale(w);
    expect(trade).toMatchObject({ performer: agent("sue"), buyer: agent("ann"), price: 300n, lien: 450n });
    expect(trade.fence).toBe(w.height);
    expect(lockedOf(w, "ann", trade)).toBe(300n);
    expect(accountOf(w, "ann").free).toBe(FUNDS - FEE - 300n);
    expect(lienOf(w, "sue", trade)).toBe(450n);
    expect(freeStake(accountOf(w, "sue"))).toBe(STAKE - 450n);
    expect(accountOf(w, "bob").free).toBe(FUNDS - FEE);
    auditTrades(w);
  });

  it("of a purchase: the ceiling is lowered to the price, and the lockup stays a lien", () => {
    const w = world();
    const trade = purchase(w);
    expect(trade).toMatchObject({ performer: agent("ann"), buyer: agent("sue"), price: 500n, lien: 1000n });
    expect(lockedOf(w, "sue", trade, "ceiling")).toBe(500n);
    expect(lienOf(w, "ann", trade)).toBe(1000n);
    expect(lienOf(w, "bob", trade)).toBe(0n);
    expect(accountOf(w, "ann").free).toBe(FUNDS - FEE);
    auditTrades(w);
  });

  it("by units: each award is a trade, with its part of the lien by its price, rounded down", () => {
    const w = world();
    const terms = delivered({
      format: { kind: "uniform" },
      lot: { capability: "x", units: 5, fromMs: null, toMs: null },
      lockups: [1000n],
      reserve: 7n,
      value: 5000n,
    });
    const { auction, trades } = ended(w, "sue", terms, {
      ann: { amount: 30n, units: 2 },
      bob: { amount: 20n, units: 1 },
    });
    expect(trades.map(({ price, units, lien }) => [units, price, lien]).sort()).toEqual([
      [1, 7n, 10n],
      [2, 14n, 21n],
    ]);
    // ⌈21 · 1.5⌉ = 32, of which the two parts are 31.
    expect(lienOf(w, "sue", { auction })).toBe(31n);
    expect(openTradesOf(w.ledger, auction)).toBe(2);
    auditTrades(w);
  });

  it("of a lot for nothing: no price, no lock and no lien", () => {
    const w = world();
    const trade = oneTrade(w, "sue", delivered({ reserve: 0n }), { ann: 5n });
    expect(trade).toMatchObject({ price: 0n, lien: 0n });
    expect([lockedOf(w, "ann", trade), lienOf(w, "sue", trade)]).toEqual([null, 0n]);
    expect(codesOf(w, [fail(w, "sue", trade.id)])).toEqual([null]);
    expect(stateOf(w, trade)).toMatchObject({ kind: "ended", returned: 0n, received: 0n });
  });

  it("counts the time for the delivery from the lot's begin, where that is later", () => {
    const w = world();
    const fromMs = w.timeMs + 50_000;
    const trade = sale(w, { lot: { capability: "x", units: 1, fromMs, toMs: null } });
    expect(trade.state).toEqual({ kind: "due", deliverByMs: fromMs + DELIVER_MS });
    expect(stateOf(w, sale(w))).toEqual({ kind: "due", deliverByMs: w.timeMs + DELIVER_MS });
  });

  it("without a bid that wins leaves no lien, whether unsold or cancelled", () => {
    const w = world();
    const unsold = w.create("sue", delivered());
    expect(lienOf(w, "sue", { auction: unsold })).toBe(1500n);
    w.until(unsold, "unsold");
    const cancelled = w.create("sue", delivered());
    w.entry([w.op("sue", { kind: "cancel", auction: cancelled })]);
    expect(freeStake(accountOf(w, "sue"))).toBe(STAKE);
  });

  it("burns the lien of an ask that is not shown, out of stake", () => {
    const w = world();
    const auction = w.create("sue", bought());
    w.until(auction, "open");
    w.entry(["ann", "bob"].map((name) => w.op(name, w.commit(auction, name, 400n, 1000n))));
    w.until(auction, "reveal");
    const { burned } = w.ledger.one(TOTALS);
    w.entry([w.reveal(auction, "ann", 400n)]);
    w.until(auction, "done");
    expect(accountOf(w, "bob")).toMatchObject({ stake: STAKE - 1000n, free: FUNDS - FEE });
    expect(w.ledger.one(TOTALS).burned - burned).toBe(1000n);
  });

  it("pays at once where nothing is delivered", () => {
    const w = world();
    const { auction, trades } = ended(w, "sue", {}, { ann: 700n, bob: 300n });
    expect(trades).toEqual([]);
    expect(lienOf(w, "sue", { auction })).toBe(0n);
    expect(accountOf(w, "ann").free).toBe(FUNDS - FEE - 300n);
  });

  it("asks no stake where lienBp is 0, and locks an ask's lockup on free funds", () => {
    const w = world({ params: { lienBp: 0 }, stakes: {} });
    const trade = purchase(w);
    expect(trade.lien).toBe(0n);
    expect(accountOf(w, "ann").free).toBe(FUNDS - FEE);
    expect(lienOf(w, "ann", sale(w))).toBe(0n);
    expect(at(w, w.timeMs + DELIVER_MS + 1)).toEqual([]);
    expect(accountOf(w, "ann")).toMatchObject({ stake: 0n, slashDebt: 0n });
  });
});

describe("who promises", () => {
  const creating = (stakes: Record<string, bigint>, terms: Partial<AuctionTerms> = {}, params = {}) => {
    const w = world({ stakes, params });
    return codesOf(w, [w.op("sue", offer(delivered(terms)))])[0];
  };
  const MIN = 1000n;

  it.each([
    [MIN - 1n, 10n, "STAKE_BELOW_MINIMUM"],
    [MIN, 666n, null],
    [MIN, 667n, "FREE_STAKE_TOO_LOW"],
    [1001n, 667n, null],
  ])("with a stake of %d and a highest lockup of %d: %s", (sue, lockup, code) => {
    expect(creating({ sue }, { lockups: [lockup], reserve: 1n }, { minStake: MIN })).toBe(code);
  });

  it("names what is short", () => {
    const w = world({ stakes: { sue: 1n } });
    expect(codesOf(w, [w.op("sue", offer(delivered()))])).toEqual(["STAKE_BELOW_MINIMUM"]);
  });

  it.each([
    [{ deliverMs: 1499 }, "DELIVERY_OUT_OF_RANGE"],
    [{ deliverMs: 1500 }, null],
    [{ deliverMs: 1501 }, null],
    [{ deliverMs: 86_400_000 }, null],
    [{ deliverMs: 86_400_001 }, "DELIVERY_OUT_OF_RANGE"],
    [{ settleMs: 1499 }, "DELIVERY_OUT_OF_RANGE"],
    [{ settleMs: 1500 }, null],
    [{ settleMs: 86_400_000 }, null],
    [{ settleMs: 86_400_001 }, "DELIVERY_OUT_OF_RANGE"],
  ])("terms of %j are %s", (terms, code) => {
    expect(creating({ sue: STAKE }, terms)).toBe(code);
  });

  it.each([
    [0n, "VALUE_OUT_OF_RANGE"],
    [1n, null],
    [1999n, null],
    [2000n, null],
    [2001n, "VALUE_OUT_OF_RANGE"],
  ])("two units at 1000 are worth %d: %s", (value, code) => {
    const lot = { capability: "x", units: 2, fromMs: null, toMs: null };
    expect(creating({ sue: STAKE }, { format: { kind: "uniform" }, lot, value })).toBe(code);
  });

  it.each([
    [MAX_LIENS - 1, null],
    [MAX_LIENS, "TOO_MANY_LIENS"],
  ])("with %d liens: %s", (liens, code) => {
    const w = world();
    w.ledger.change(ACCOUNTS, agent("sue"), (sue) => {
      for (let i = 0; i < liens; i++) sue.liens.set(toHex(salt(`lien ${i}`)), { kind: "event", amount: 1n });
    });
    expect(codesOf(w, [w.op("sue", offer(delivered()))])).toEqual([code]);
  });

  it("takes no lien while its standing is too low", () => {
    const w = world();
    w.ledger.put(STANDINGS, agent("sue"), { score: 2999, weight: 1, blocked: "yes", recent: [] });
    expect(codesOf(w, [w.op("sue", offer(delivered()))])).toEqual(["STANDING_TOO_LOW"]);
    expect(codesOf(w, [w.op("sue", offer())])).toEqual([null]);
  });

  it("by an ask: its lockup is free stake, and a replacement's earlier one returns first", () => {
    const w = world({ stakes: { ...STAKES, ann: 1500n }, params: { minStake: 1500n } });
    const auction = w.create("sue", bought({ lockups: [500n, 1000n, 1501n] }));
    w.until(auction, "open");
    const bid = (lockup: bigint) => codesOf(w, [w.op("ann", w.commit(auction, "ann", 5n, lockup))]);
    expect(bid(1501n)).toEqual(["FREE_STAKE_TOO_LOW"]);
    expect(bid(1000n)).toEqual([null]);
    expect(bid(1501n)).toEqual(["FREE_STAKE_TOO_LOW"]);
    expect(bid(500n)).toEqual([null]);
    expect(lienOf(w, "ann", { auction })).toBe(500n);
    expect(accountOf(w, "ann").locks.size).toBe(0);
  });

  it("cannot withdraw what a lien holds", () => {
    const w = world({ stakes: { ...STAKES, sue: STAKE } });
    w.create("sue", delivered());
    const unbond = (amount: bigint) => codesOf(w, [w.op("sue", { kind: "unbond", amount })]);
    expect(unbond(STAKE - 1499n)).toEqual(["FREE_STAKE_TOO_LOW"]);
    expect(unbond(STAKE - 1500n)).toEqual([null]);
  });
});

describe("the parties", () => {
  it("deliver, accept and are paid, less the fee that burns", () => {
    const w = world();
    const trade = sale(w);
    expect(codesOf(w, [deliver(w, "sue", trade.id)])).toEqual([null]);
    const deliveredMs = w.timeMs;
    const acceptByMs = deliveredMs + SETTLE_MS;
    expect(stateOf(w, trade)).toEqual({ kind: "delivered", hash: salt("work"), deliveredMs, acceptByMs });
    const before = accountOf(w, "sue").free;
    const { trades } = w.entry([accept(w, "ann", trade.id)]);
    expect(trades.ended.map((end) => end.trade)).toEqual([tradeOf(w.ledger, trade.id)]);
    // ⌊300 · 9950 / 10000⌋
    expect(stateOf(w, trade)).toMatchObject({
      cause: "accepted",
      received: 298n,
      fee: 2n,
      returned: 0n,
      penalty: null,
    });
    expect(accountOf(w, "sue").free - before).toBe(298n);
    expect(freeStake(accountOf(w, "sue"))).toBe(STAKE);
    expect(lockedOf(w, "ann", trade)).toBeNull();
  });

  it("give up: the price returns at once, the first three are warnings, and the fourth costs a tenth", () => {
    const w = world();
    const paid: bigint[] = [];
    for (let i = 0; i < 5; i++) {
      const trade = purchase(w);
      expect(codesOf(w, [fail(w, "ann", trade.id)])).toEqual([null]);
      const state = stateOf(w, trade);
      if (state.kind !== "ended") throw new Error(state.kind);
      expect(state).toMatchObject({ cause: "failed", returned: 500n, received: 0n, fee: 0n });
      paid.push(state.penalty!.taken);
      expect(lienOf(w, "ann", trade)).toBe(0n);
    }
    // Of the lien of 1000; the fifth is a repetition.
    expect(paid).toEqual([0n, 0n, 0n, 100n, 200n]);
    expect(accountOf(w, "ann").stake).toBe(STAKE - 300n);
    expect(accountOf(w, "sue").free).toBe(FUNDS - 5n * (FEE + 100_000n));
  });

  it("are told why not, and nothing moves", () => {
    const w = world();
    const trade = sale(w);
    const unknown = salt("no trade");
    const refusals = (...ops: Parameters<typeof codesOf>[1]) => codesOf(w, ops);
    expect(
      refusals(deliver(w, "sue", unknown), accept(w, "ann", unknown), fail(w, "sue", unknown, 1)),
    ).toEqual(["TRADE_UNKNOWN", "TRADE_UNKNOWN", "TRADE_UNKNOWN"]);
    expect(
      refusals(deliver(w, "bob", trade.id), fail(w, "ann", trade.id), accept(w, "sue", trade.id)),
    ).toEqual(["NOT_THE_PERFORMER", "NOT_THE_PERFORMER", "NOT_THE_BUYER"]);
    expect(refusals(accept(w, "ann", trade.id))).toEqual(["TRADE_NOT_DELIVERED"]);
    expect(stateOf(w, trade).kind).toBe("due");
    // Twice in one entry.
    expect(refusals(deliver(w, "sue", trade.id), deliver(w, "sue", trade.id, 1))).toEqual([
      null,
      "TRADE_NOT_DUE",
    ]);
    expect(refusals(fail(w, "sue", trade.id))).toEqual(["TRADE_NOT_DUE"]);
    expect(refusals(accept(w, "ann", trade.id), accept(w, "ann", trade.id, 1))).toEqual([
      null,
      "TRADE_ENDED",
    ]);
    expect(refusals(deliver(w, "sue", trade.id), fail(w, "sue", trade.id, 1))).toEqual([
      "TRADE_ENDED",
      "TRADE_ENDED",
    ]);
    expect(w.ledger.one(TOTALS).insurance).toBe(0n);
  });
});

describe("deadlines", () => {
  it.each([
    [-1, [null], "delivered"],
    [0, [null], "delivered"],
    [1, ["TRADE_ENDED"], "ended"],
  ])("a delivery %d ms after its time: %j", (lateMs, codes, kind) => {
    const w = world();
    const trade = sale(w);
    expect(at(w, w.timeMs + DELIVER_MS + lateMs, deliver(w, "sue", trade.id))).toEqual(codes);
    expect(stateOf(w, trade).kind).toBe(kind);
  });

  it.each([
    [-1, "accepted"],
    [0, "accepted"],
    [1, "unopposed"],
  ])("an accept %d ms after its time: the trade is %s", (lateMs, cause) => {
    const w = world();
    const trade = sale(w);
    codesOf(w, [deliver(w, "sue", trade.id)]);
    at(w, w.timeMs + SETTLE_MS + lateMs, accept(w, "ann", trade.id));
    expect(stateOf(w, trade)).toMatchObject({ cause, received: 298n, fee: 2n });
  });

  it("end a trade whose parties are gone: silence returns the price, warned once, and then costs a half, then all", () => {
    const w = world();
    const costs = [0, 1, 2].map(() => {
      const trade = purchase(w);
      at(w, w.timeMs + DELIVER_MS + 1);
      expect(stateOf(w, trade)).toMatchObject({ cause: "timedOut", returned: 500n, received: 0n });
      const state = stateOf(w, trade);
      return state.kind === "ended" ? state.penalty!.taken : null;
    });
    expect(costs).toEqual([0n, 500n, 1000n]);
    expect(w.ledger.one(TOTALS).insurance).toBe(750n);
    auditTrades(w);
  });

  it("wake the log one ms after the first", () => {
    const w = world();
    const trade = sale(w);
    expect(transitionDueMs(w.ledger)).toBe(w.timeMs + DELIVER_MS + 1);
    codesOf(w, [fail(w, "sue", trade.id)]);
    expect(transitionDueMs(w.ledger)).toBeNull();
  });

  it("stand still over an outage: nobody is slashed for a network that did", () => {
    const w = world();
    const trade = sale(w);
    at(w, w.timeMs + 9000);
    expect(stateOf(w, trade).kind).toBe("due");
    expect(at(w, w.timeMs + DELIVER_MS, deliver(w, "sue", trade.id))).toEqual([null]);
    const other = sale(w);
    at(w, w.timeMs + 9000);
    at(w, w.timeMs + DELIVER_MS + 1);
    expect(stateOf(w, other)).toMatchObject({ cause: "timedOut" });
  });

  it(`end ${MAX_TRADE_ENDS} trades an entry, the rest in the next, and nobody delivers what is overdue`, () => {
    const w = world();
    const trade = sale(w);
    const others = MAX_TRADE_ENDS + 1;
    const deliverByMs = w.timeMs - 1;
    const state = { kind: "due", deliverByMs } as const;
    const copies = Array.from({ length: others }, (_, i) => ({
      ...trade,
      id: salt(`copy ${i}`),
      auction: salt("another"),
      price: 0n,
      lien: 0n,
      state,
    }));
    addTrades(w.ledger, salt("another"), copies);
    w.ledger.put(AUCTIONS, salt("another"), { ...auctionOf(w.ledger, trade.auction)!, id: salt("another") });
    const last = [...copies].sort((a, b) => Buffer.compare(a.id, b.id)).at(-1)!;
    expect(codesOf(w, [deliver(w, "sue", last.id)])).toEqual(["TRADE_DEADLINE_PASSED"]);
    expect(openTradesOf(w.ledger, salt("another"))).toBe(1);
    expect(endOverdue(w.ledger, w.next(), TRADE_RULES)).toHaveLength(1);
  });
});

describe("forgetting", () => {
  it("takes an auction, its commits and trades, retainMs after its last trade has ended, and returns the deposit", () => {
    const w = world({ params: { retainMs: 20_000 } });
    const { auction, trades } = ended(
      w,
      "sue",
      delivered({
        format: { kind: "uniform" },
        lot: { capability: "x", units: 3, fromMs: null, toMs: null },
        value: 3000n,
      }),
      { ann: { amount: 30n, units: 1 }, bob: { amount: 30n, units: 1 } },
    );
    const performed = trades[0]!.id;
    codesOf(w, [deliver(w, "sue", performed)]);
    at(w, w.timeMs + DELIVER_MS + 1);
    while (openTradesOf(w.ledger, auction) > 0) codesOf(w, [], 500);
    const endedMs = w.timeMs;
    const free = accountOf(w, "sue").free;
    while (w.timeMs + 5000 < endedMs + 20_000) at(w, w.timeMs + 5000);
    at(w, endedMs + 19_999);
    expect(auctionOf(w.ledger, auction)).not.toBeNull();
    expect(accountOf(w, "sue").free).toBe(free);
    expect(w.entry([], { afterMs: 1 }).forgotten).toHaveLength(1);
    expect([w.ledger.table(TRADES).size, openTradesOf(w.ledger, auction)]).toEqual([0, 0]);
    expect(auctionOf(w.ledger, auction)).toBeNull();
    expect(accountOf(w, "sue").free).toBe(free + 100_000n);
  });
});
