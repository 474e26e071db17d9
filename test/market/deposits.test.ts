// What is held for time is paid for time: deposits, and rows that go at least as fast as they come (ADR 0028).
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Hex, toHex } from "../../src/base/index.js";
import { ACCOUNTS, burn, debit, type Ledger, LOCAL_TESTNET_PARAMS, TOTALS } from "../../src/ledger/index.js";
import {
  AUCTIONS,
  type Auction,
  auctionOf,
  COMMITS,
  depositOf,
  type HeldTerms,
  isEnded,
  type Lot,
  type Operation,
} from "../../src/market/index.js";
import { agent, DEPOSIT, FEE, FUNDS, offer, World } from "./world.js";

const HOUR_MS = 3_600_000;

const SALE = { direction: "sell" } as const;
const LOT: Lot = { capability: "gpu.a100", units: 1, fromMs: null, toMs: null };

describe("a deposit", () => {
  it.each([
    [1000, 1200, 1n],
    [HOUR_MS - 1201, 1200, 1n],
    [HOUR_MS - 1200, 1200, 1n],
    [HOUR_MS - 1199, 1200, 2n],
    [HOUR_MS, HOUR_MS, 2n],
    [HOUR_MS, HOUR_MS + 1, 3n],
    [24 * HOUR_MS, 24 * HOUR_MS, 48n],
  ])("of windows of %d and %d ms is %d tenths of a credit", (commitMs, revealMs, tenths) => {
    const atOnce = { ...SALE, lot: LOT, openMs: 0, commitMs, revealMs, deliverMs: 0, settleMs: 0 };
    expect(depositOf(atOnce, 5, LOCAL_TESTNET_PARAMS)).toBe(tenths * DEPOSIT);
    expect(depositOf({ ...atOnce, openMs: 5 }, 5, LOCAL_TESTNET_PARAMS)).toBe(tenths * DEPOSIT);
  });

  it.each([
    [HOUR_MS - 2201, 1n],
    [HOUR_MS - 2200, 1n],
    [HOUR_MS - 2199, 2n],
    [30 * 24 * HOUR_MS - 2200, 720n],
  ])("of an auction that opens in %d ms is %d tenths of a credit", (waitMs, tenths) => {
    const terms = {
      ...SALE,
      lot: LOT,
      openMs: 7 * HOUR_MS + waitMs,
      commitMs: 1000,
      revealMs: 1200,
      deliverMs: 0,
      settleMs: 0,
    };
    expect(depositOf(terms, 7 * HOUR_MS, LOCAL_TESTNET_PARAMS)).toBe(tenths * DEPOSIT);
  });

  it("of what is delivered later counts the wait for it, and of what is paid at once does not", () => {
    const atOnce = {
      ...SALE,
      lot: LOT,
      openMs: 0,
      commitMs: 1000,
      revealMs: 1200,
      deliverMs: 0,
      settleMs: 0,
    };
    const delivered = { ...atOnce, deliverMs: 1500, settleMs: 1500 };
    const usableIn = (fromMs: number) => ({ lot: { ...LOT, fromMs } });
    const hours = (terms: typeof atOnce) => depositOf(terms, 0, LOCAL_TESTNET_PARAMS) / DEPOSIT;
    expect(hours({ ...atOnce, ...usableIn(365 * 24 * HOUR_MS) })).toBe(1n);
    expect(hours(delivered)).toBe(1n);
    expect(hours({ ...delivered, ...usableIn(2200) })).toBe(1n);
    expect(hours({ ...delivered, ...usableIn(HOUR_MS - 3000) })).toBe(1n);
    expect(hours({ ...delivered, ...usableIn(HOUR_MS - 2999) })).toBe(2n);
    expect(hours({ ...delivered, ...usableIn(365 * 24 * HOUR_MS) })).toBe(365n * 24n + 1n);
  });

  it("of a window that is leased counts up to its end, and of any other that is not delivered does not", () => {
    const terms = { ...SALE, openMs: 0, commitMs: 1000, revealMs: 1200, deliverMs: 0, settleMs: 0 };
    const hours = (lot: Partial<Lot>, more: Partial<HeldTerms> = {}) =>
      depositOf({ ...terms, lot: { ...LOT, ...lot }, ...more }, 0, LOCAL_TESTNET_PARAMS) / DEPOSIT;
    const [fromMs, toMs] = [HOUR_MS / 2, 2 * HOUR_MS];
    expect(hours({ fromMs, toMs })).toBe(2n);
    expect(hours({ fromMs, toMs: toMs + 1 })).toBe(3n);
    expect(hours({ fromMs, toMs, units: 1000 })).toBe(2n);
    expect(hours({ fromMs, toMs, units: 1001 })).toBe(1n);
    expect([hours({ fromMs }), hours({ toMs })]).toEqual([1n, 1n]);
    expect(hours({ fromMs, toMs }, { direction: "buy" })).toBe(1n);
    expect(hours({ fromMs, toMs }, { deliverMs: 1500, settleMs: 1500 })).toBe(1n);
  });

  it("of a wait returns as it was locked, when the auction is cancelled and when it is forgotten", () => {
    const world = new World({ names: ["sue"], seats: 1, params: { retainMs: 1000 } });
    const openMs = world.timeMs + 5 * HOUR_MS;
    const cancelled = world.create("sue", { openMs });
    const kept = world.create("sue", { openMs });
    expect(world.ledger.accountOf(agent("sue"))!.deposits).toBe(12n * DEPOSIT);
    world.entry([world.op("sue", { kind: "cancel", auction: cancelled })]);
    expect(world.ledger.accountOf(agent("sue"))!.deposits).toBe(6n * DEPOSIT);
    world.entry([], { afterMs: 5 * HOUR_MS });
    world.until(kept, "unsold");
    world.entry([], { afterMs: 1000 });
    expect(world.ledger.accountOf(agent("sue"))!.deposits).toBe(0n);
    expect(world.free("sue")).toBe(FUNDS - 3n * FEE);
  });

  it.each([
    [-1n, "FUNDS_TOO_LOW"],
    [0n, null],
    [1n, null],
  ] as const)("beside bond and fee, with %d micro-credits beyond them: %s", (spare, code) => {
    const world = new World({ names: ["sue"] });
    const account = world.ledger.accountOf(agent("sue"))!;
    const needed = FEE + 500n + DEPOSIT;
    const over = account.free - needed - spare;
    debit(world.ledger, account, over);
    burn(world.ledger, over);
    const { receipts } = world.entry([world.op("sue", offer({ bond: 500n }))]);
    expect(receipts[0]!.code).toBe(code);
    if (code === null) expect(account).toMatchObject({ free: spare, deposits: DEPOSIT });
  });

  it("returns when the auction's rows are forgotten, and not before", () => {
    const world = new World({ names: ["sue"], seats: 1, params: { retainMs: 1000 } });
    const id = world.create("sue");
    world.until(id, "unsold");
    const { endedMs } = auctionOf(world.ledger, id)!.phase as { endedMs: number };
    world.entry([], { afterMs: endedMs + 999 - world.timeMs });
    expect(world.free("sue")).toBe(FUNDS - FEE - DEPOSIT);
    world.entry([], { afterMs: 1 });
    expect(auctionOf(world.ledger, id)).toBeNull();
    expect(world.free("sue")).toBe(FUNDS - FEE);
    expect(world.ledger.accountOf(agent("sue"))).toMatchObject({ deposits: 0n });
  });

  it("of a void auction burns once: forgetting returns nothing", () => {
    const world = new World({ names: ["sue", "ann"], seats: 1, params: { retainMs: 1000 } });
    const lot = { capability: "x", units: 1, fromMs: null, toMs: world.timeMs + 10_000 };
    const id = world.create("sue", { lot });
    world.entry([world.op("ann", world.commit(id, "ann", 900n, 1000n))]);
    world.until(id, "reveal");
    world.entry([world.reveal(id, "ann", 900n)], { afterMs: 20_000 });
    while (auctionOf(world.ledger, id) !== null) world.entry([], { afterMs: 500 });
    expect(world.free("sue")).toBe(FUNDS - FEE - DEPOSIT);
    expect(world.ledger.one(TOTALS).burned).toBe(2n * FEE + DEPOSIT);
  });
});

