// Disputes and verdicts: who may, until when, at what bond, and when the seats have decided (spec/disputes).
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/base/index.js";
import {
  ACCOUNTS,
  freeStake,
  lienAmount,
  lockedAmount,
  lockOf,
  MAX_LOCKS,
  setAside,
} from "../../src/ledger/index.js";
import {
  check,
  factsOf,
  jurorsOf,
  leastBondFor,
  Purses,
  STANDINGS,
  seatOf,
  statusOf,
  type TradeId,
  tradeOf,
} from "../../src/market/index.js";
import {
  accountOf,
  CREDIT,
  deliveredTrade,
  disputedTrade,
  dueTrade,
  EVIDENCE,
  GOODS,
  LIEN,
  outcomeOf,
  PRICE,
  SETTLE_MS,
  seatNames,
  stateOf,
  tradingWorld,
  vote,
} from "./disputed.js";
import { agent, FEE, judgeEvidence, salt, type World } from "./world.js";

const BOND = 2n * CREDIT;
const dispute = (trade: TradeId, bond = BOND) =>
  ({ kind: "dispute", trade, evidence: EVIDENCE, bond }) as const;
const verdict = (trade: TradeId, share: number | null = null) => ({ kind: "verdict", trade, share }) as const;

/** Votes in the order of the seats' names. */
const votes = (world: World, trade: TradeId, ...shares: readonly (number | null)[]) =>
  shares.map((share, i) => vote(world, trade, `seat ${i}`, share));

const tradeIn = (world: World, trade: TradeId) => tradeOf(world.ledger, trade)!;
const bondOf = (world: World, trade: TradeId, buyer = "buyer"): bigint | null => {
  const lock = lockOf(accountOf(world, buyer), { id: trade, reason: "dispute" });
  return lock === null ? null : lockedAmount(lock);
};

