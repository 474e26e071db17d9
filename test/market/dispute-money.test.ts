// All the money and stake of disputed trades, against an oracle that reckons each part in the dullest way (spec/disputes#money).
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Bytes, toHex, utf8 } from "../../src/base/index.js";
import { taggedHash } from "../../src/crypto/index.js";
import {
  ACCOUNTS,
  type AgentId,
  beginUnbonding,
  conservation,
  freeStake,
  holdings,
  type Ledger,
  lienAmount,
  mint,
  newAccount,
  setAside,
  TOTALS,
  takeLien,
} from "../../src/ledger/index.js";
import {
  AUCTIONS,
  type Auction,
  apply,
  auctionOf,
  check,
  type OperationBody,
  recordDeed,
  type TradeId,
  tradeIdOf,
  tradeMoney,
  tradeOf,
} from "../../src/market/index.js";
import { endOverdue, TRADE_RULES } from "../../src/market/trade/deadlines.js";
import { addTrades } from "../../src/market/trade/trades.js";
import { expectSame } from "../same.js";
import { dueTrade, EVIDENCE, GOODS, tradingWorld } from "./disputed.js";
import { agent, FEE, judgeEvidence, type World } from "./world.js";

const WHOLE = 10_000n;
const RUNS = 10_000;

interface Case {
  readonly direction: "sell" | "buy";
  readonly price: bigint;
  readonly bond: bigint;
  readonly lien: bigint;
  /** of other trades of the same auction, under the same lien */
  readonly others: bigint;
  /** of these, in the lock that holds the price */
  readonly otherPrices: bigint;
  readonly freeStake: bigint;
  readonly unbonding: bigint;
  /** earlier violations of the performer that cost it something */
  readonly slashes: number;
  /** of the seats in their order, as far as they vote */
  readonly votes: readonly (number | null)[];
}

const upTo = (max: bigint) => fc.bigInt({ min: 0n, max });
const cases = fc.record<Case>({
  direction: fc.constantFrom("sell", "buy"),
  price: fc.oneof(upTo(9n), upTo(20_003n), upTo(100_000_000n)),
  bond: fc.bigInt({ min: 5_000_000n, max: 9_000_000n }),
  lien: fc.oneof(upTo(9n), upTo(150_000_000n)),
  others: upTo(1_000_000n),
  otherPrices: upTo(1_000_000n),
  freeStake: fc.oneof(fc.constant(0n), upTo(300_000_000n)),
  unbonding: fc.oneof(fc.constant(0n), upTo(300_000_000n)),
  slashes: fc.integer({ min: 0, max: 6 }),
  votes: fc.array(fc.option(fc.integer({ min: 1, max: 10_000 }), { nil: null, freq: 4 }), { maxLength: 7 }),
});

/** What the case does to everybody: reckoned from the case alone. */
function oracle(one: Case, seats: number, { feeBp, splitBp }: { feeBp: bigint; splitBp: bigint }) {
  let counted: (number | null)[] = [];
  let end = "hung";
  for (const vote of one.votes.slice(0, seats)) {
    counted = [...counted, vote];
    const yes = counted.filter((v) => v !== null).length;
    const no = counted.length - yes;
    if (3 * yes >= 2 * seats) end = "upheld";
    if (3 * no >= 2 * seats) end = "rejected";
    const open = seats - counted.length;
    const isDead = 3 * (yes + open) < 2 * seats && 3 * (no + open) < 2 * seats;
    if (end !== "hung" || isDead) break;
  }
  const shares = counted.filter((v) => v !== null).sort((a, b) => a - b);
  const share = BigInt(shares[Math.ceil(shares.length / 2) - 1] ?? 0);
  let due = 0n;
  if (end === "upheld") due = (one.price * (WHOLE - share)) / WHOLE;
  if (end === "rejected") due = one.price;
  if (end === "hung") due = one.price - (one.price * splitBp) / WHOLE;
  const received = (due * (WHOLE - feeBp)) / WHOLE;
  const repeat = BigInt(Math.min(5, 1 + one.slashes));
  const penalty = end === "upheld" ? ((one.lien / 2n) * 2n * repeat * share) / WHOLE : 0n;
  const least = (a: bigint, b: bigint) => (a < b ? a : b);
  const fromLien = least(penalty, one.lien);
  // The part that is left is free stake only once it was charged: the penalty exceeds the part, or nothing of it is left.
  const fromFree = least(penalty - fromLien, one.freeStake);
  const fromUnbonding = least(penalty - fromLien - fromFree, one.unbonding);
  const taken = fromLien + fromFree + fromUnbonding;
  return {
    end,
    votes: counted.length,
    buyerGains: one.price - due + (end === "rejected" ? 0n : one.bond),
    performerGains: received + (end === "rejected" ? one.bond : 0n),
    freeStake: one.freeStake - fromFree + one.lien - fromLien,
    unbonding: one.unbonding - fromUnbonding,
    debt: penalty - taken,
    burned: due - received + (taken - taken / 2n),
    insurance: taken / 2n,
  };
}