const rowsOf = (ledger: Ledger): number => ledger.table(AUCTIONS).size + ledger.table(COMMITS).size;
const unfinishedIn = (ledger: Ledger): readonly Auction[] =>
  [...ledger.table(AUCTIONS).values()].filter(({ phase }) => !isEnded(phase));

/** Rows of auctions whose time in the state is over. */
const overdue = (ledger: Ledger, timeMs: number): readonly Hex[] =>
  [...ledger.table(AUCTIONS).values()].flatMap(({ id, phase }) =>
    "endedMs" in phase && phase.endedMs + ledger.params.retainMs <= timeMs ? [toHex(id)] : [],
  );

describe("forgetting", () => {
  it("is in the order of ends, then of ids, at least 32 rows in an empty entry", () => {
    const world = new World({ names: ["sue", "tom"], seats: 1, params: { retainMs: 5000 } });
    const create = (name: string, count: number) =>
      world.entry(Array.from({ length: count }, (_, i) => world.op(name, offer(), i)));
    create("sue", 20);
    world.entry([], { afterMs: 400 });
    create("tom", 30);
    while (unfinishedIn(world.ledger).length > 0) world.entry();
    const order = [...world.ledger.table(AUCTIONS).values()]
      .map(({ id, phase }) => ({ id: toHex(id), endedMs: (phase as { endedMs: number }).endedMs }))
      .sort((a, b) => a.endedMs - b.endedMs || (a.id < b.id ? -1 : 1))
      .map(({ id }) => id);
    const { forgotten } = world.entry([], { afterMs: 7000 });
    expect(forgotten).toEqual(order.slice(0, 32));
    expect(world.entry().forgotten).toEqual(order.slice(32));
  });

  it.each([0, 1, 40])("takes 32 rows more than the entry made: %d", (made) => {
    const world = new World({ names: ["sue"], seats: 1, params: { retainMs: 5000 } });
    const create = (count: number) => Array.from({ length: count }, (_, i) => world.op("sue", offer(), i));
    world.entry(create(100));
    while (unfinishedIn(world.ledger).length > 0) world.entry();
    const { receipts, forgotten } = world.entry(create(made), { afterMs: 5000 });
    expect(receipts.filter(({ status }) => status === "applied")).toHaveLength(made);
    expect(forgotten).toHaveLength(made + 32);
  });

  it("counts commits, and goes on until at least 32 rows are gone", () => {
    const names = Array.from({ length: 40 }, (_, i) => `b${i}`);
    const world = new World({ names: [...names, "sue"], seats: 1, params: { retainMs: 10_000 } });
    const full = world.create("sue");
    world.entry(names.map((name) => world.op(name, world.commit(full, name, 50n, 1000n))));
    world.until(full, "unsold");
    const later = world.create("sue");
    world.until(later, "unsold");
    // 41 rows are enough for one entry; the single row of the later one waits for the next.
    expect(world.entry([], { afterMs: 10_000 }).forgotten).toEqual([toHex(full)]);
    expect(world.entry().forgotten).toEqual([toHex(later)]);
  });

  it("keeps pace with any making: rows are bounded by deposits, and what is overdue dwindles", () => {
    const wish = fc.record({ who: fc.constantFrom("sue", "tom"), cancel: fc.nat(3), commits: fc.nat(2) });
    const story = fc.array(
      fc.record({ wishes: fc.array(wish, { maxLength: 30 }), afterMs: fc.constantFrom(50, 700, 3000) }),
      { minLength: 4, maxLength: 12 },
    );
    fc.assert(
      fc.property(story, (entries) => {
        const world = new World({
          names: ["sue", "tom", "ann", "bob"],
          seats: 1,
          params: { retainMs: 1200, maxRevealMs: 24 * HOUR_MS },
        });
        for (const { wishes, afterMs } of entries) {
          const ops: Operation[] = [];
          const ahead = { sue: 0, tom: 0, ann: 0, bob: 0 };
          const open = unfinishedIn(world.ledger);
          for (const { who, cancel, commits } of wishes) {
            const mine = open.find(({ creator }) => toHex(creator) === toHex(agent(who)));
            const name = who as "sue" | "tom";
            if (cancel === 0 && mine !== undefined) {
              ops.push(world.op(name, { kind: "cancel", auction: mine.id }, ahead[name]++));
            } else ops.push(world.op(name, offer({ commitMs: 500 }), ahead[name]++));
            for (const bidder of (["ann", "bob"] as const).slice(0, commits)) {
              if (mine === undefined) continue;
              ops.push(world.op(bidder, world.commit(mine.id, bidder, 50n, 1000n), ahead[bidder]++));
            }
          }
          const before = rowsOf(world.ledger);
          const { receipts } = world.entry(ops, { afterMs });
          const { ledger } = world;
          const voids = [...ledger.table(AUCTIONS).values()].filter(
            ({ phase }) => phase.kind === "void",
          ).length;
          const held = [...ledger.table(ACCOUNTS).values()].reduce((sum, one) => sum + one.deposits, 0n);
          expect(held).toBe(BigInt(ledger.table(AUCTIONS).size - voids) * DEPOSIT);
          if (overdue(ledger, world.timeMs).length === 0) continue;
          const applied = receipts.filter(({ status }) => status === "applied").length;
          expect(applied).toBeLessThanOrEqual(ops.length);
          expect(rowsOf(ledger)).toBeLessThanOrEqual(before - 32);
        }
      }),
      { numRuns: 40 },
    );
  });
});