describe("a dispute", () => {
  it("is the buyer's, of what is delivered, and locks the bond under the trade's id", () => {
    const world = tradingWorld();
    const trade = deliveredTrade(world);
    const free = world.free("buyer");
    const { receipts } = world.entry([world.op("buyer", dispute(trade))]);
    expect(factsOf(receipts[0]!)).toMatchObject([{ kind: "disputed", trade: { id: trade } }]);
    expect(stateOf(world, trade)).toEqual({
      kind: "disputed",
      hash: GOODS,
      verdictByMs: world.timeMs + world.ledger.params.verdictMs,
      dispute: { evidence: EVIDENCE, bond: BOND, votes: [] },
    });
    expect(bondOf(world, trade)).toBe(BOND);
    expect(world.free("buyer")).toBe(free - FEE - BOND);
    expect(statusOf(tradeIn(world, trade))).toBe("disputed");
  });

  it("is refused of a trade that nobody knows, to a stranger, to the performer", () => {
    const world = tradingWorld();
    const trade = deliveredTrade(world);
    expect(outcomeOf(world, "buyer", dispute(salt("no trade")))).toBe("TRADE_UNKNOWN");
    expect(outcomeOf(world, "other", dispute(trade))).toBe("NOT_THE_BUYER");
    expect(outcomeOf(world, "seller", dispute(trade))).toBe("NOT_THE_BUYER");
    expect(stateOf(world, trade).kind).toBe("delivered");
  });

  it("is refused before a delivery, twice, and once the trade has ended", () => {
    const world = tradingWorld();
    const { id: due } = dueTrade(world);
    expect(outcomeOf(world, "buyer", dispute(due))).toBe("TRADE_NOT_DELIVERED");
    world.entry([world.op("seller", { kind: "deliver", trade: due, hash: GOODS })]);
    expect(outcomeOf(world, "buyer", dispute(due))).toBeNull();
    expect(outcomeOf(world, "buyer", dispute(due, 50n * CREDIT))).toBe("TRADE_NOT_DELIVERED");
    expect(bondOf(world, due)).toBe(BOND);
    expect(outcomeOf(world, "buyer", { kind: "accept", trade: due })).toBe("TRADE_NOT_DELIVERED");
    expect(outcomeOf(world, "seller", { kind: "fail", trade: due })).toBe("TRADE_NOT_DUE");
    votes(world, due, null, null, null);
    expect(outcomeOf(world, "buyer", dispute(due))).toBe("TRADE_ENDED");
  });

  it("is in time at the last moment for looking, and not a millisecond later", () => {
    for (const [lateMs, code] of [
      [0, null],
      [1, "TRADE_ENDED"],
    ] as const) {
      const world = tradingWorld();
      const trade = deliveredTrade(world);
      const outcome = outcomeOf(world, "buyer", dispute(trade), { afterMs: SETTLE_MS + lateMs });
      expect(outcome).toBe(code);
      expect(statusOf(tradeIn(world, trade))).toBe(code === null ? "disputed" : "paid");
    }
  });

  it("asks a bond of a twentieth of the price rounded up, and of the least bond at least", () => {
    const world = tradingWorld();
    const trade = deliveredTrade(world);
    expect(outcomeOf(world, "buyer", dispute(trade, BOND - 1n))).toBe("DISPUTE_BOND_TOO_SMALL");
    expect(outcomeOf(world, "buyer", dispute(trade, BOND))).toBeNull();
    const { params } = world.ledger;
    expect(leastBondFor(0n, params)).toBe(CREDIT);
    expect(leastBondFor(20n * CREDIT, params)).toBe(CREDIT);
    expect(leastBondFor(20n * CREDIT + 1n, params)).toBe(CREDIT + 1n);
    expect(leastBondFor(20n * CREDIT + 20n, params)).toBe(CREDIT + 1n);
    expect(leastBondFor(20n * CREDIT + 21n, params)).toBe(CREDIT + 2n);
  });

  it("takes a greater bond, up to what is free beside the fee", () => {
    const world = tradingWorld();
    const trade = deliveredTrade(world);
    const most = world.free("buyer") - FEE;
    expect(outcomeOf(world, "buyer", dispute(trade, most + 1n))).toBe("FUNDS_TOO_LOW");
    expect(outcomeOf(world, "buyer", dispute(trade, world.free("buyer") - FEE))).toBeNull();
    expect(world.free("buyer")).toBe(0n);
    expect(bondOf(world, trade)).toBe(most - FEE);
  });

  it("needs a lock that is left", () => {
    for (const [taken, code] of [
      [MAX_LOCKS, "TOO_MANY_LOCKS"],
      [MAX_LOCKS - 1, null],
    ] as const) {
      const world = tradingWorld();
      const trade = deliveredTrade(world);
      const { ledger } = world;
      for (let i = 0; accountOf(world, "buyer").locks.size < taken; i++) {
        setAside(
          ledger,
          accountOf(world, "buyer"),
          { id: salt(`lock ${i}`), reason: "bid" },
          1n,
          world.timeMs,
        );
      }
      expect(outcomeOf(world, "buyer", dispute(trade))).toBe(code);
    }
  });

  it("counts its bond among what a purse has promised, until it can only fail", () => {
    const world = tradingWorld();
    const trade = deliveredTrade(world);
    const { ledger } = world;
    const spending = { account: toHex(agent("buyer")), fee: FEE, body: dispute(trade), auction: null };
    const purses = () => new Purses(ledger, world.timeMs);
    expect(purses().need(spending)).toBe(BOND);
    const counted = purses();
    counted.concede(spending);
    const rest = { ...spending, fee: world.free("buyer") - FEE - BOND, body: verdict(trade, 1) };
    expect(counted.shortfall(rest)).toBeNull();
    expect(counted.shortfall({ ...rest, fee: rest.fee + 1n })).toMatchObject({ left: rest.fee });
    world.entry([world.op("buyer", dispute(trade))]);
    expect(purses().need(spending)).toBe(0n);
    votes(world, trade, null, null, null);
    expect(purses().need(spending)).toBe(0n);
    expect(purses().need({ ...spending, body: verdict(trade, 1) })).toBe(0n);
  });
});

describe("what is overdue, and not ended yet for want of room in an entry", () => {
  /** What the rules say of an operation at a moment, before the entry's deadlines are executed. */
  const codeAt = (world: World, from: string, body: Parameters<World["op"]>[1], afterMs: number) =>
    check(world.ledger, world.op(from, body), { ...world.next({ afterMs }), judgeEvidence })?.code ?? null;

  it("takes no dispute", () => {
    const world = tradingWorld();
    const trade = deliveredTrade(world);
    expect(codeAt(world, "buyer", dispute(trade), SETTLE_MS)).toBeNull();
    expect(codeAt(world, "buyer", dispute(trade), SETTLE_MS + 1)).toBe("TRADE_DEADLINE_PASSED");
  });

  it("takes no verdict", () => {
    const world = tradingWorld();
    const trade = disputedTrade(world);
    const { verdictMs } = world.ledger.params;
    expect(codeAt(world, "seat 0", verdict(trade), verdictMs)).toBeNull();
    expect(codeAt(world, "seat 0", verdict(trade), verdictMs + 1)).toBe("TRADE_DEADLINE_PASSED");
  });
});

