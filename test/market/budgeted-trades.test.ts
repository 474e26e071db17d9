// Budgets and trades together: what a child holds in a trade or a dispute returns to its owner, whatever became of the budget since.
import { describe, expect, it } from "vitest";
import { MAX_AMOUNT } from "../../src/base/index.js";
import { BUDGETS, conservation } from "../../src/ledger/index.js";
import { auctionOf, idleAmong, packEntry, tradeOf } from "../../src/market/index.js";
import {
  accountOf,
  CREDIT,
  deliveredTrade,
  EVIDENCE,
  outcomeOf,
  PRICE,
  tradingWorld,
  vote,
} from "./disputed.js";
import { agent, FEE, judgeEvidence, type World } from "./world.js";

const BOND = 2n * CREDIT;
const SIG = new Uint8Array(64);

/** A delivered trade that `buyer` won of the funds of `other`, and disputed of them. */
function disputedOfABudget(untilMs: (world: World) => number = (world) => world.timeMs + 600_000) {
  const world = tradingWorld();
  const before = accountOf(world, "other").free;
  const most = 1000n * CREDIT;
  const terms = { perAuction: most, perPeriod: most, total: null, untilMs: untilMs(world) };
  const opened = { kind: "openBudget", child: agent("buyer"), terms, nth: 0, consent: SIG } as const;
  expect(outcomeOf(world, "other", opened)).toBeNull();
  const own = accountOf(world, "buyer").free;
  const trade = deliveredTrade(world);
  expect(outcomeOf(world, "buyer", { kind: "dispute", trade, evidence: EVIDENCE, bond: BOND })).toBeNull();
  expect(accountOf(world, "buyer").free).toBe(own);
  expect(world.ledger.get(BUDGETS, agent("buyer"))!.held).toBe(PRICE + BOND);
  return { world, trade, own, spent: () => before - accountOf(world, "other").free };
}

const ended = (world: World): boolean => world.ledger.get(BUDGETS, agent("buyer")) === null;
const close = (world: World) => outcomeOf(world, "other", { kind: "closeBudget", child: agent("buyer") });

describe("a dispute of which the budget has ended", () => {
  it.each([
    ["rejected", null, PRICE + BOND],
    ["upheld", 10_000, 0n],
    ["upheld by half", 5_000, PRICE / 2n],
  ] as const)("ends as any other, %s, and the budget goes with it", (_, share, lost) => {
    const { world, trade, own, spent } = disputedOfABudget();
    const { budgetBurn } = world.ledger.params;
    expect(close(world)).toBeNull();
    const fees = 5n * FEE; // opening, commit, dispute, closing, and of accounts of others none
    expect(ended(world)).toBe(false);
    for (const juror of ["seat 0", "seat 1", "seat 2"]) expect(vote(world, trade, juror, share)).toBeNull();
    expect(tradeOf(world.ledger, trade)!.state.kind).toBe("ended");
    expect(ended(world)).toBe(true);
    expect(accountOf(world, "buyer").free).toBe(own);
    expect(spent() - budgetBurn - lost).toBeLessThanOrEqual(fees);
    expect(spent() - budgetBurn - lost).toBeGreaterThan(0n);
    expect(conservation(world.ledger).holds).toBe(true);
  });

  it("ends by itself where nobody judges, after the budget's own time", () => {
    const { world, trade } = disputedOfABudget((one) => one.timeMs + 60_000);
    world.entry([], { afterMs: 5_000 });
    for (let i = 0; i < 40 && tradeOf(world.ledger, trade)!.state.kind !== "ended"; i++)
      world.entry([], { afterMs: 3_000 });
    for (let i = 0; i < 40; i++) world.entry([], { afterMs: 3_000 });
    expect(ended(world)).toBe(true);
    expect(conservation(world.ledger).holds).toBe(true);
  });
});

it("an entry is not held to disputes of a trade that is forgotten since", () => {
  const retainMs = 1000;
  const old = () => {
    const world = tradingWorld({ params: { retainMs } });
    const trade = deliveredTrade(world);
    expect(outcomeOf(world, "buyer", { kind: "accept", trade })).toBeNull();
    return { world, trade };
  };
  const [leader, judge] = [old(), old()];
  const rich = 1n << 52n;
  const ops = Array.from({ length: 18 }, (_, i) =>
    leader.world.op("buyer", { kind: "dispute", trade: leader.trade, evidence: EVIDENCE, bond: rich }, i),
  );
  const sized = ops.map((operation) => ({ operation, size: 300 }));
  const timeMs = leader.world.timeMs + 100;
  const executedMs = leader.world.timeMs;
  const limits = { timeMs, executedMs, maxOps: 2000, maxBytes: 1 << 20, inFlight: [], judgeEvidence };
  const packed = packEntry(sized, leader.world.ledger, limits);
  expect(packed.length).toBe(18);
  for (let i = 0; i < 40 && tradeOf(judge.world.ledger, judge.trade) !== null; i++) judge.world.entry();
  expect(tradeOf(judge.world.ledger, judge.trade)).toBeNull();
  const beneath = {
    timeMs: judge.world.timeMs + 100,
    executedMs: judge.world.timeMs,
    execHeight: leader.world.height,
    inFlight: [],
    judgeEvidence,
  };
  expect(idleAmong(judge.world.ledger, packed, beneath)).toEqual({ operations: 0, bytes: 0 });
});

describe("at its ends", () => {
  const most = 1000n * CREDIT;
  const open = (world: World) => {
    const terms = { perAuction: most, perPeriod: most, total: null, untilMs: world.timeMs + 600_000 };
    const opened = { kind: "openBudget", child: agent("buyer"), terms, nth: 0, consent: SIG } as const;
    expect(outcomeOf(world, "other", opened)).toBeNull();
  };

  it("what a budget without a total has spent stays an amount", () => {
    const world = tradingWorld();
    open(world);
    const auction = world.create("seller", { lockups: [CREDIT] });
    world.until(auction, "open");
    const bid = () => world.op("buyer", world.commit(auction, "buyer", CREDIT, CREDIT));
    const leave = (room: bigint) =>
      world.ledger.change(BUDGETS, agent("buyer"), (budget) => {
        budget.spent = MAX_AMOUNT - room;
      });
    leave(FEE + CREDIT - 1n);
    expect(world.entry([bid()]).receipts[0]!.code).toBe("BUDGET_EXCEEDED");
    leave(FEE + CREDIT);
    expect(world.entry([bid()]).receipts[0]!.code).toBeNull();
    expect(world.ledger.get(BUDGETS, agent("buyer"))!.spent).toBe(MAX_AMOUNT);
  });

  it.each(["cancelled", "forgotten"])(
    "a deposit of nothing returns though the budget has ended, %s",
    (how) => {
      const params = { auctionDeposit: 0n, auctionDepositPerHour: 0n, minFee: 0n, retainMs: 1000 };
      const world = tradingWorld({ params });
      open(world);
      const auction = world.create("buyer", {});
      expect(close(world)).toBeNull();
      expect(ended(world)).toBe(true);
      if (how === "cancelled") expect(outcomeOf(world, "buyer", { kind: "cancel", auction })).toBeNull();
      else for (let i = 0; i < 200 && auctionOf(world.ledger, auction) !== null; i++) world.entry();
      expect(auctionOf(world.ledger, auction)).toBeNull();
    },
  );
});