/** A world of so many seats, and an auction of it that others are copied from. */
function setting(seats: number) {
  const world = tradingWorld({ seats, allowance: 0n });
  const auction = auctionOf(world.ledger, dueTrade(world).auction)!;
  return { world, auction };
}
const SETTINGS = [1, 4, 7].map(setting);

let runs = 0;

/** A new agent with an account. */
function newcomer(ledger: Ledger, free: bigint, stake: bigint): AgentId {
  const id = taggedHash("key", utf8(`newcomer ${runs++}`));
  ledger.put(ACCOUNTS, id, newAccount(id, 0n));
  mint(ledger, ledger.accountOf(id)!, free, stake);
  return id;
}

/** A delivered trade that is as the case says, in an auction of its own. */
function begin({ ledger, timeMs }: World, one: Case, model: Auction) {
  const auction = taggedHash("leaf", utf8(`auction ${runs++}`));
  const buyer = newcomer(ledger, one.price + one.otherPrices + one.bond + FEE, 0n);
  const staked = one.lien + one.others + one.freeStake + one.unbonding;
  const performer = newcomer(ledger, 0n, staked);
  ledger.put(AUCTIONS, auction, {
    ...model,
    id: auction,
    terms: { ...model.terms, direction: one.direction },
  });
  const reason = one.direction === "sell" ? "bid" : "ceiling";
  const locked = one.price + one.otherPrices;
  const lock = { id: auction, reason } as const;
  if (locked > 0n) setAside(ledger, ledger.accountOf(buyer)!, lock, locked, timeMs);
  const amount = one.lien + one.others;
  if (amount > 0n) takeLien(ledger, ledger.accountOf(performer)!, auction, { kind: "trade", amount });
  if (one.unbonding > 0n) {
    beginUnbonding(ledger, ledger.accountOf(performer)!, one.unbonding, timeMs + 900_000);
  }
  for (let i = 0; i < one.slashes; i++) recordDeed(ledger, performer, "timeout", 0n, { timeMs }, 1);
  const id = tradeIdOf(auction, performer, buyer);
  addTrades(ledger, auction, [
    {
      id,
      auction,
      performer,
      buyer,
      capability: "gpu.a100",
      units: 1,
      price: one.price,
      lien: one.lien,
      fence: 1,
      settleMs: 5000,
      outagesMs: ledger.clock.outagesMs,
      state: { kind: "delivered", hash: GOODS, deliveredMs: timeMs, acceptByMs: timeMs + 5000 },
    },
  ]);
  return { id, auction, buyer, performer, lock };
}

/** Applies an operation as an entry would. @returns why it does not, or null */
function act(world: World, from: AgentId, body: OperationBody): string | null {
  const at = { ...world.next(), judgeEvidence };
  const nonce = world.ledger.accountOf(from)!.nonces.critical;
  const authority = { from, nonce, fee: FEE, validUntilMs: world.timeMs + 60_000 };
  const op = { v: 1, ...world.ledger.network, authority, body, sig: new Uint8Array(64) };
  const rejection = check(world.ledger, op, at);
  if (rejection !== null) return rejection.code;
  apply(world.ledger, op, at);
  return null;
}

/** The seats vote in their order until the trade has ended; who does not vote any more lets time pass. */
function judge(world: World, trade: TradeId, votes: Case["votes"]): number {
  const { ledger } = world;
  let count = 0;
  for (const [seat, share] of votes.slice(0, world.seats).entries()) {
    if (tradeOf(ledger, trade)!.state.kind !== "disputed") break;
    expectSame(act(world, ledger.genesis.seats[seat]!.agent, { kind: "verdict", trade, share }), null);
    count++;
  }
  if (tradeOf(ledger, trade)!.state.kind === "disputed") {
    const timeMs = world.timeMs + 50 + ledger.params.verdictMs + 1;
    const ended = endOverdue(ledger, { ...world.next(), timeMs }, TRADE_RULES);
    expect(ended.map(({ trade: one }) => toHex(one.id))).toContain(toHex(trade));
  }
  return count;
}

const unbonds = (ledger: Ledger, who: Bytes): bigint =>
  ledger.accountOf(who)!.unbonding.reduce((sum, part) => sum + part.amount, 0n);