describe("a verdict", () => {
  it("is a seat's alone, on what is disputed", () => {
    const world = tradingWorld();
    const trade = deliveredTrade(world);
    expect(outcomeOf(world, "seat 0", verdict(salt("no trade")))).toBe("TRADE_UNKNOWN");
    expect(outcomeOf(world, "seat 0", verdict(trade))).toBe("TRADE_NOT_DISPUTED");
    world.entry([world.op("buyer", dispute(trade))]);
    for (const name of ["other", "buyer", "seller"]) {
      expect(outcomeOf(world, name, verdict(trade))).toBe("NOT_A_JUROR");
    }
    const { receipts } = world.entry([world.op("seat 2", verdict(trade, 4000))]);
    const seat = seatOf(world.ledger, agent("seat 2"))!;
    expect(factsOf(receipts[0]!)).toMatchObject([
      { kind: "judged", seat, share: 4000, trade: { id: trade } },
    ]);
    expect(stateOf(world, trade)).toMatchObject({ dispute: { votes: [{ seat, share: 4000 }] } });
  });

  it("is a seat's once, whatever it says the second time, also within one entry", () => {
    const world = tradingWorld();
    const trade = disputedTrade(world);
    expect(vote(world, trade, "seat 0", 5000)).toBeNull();
    expect(vote(world, trade, "seat 0", 5000)).toBe("VERDICT_REPEATED");
    expect(vote(world, trade, "seat 0", null)).toBe("VERDICT_REPEATED");
    const both = [world.op("seat 1", verdict(trade, 1)), world.op("seat 1", verdict(trade), 1)];
    expect(world.entry(both).receipts.map(({ code }) => code)).toEqual([null, "VERDICT_REPEATED"]);
    expect(stateOf(world, trade)).toMatchObject({ dispute: { votes: [{ share: 5000 }, { share: 1 }] } });
  });

  it("is in time at the last moment for verdicts, and not a millisecond later", () => {
    for (const [lateMs, code, kind] of [
      [0, null, "disputed"],
      [1, "TRADE_ENDED", "ended"],
    ] as const) {
      const world = tradingWorld();
      const trade = disputedTrade(world);
      // Entries in between: a gap as long as verdictMs would be an outage.
      const { verdictMs } = world.ledger.params;
      for (let i = 0; i < 9; i++) world.entry([], { afterMs: verdictMs / 10 });
      const outcome = outcomeOf(world, "seat 0", verdict(trade, 1), { afterMs: verdictMs / 10 + lateMs });
      expect(outcome).toBe(code);
      expect(stateOf(world, trade).kind).toBe(kind);
    }
  });

  it("has as much more time as an outage lasts, though votes came after it, and no more for one before", () => {
    const world = tradingWorld();
    const outageMs = 10 * world.ledger.params.verdictMs;
    const trade = deliveredTrade(world);
    world.entry([], { afterMs: outageMs });
    world.entry([world.op("buyer", dispute(trade))]);
    const { verdictByMs } = stateOf(world, trade) as { verdictByMs: number };
    world.entry([], { afterMs: outageMs });
    expect(vote(world, trade, "seat 0", 1)).toBeNull();
    expect(vote(world, trade, "seat 1", 1)).toBeNull();
    const lastMs = verdictByMs + outageMs;
    while (world.timeMs + 3000 < lastMs) world.entry([], { afterMs: 3000 });
    world.entry([], { afterMs: lastMs - world.timeMs });
    expect(stateOf(world, trade).kind).toBe("disputed");
    world.entry([], { afterMs: 1 });
    expect(stateOf(world, trade)).toMatchObject({ kind: "ended", cause: "hung" });
  });

  it("is refused once the votes have decided", () => {
    const world = tradingWorld();
    const trade = disputedTrade(world);
    expect(votes(world, trade, 1, 1, 1, 1)).toEqual([null, null, null, "TRADE_ENDED"]);
  });

  it("ends the trade in the operation that decides, and is told before the end", () => {
    const world = tradingWorld();
    const trade = disputedTrade(world);
    votes(world, trade, 2000, null, 9000);
    const { receipts, trades } = world.entry([world.op("seat 3", verdict(trade, 6000))]);
    expect(factsOf(receipts[0]!).map(({ kind }) => kind)).toEqual(["judged", "tradeEnded"]);
    expect(trades.ended).toMatchObject([{ trade: { id: trade, state: { cause: "upheld" } } }]);
    expect(stateOf(world, trade)).toMatchObject({ kind: "ended", penalty: { shareBp: 6000 } });
  });
});

describe("a jury", () => {
  it("is all seats but those of the parties, who vote on no trade of theirs", () => {
    const world = tradingWorld({ seats: 4, seller: "seat 0" });
    const trade = disputedTrade(world, BOND, "seat 0", "seat 1");
    const parties = ["seat 0", "seat 1"].map((name) => seatOf(world.ledger, agent(name))!);
    const others = [0, 1, 2, 3].filter((seat) => !parties.includes(seat));
    expect(jurorsOf(world.ledger, tradeIn(world, trade))).toEqual(others);
    expect(vote(world, trade, "seat 0", null)).toBe("JUROR_IS_PARTY");
    expect(vote(world, trade, "seat 1", 10_000)).toBe("JUROR_IS_PARTY");
    expect(vote(world, trade, "seat 2", 10_000)).toBeNull();
    expect(stateOf(world, trade).kind).toBe("disputed");
    expect(vote(world, trade, "seat 3", 10_000)).toBeNull();
    expect(stateOf(world, trade)).toMatchObject({ kind: "ended", cause: "upheld" });
  });

  it("keeps the seat of a party's owner, as recusal goes by key: what votes decide follows from row and genesis alone", () => {
    const world = tradingWorld();
    const untilMs = world.timeMs + 10 ** 6;
    const room = 100n * CREDIT;
    const terms = { perAuction: room, perPeriod: room, total: null, untilMs };
    const offered = { child: agent("buyer"), terms, nth: 0, consent: new Uint8Array(64) };
    expect(outcomeOf(world, "seat 0", { kind: "openBudget", ...offered })).toBeNull();
    const trade = disputedTrade(world);
    expect(jurorsOf(world.ledger, tradeIn(world, trade))).toHaveLength(4);
    expect(vote(world, trade, "seat 0", 1)).toBeNull();
    expect(outcomeOf(world, "seat 0", { kind: "closeBudget", child: agent("buyer") })).toBeNull();
    expect(jurorsOf(world.ledger, tradeIn(world, trade))).toHaveLength(4);
  });

  it("of nobody refuses the dispute: a network of one cannot judge its seat's own trade", () => {
    const world = tradingWorld({ seats: 1, seller: "seat 0" });
    const trade = deliveredTrade(world, "seat 0", "buyer");
    expect(outcomeOf(world, "buyer", dispute(trade))).toBe("NO_JURY");
    expect(bondOf(world, trade)).toBeNull();
  });

  it("of one decides alone", () => {
    const world = tradingWorld({ seats: 2, seller: "seat 0" });
    const trade = disputedTrade(world, BOND, "seat 0", "buyer");
    expect(vote(world, trade, "seat 1", 1)).toBeNull();
    expect(stateOf(world, trade)).toMatchObject({ cause: "upheld" });
  });

  it("keeps a convicted seat: what it did in the log says nothing about its eyes, and one lie is tolerated", () => {
    const world = tradingWorld();
    const trade = disputedTrade(world);
    world.ledger.change(ACCOUNTS, agent("seat 0"), (one) => {
      one.jailedUntilMs = world.timeMs + 1_000_000;
    });
    expect(vote(world, trade, "seat 0", 1)).toBeNull();
  });
});