describe("the price of a disputed trade", () => {
  const bp = fc.integer({ min: 0, max: 10_000 });

  it(`goes to three places that sum to it, for every fee and split (${RUNS} cases)`, () => {
    const prices = fc.oneof(upTo(30n), upTo(2n ** 53n - 1n));
    fc.assert(
      fc.property(prices, bp, bp, fc.integer({ min: 1, max: 10_000 }), (price, feeBp, splitBp, shareBp) => {
        const params = { tradeFeeBp: feeBp, disputeSplitBp: splitBp };
        const [fee, split, share] = [BigInt(feeBp), BigInt(splitBp), BigInt(shareBp)];
        const back = (price * split) / WHOLE;
        const good = (price * (WHOLE - share)) / WHOLE;
        for (const [ending, due] of [
          [{ cause: "hung" }, price - back],
          [{ cause: "rejected" }, price],
          [{ cause: "upheld", shareBp }, good],
        ] as const) {
          const received = (due * (WHOLE - fee)) / WHOLE;
          const money = { received, fee: due - received, returned: price - due };
          expectSame(tradeMoney(ending, price, params), money);
          expectSame(money.received + money.fee + money.returned, price);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it.each([
    [{ cause: "upheld", shareBp: 1 }, 1n, 0n, 1n],
    [{ cause: "upheld", shareBp: 1 }, 10_000n, 9999n, 1n],
    [{ cause: "upheld", shareBp: 9999 }, 9999n, 0n, 9999n],
    [{ cause: "upheld", shareBp: 9999 }, 10_000n, 1n, 9999n],
    [{ cause: "upheld", shareBp: 10_000 }, 10_000n, 0n, 10_000n],
    [{ cause: "hung" }, 1n, 1n, 0n],
    [{ cause: "hung" }, 3n, 2n, 1n],
    [{ cause: "rejected" }, 1n, 1n, 0n],
  ] as const)(
    "%j of %d is due with %d to the performer and %d to the buyer",
    (ending, price, received, returned) => {
      const money = tradeMoney(ending, price, { tradeFeeBp: 0, disputeSplitBp: 5000 });
      expect(money).toEqual({ received, fee: 0n, returned });
    },
  );
});

describe("the money of a disputed trade", () => {
  it(`goes where the oracle says, whatever the votes, with none made or lost (${RUNS} cases)`, () => {
    const ends = new Set<string>();
    fc.assert(
      fc.property(cases, fc.constantFrom(...SETTINGS), (one, { world, auction: model }) => {
        const { ledger, seats } = world;
        // Seats pay for their votes out of what genesis gave them, which lasts for all cases.
        const { id, auction, buyer, performer, lock } = begin(world, one, model);
        const totals = { ...ledger.one(TOTALS) };
        const owned = holdings(ledger.accountOf(buyer)!) + holdings(ledger.accountOf(performer)!);
        expectSame(
          act(world, buyer, { kind: "dispute", trade: id, evidence: EVIDENCE, bond: one.bond }),
          null,
        );
        expectSame(ledger.accountOf(buyer)!.free, 0n);
        const voted = judge(world, id, one.votes);
        const { tradeFeeBp, disputeSplitBp } = ledger.params;
        const expected = oracle(one, seats, { feeBp: BigInt(tradeFeeBp), splitBp: BigInt(disputeSplitBp) });
        const trade = tradeOf(ledger, id)!;
        const after = ledger.accountOf(performer)!;
        const now = ledger.one(TOTALS);
        const fees = FEE * BigInt(1 + voted);
        ends.add(expected.end);
        expect(trade.state).toMatchObject({ kind: "ended", cause: expected.end });
        expectSame(
          {
            end: trade.state.kind === "ended" ? trade.state.cause : null,
            votes: voted,
            buyerGains: ledger.accountOf(buyer)!.free,
            performerGains: after.free,
            freeStake: freeStake(after),
            unbonding: unbonds(ledger, performer),
            debt: after.slashDebt,
            burned: now.burned - totals.burned - fees,
            insurance: now.insurance - totals.insurance,
          },
          expected,
        );
        expectSame(lienAmount(after, auction), one.others);
        const left = [...ledger.accountOf(buyer)!.locks.values()];
        const rest = { ...lock, fromFree: one.otherPrices, fromStake: 0n };
        expectSame(left, one.otherPrices > 0n ? [rest] : []);
        const owns = holdings(ledger.accountOf(buyer)!) + holdings(after);
        expectSame(owned - owns, expected.burned + expected.insurance + FEE);
      }),
      { numRuns: RUNS },
    );
    expect([...ends].sort()).toEqual(["hung", "rejected", "upheld"]);
    for (const { world } of SETTINGS) {
      // What the cases minted is no granter's: the rest balances.
      expect(conservation(world.ledger).holds).toBe(true);
      expect(world.ledger.accountOf(agent("seat 0"))!.free).toBeGreaterThan(0n);
    }
  });
});