describe("the end of a dispute", () => {
  /** What each side has, free and staked. */
  const wealth = (world: World) => ({
    buyer: world.free("buyer"),
    seller: world.free("seller"),
    stake: accountOf(world, "seller").stake,
  });

  it("upheld in part splits the price at the median share, returns the bond, and charges that share", () => {
    const world = tradingWorld();
    const trade = disputedTrade(world);
    const before = wealth(world);
    const { auction } = tradeIn(world, trade);
    votes(world, trade, 2500, 9000, 1000);
    const good = (PRICE * 7500n) / 10_000n;
    const received = (good * 9950n) / 10_000n;
    // Half of the lien, doubled, of which a quarter of the delivery was wrong.
    const due = LIEN / 4n;
    expect(stateOf(world, trade)).toMatchObject({
      cause: "upheld",
      hash: GOODS,
      received,
      fee: good - received,
      returned: PRICE - good,
      penalty: { condition: "misdelivery", base: LIEN, shareBp: 2500, due, taken: due, isWarning: "no" },
      dispute: { evidence: EVIDENCE, bond: BOND, votes: [{ share: 2500 }, { share: 9000 }, { share: 1000 }] },
    });
    expect(wealth(world)).toEqual({
      buyer: before.buyer + BOND + PRICE - good,
      seller: before.seller + received,
      stake: before.stake - due,
    });
    expect(statusOf(tradeIn(world, trade))).toBe("split");
    expect(bondOf(world, trade)).toBeNull();
    expect(lienAmount(accountOf(world, "seller"), auction)).toBe(0n);
    expect(freeStake(accountOf(world, "seller"))).toBe(before.stake - due);
    expect(world.ledger.get(STANDINGS, agent("seller"))!.recent).toMatchObject([
      { slashes: 1, misdelivery: { count: 1, weight: 1000 }, delivered: null },
    ]);
  });

  it("upheld whole returns the price, and takes the whole lien", () => {
    const world = tradingWorld();
    const trade = disputedTrade(world);
    const before = wealth(world);
    votes(world, trade, 10_000, 10_000, 10_000);
    expect(wealth(world)).toEqual({
      buyer: before.buyer + BOND + PRICE,
      seller: before.seller,
      stake: before.stake - LIEN,
    });
    expect(statusOf(tradeIn(world, trade))).toBe("refunded");
  });

  it("rejected pays the performer, the bond too, without a fee on the bond", () => {
    const world = tradingWorld();
    const trade = disputedTrade(world);
    const before = wealth(world);
    votes(world, trade, null, 10_000, null, null);
    const received = (PRICE * 9950n) / 10_000n;
    expect(wealth(world)).toEqual({
      buyer: before.buyer,
      seller: before.seller + received + BOND,
      stake: before.stake,
    });
    expect(statusOf(tradeIn(world, trade))).toBe("paid");
    expect(bondOf(world, trade)).toBeNull();
    expect(stateOf(world, trade)).toMatchObject({ cause: "rejected", penalty: null });
    expect(world.ledger.get(STANDINGS, agent("seller"))!.recent).toMatchObject([
      { slashes: 0, delivered: { count: 1 }, misdelivery: null },
    ]);
  });

  /** Half each, the bond back, nothing charged and nothing counted. */
  function expectHung(world: World, trade: TradeId, before: ReturnType<typeof wealth>): void {
    const received = ((PRICE / 2n) * 9950n) / 10_000n;
    expect(wealth(world)).toEqual({
      buyer: before.buyer + BOND + PRICE / 2n,
      seller: before.seller + received,
      stake: before.stake,
    });
    expect(stateOf(world, trade)).toMatchObject({ cause: "hung", penalty: null, returned: PRICE / 2n });
    expect(statusOf(tradeIn(world, trade))).toBe("split");
    expect(freeStake(accountOf(world, "seller"))).toBe(before.stake);
    expect(world.ledger.get(STANDINGS, agent("seller"))).toBeNull();
  }

  it("hung splits the price as soon as no quorum can come about", () => {
    const world = tradingWorld();
    const trade = disputedTrade(world);
    const before = wealth(world);
    votes(world, trade, null, 5000, null);
    expect(stateOf(world, trade).kind).toBe("disputed");
    vote(world, trade, "seat 3", 5000);
    expectHung(world, trade, before);
  });

  it("hung splits the price when the seats stay silent, at the first entry past the deadline", () => {
    const world = tradingWorld();
    const trade = disputedTrade(world);
    const before = wealth(world);
    votes(world, trade, 10_000, 10_000);
    const { verdictByMs } = stateOf(world, trade) as { verdictByMs: number };
    while (world.timeMs + 3000 < verdictByMs) world.entry([], { afterMs: 3000 });
    world.entry([], { afterMs: verdictByMs - world.timeMs });
    expect(stateOf(world, trade).kind).toBe("disputed");
    const { trades } = world.entry([], { afterMs: 1 });
    expect(trades.ended).toMatchObject([{ trade: { id: trade, state: { cause: "hung" } } }]);
    expectHung(world, trade, before);
  });
});

describe("many disputes", () => {
  it("each keep a bond of their own, and leave no lock", () => {
    const world = tradingWorld();
    const all = [deliveredTrade(world), deliveredTrade(world)];
    const [first, second] = all as [TradeId, TradeId];
    expect(outcomeOf(world, "buyer", dispute(first, 3n * CREDIT))).toBeNull();
    expect(outcomeOf(world, "buyer", dispute(second, 5n * CREDIT))).toBeNull();
    votes(world, first, null, null, null);
    expect(bondOf(world, second)).toBe(5n * CREDIT);
    votes(world, second, 1, 1, 1);
    expect(accountOf(world, "buyer").locks.size).toBe(0);
  });

  it("name the seats by the names of their owners in every size of jury", () => {
    for (const seats of [1, 3, 4, 7]) {
      const world = tradingWorld({ seats });
      const found = seatNames(seats).map((name) => seatOf(world.ledger, agent(name)));
      expect([...found].sort()).toEqual(Array.from({ length: seats }, (_, i) => i));
    }
  });
});
