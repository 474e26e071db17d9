// The money of trades in every path, against a naive model of accounts, deadlines and penalties (spec/trades#money).
import fc from "fast-check";
import { expect, it } from "vitest";
import { toHex } from "../../src/base/index.js";
import { ACCOUNTS, conservation, type Ledger, lienAmount, lockOf, TOTALS } from "../../src/ledger/index.js";
import { newAuction } from "../../src/market/auction/auction.js";
import {
  AUCTIONS,
  createLedger,
  executeEntry,
  type OperationBody,
  type Trade,
  tradeIdOf,
  tradeMoney,
} from "../../src/market/index.js";
import { beginTrades } from "../../src/market/trade/begin.js";
import { expectSame } from "../same.js";
import { bought, DELIVER_MS, delivered, SETTLE_MS } from "./trade-world.js";
import { agent, FEE, FUNDS, judgeEvidence, offer, START_MS, salt, World } from "./world.js";

const PEOPLE = ["creator", "bidder 0", "bidder 1", "bidder 2"];
const WORLD = new World({
  names: PEOPLE,
  seats: 1,
  stakes: Object.fromEntries(PEOPLE.map((one) => [one, 9000n])),
});
const FEE_BP = 50n;

interface Award {
  readonly price: bigint;
  readonly lien: bigint;
  /** of its price, what was locked out of stake: credit */
  readonly credit: bigint;
}
interface Act {
  readonly kind: "deliver" | "accept" | "fail";
  readonly which: number;
  readonly who: "performer" | "buyer" | "stranger";
}
interface Step {
  readonly afterMs: number;
  readonly acts: readonly Act[];
}
interface Case {
  readonly isPurchase: boolean;
  readonly awards: readonly Award[];
  readonly debt: bigint;
  readonly steps: readonly Step[];
}

/** What one agent owns, in numbers that anyone can follow. */
interface Purse {
  free: bigint;
  stake: bigint;
  debt: bigint;
  /** of trades, in the order in which they come */
  lien: bigint;
  lockFree: bigint;
  lockStake: bigint;
  violations: number;
  slashes: number;
}

/** Every rule of a trade's money once more, one sentence after the other. */
class Model {
  readonly purses = new Map<string, Purse>();
  readonly ended = new Map<number, string>();
  private readonly deliveredBy = new Map<number, number>();
  burned = 0n;
  insured = 0n;
  private readonly deliverByMs: number;

  constructor(
    private readonly story: Case,
    beginMs: number,
  ) {
    this.deliverByMs = beginMs + DELIVER_MS;
    for (const name of PEOPLE) {
      const purse = { free: FUNDS, stake: 9000n, debt: 0n, lien: 0n, lockFree: 0n, lockStake: 0n };
      this.purses.set(name, { ...purse, violations: 0, slashes: 0 });
    }
    story.awards.forEach(({ price, lien, credit }, i) => {
      this.purses.get(this.performer(i))!.lien += lien;
      const buyer = this.purses.get(this.buyer(i))!;
      buyer.lockFree += price - credit;
      buyer.free -= price - credit;
      buyer.lockStake += credit;
      buyer.stake -= credit;
    });
    for (const name of PEOPLE) this.purses.get(name)!.debt = story.debt;
  }

  performer = (i: number): string => (this.story.isPurchase ? `bidder ${i}` : "creator");
  buyer = (i: number): string => (this.story.isPurchase ? "creator" : `bidder ${i}`);
  who = (i: number, who: Act["who"]): string =>
    who === "performer" ? this.performer(i) : who === "buyer" ? this.buyer(i) : this.stranger(i);
  private stranger = (i: number): string => `bidder ${(i + 1) % 3}`;

  private deadline = (i: number): number => {
    const deliveredMs = this.deliveredBy.get(i);
    return deliveredMs === undefined ? this.deliverByMs : deliveredMs + SETTLE_MS;
  };

  /** @param order of trades of one deadline: that of their ids */
  passTo(timeMs: number, order: readonly number[]): void {
    const late = order.filter((i) => !this.ended.has(i) && timeMs > this.deadline(i));
    late.sort((a, b) => this.deadline(a) - this.deadline(b));
    for (const i of late) this.end(i, this.deliveredBy.has(i) ? "unopposed" : "timedOut");
  }

  /** @returns the code that it is refused with */
  act({ kind, which: i, who }: Act, timeMs: number): string | null {
    const name = this.who(i, who);
    this.purses.get(name)!.free -= FEE;
    this.burned += FEE;
    if (kind === "accept" && name !== this.buyer(i)) return "NOT_THE_BUYER";
    if (kind !== "accept" && name !== this.performer(i)) return "NOT_THE_PERFORMER";
    if (this.ended.has(i)) return "TRADE_ENDED";
    if (kind === "accept") {
      if (!this.deliveredBy.has(i)) return "TRADE_NOT_DELIVERED";
      this.end(i, "accepted");
      return null;
    }
    if (this.deliveredBy.has(i)) return "TRADE_NOT_DUE";
    if (kind === "deliver") this.deliveredBy.set(i, timeMs);
    else this.end(i, "failed");
    return null;
  }

  private end(i: number, cause: string): void {
    this.ended.set(i, cause);
    const { price, lien } = this.story.awards[i]!;
    const [buyer, performer] = [this.purses.get(this.buyer(i))!, this.purses.get(this.performer(i))!];
    const isPaid = cause === "accepted" || cause === "unopposed";
    const received = isPaid ? (price * (10_000n - FEE_BP)) / 10_000n : 0n;
    const others = buyer.lockFree + buyer.lockStake - price;
    if (isPaid) {
      performer.free += received;
      this.burned += price - received;
      const own = price < buyer.lockFree ? price : buyer.lockFree;
      buyer.lockFree -= own;
      buyer.lockStake -= price - own;
    } else {
      const keptFree = others < buyer.lockFree ? others : buyer.lockFree;
      buyer.free += buyer.lockFree - keptFree;
      this.toStake(buyer, buyer.lockStake - (others - keptFree));
      buyer.lockFree = keptFree;
      buyer.lockStake = others - keptFree;
    }
    if (!isPaid) this.punish(performer, lien, cause === "failed");
    performer.lien -= lien;
  }

  private toStake(purse: Purse, amount: bigint): void {
    const paid = amount < purse.debt ? amount : purse.debt;
    purse.debt -= paid;
    purse.stake += amount - paid;
    this.share(paid);
  }

  /** A concession costs a tenth, and the first three nothing; silence a quarter twice, and the first time nothing. */
  private punish(purse: Purse, lien: bigint, isConceded: boolean): void {
    const isForgiven = purse.violations < (isConceded ? 3 : 1);
    const times = BigInt(Math.min(5, 1 + purse.slashes));
    const each = isConceded ? lien / 10n : (lien / 4n) * 2n;
    const due = isForgiven ? 0n : each * times;
    const reach = purse.stake - purse.lien + lien;
    const taken = due < reach ? due : reach;
    purse.stake -= taken;
    purse.debt += due - taken;
    purse.violations++;
    if (taken > 0n) purse.slashes++;
    this.share(taken);
  }

  private share(amount: bigint): void {
    this.insured += amount / 2n;
    this.burned += amount - amount / 2n;
  }
}

/** A ledger in which an auction has just had this outcome. */
function begun({ isPurchase, awards, debt }: Case): { ledger: Ledger; trades: readonly Trade[] } {
  const ledger = createLedger(WORLD.genesis);
  const terms = offer(isPurchase ? bought() : delivered());
  const at = { height: 1, timeMs: START_MS };
  const auction = newAuction(ledger.network, agent("creator"), 0, terms, at, ledger.clock);
  const ended = { endedAt: 1, endedMs: START_MS, burned: 0n, dueMs: START_MS, clearingPrice: 0n };
  ledger.put(AUCTIONS, auction.id, { ...auction, phase: { kind: "done", ...ended } });
  awards.forEach(({ price, lien, credit }, i) => {
    const [performer, buyer] = isPurchase ? [`bidder ${i}`, "creator"] : ["creator", `bidder ${i}`];
    const reason = isPurchase ? "ceiling" : "bid";
    ledger.change(ACCOUNTS, agent(buyer), (account) => {
      const name = `${toHex(auction.id)}/${reason === "bid" ? 0 : 2}`;
      const held = account.locks.get(name) ?? { id: auction.id, reason, fromFree: 0n, fromStake: 0n };
      account.free -= price - credit;
      account.stake -= credit;
      if (price === 0n) return;
      const [fromFree, fromStake] = [held.fromFree + price - credit, held.fromStake + credit];
      account.locks.set(name, { id: auction.id, reason, fromFree, fromStake });
      account.locked = {
        fromFree: account.locked.fromFree + price - credit,
        fromStake: account.locked.fromStake + credit,
      };
    });
    ledger.change(ACCOUNTS, agent(performer), (account) => {
      const amount = lien + (account.liens.get(toHex(auction.id))?.amount ?? 0n);
      if (amount > 0n) account.liens.set(toHex(auction.id), { kind: "trade", amount });
    });
  });
  for (const name of PEOPLE) {
    ledger.change(ACCOUNTS, agent(name), (account) => {
      account.slashDebt = debt;
    });
  }
  const agreed = awards.map(({ price, lien }, i) => ({
    bidder: agent(`bidder ${i}`),
    units: 1,
    price,
    lien,
  }));
  return { ledger, trades: beginTrades(ledger, { ...auction, terms }, agreed, at) };
}

const awards = fc.array(
  fc.record({ price: fc.bigInt(0n, 900n), lien: fc.bigInt(0n, 2000n), bp: fc.bigInt(0n, 4n) }),
  { minLength: 1, maxLength: 3 },
);
const acts = fc.array(
  fc.record({
    kind: fc.constantFrom<Act["kind"]>("deliver", "deliver", "accept", "accept", "fail"),
    which: fc.nat(2),
    isRight: fc.nat(5),
    who: fc.constantFrom<Act["who"]>("performer", "buyer", "stranger"),
  }),
  { maxLength: 3 },
);
const steps = fc.array(
  fc.record({ afterMs: fc.constantFrom(1, 50, 1000, 2999, 3000, 3001, 4000, 4001), acts }),
  {
    minLength: 1,
    maxLength: 8,
  },
);

it("pays, returns, burns and takes what the model does, in every path", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(
      fc.boolean(),
      awards,
      fc.constantFrom(0n, 0n, 0n, 7n),
      steps,
      (isPurchase, drawn, debt, drawnSteps) => {
        const story: Case = {
          isPurchase,
          debt,
          awards: drawn.map(({ price, lien, bp }) => ({ price, lien, credit: (price * bp) / 4n })),
          steps: drawnSteps.map((step) => ({
            afterMs: step.afterMs,
            acts: step.acts.map(({ kind, which, isRight, who }) => ({
              kind,
              which: which % drawn.length,
              who: isRight > 0 ? (kind === "accept" ? "buyer" : "performer") : who,
            })),
          })),
        };
        const { ledger, trades } = begun(story);
        const model = new Model(story, START_MS);
        const order = trades
          .map(({ id }, i) => ({ id: toHex(id), i }))
          .sort((a, b) => (a.id < b.id ? -1 : 1))
          .map(({ i }) => i);
        let [height, timeMs] = [1, START_MS];
        for (const { afterMs, acts: now } of [...story.steps, { afterMs: 7001, acts: [] }]) {
          const parentTimeMs = timeMs;
          timeMs += afterMs;
          height++;
          model.passTo(timeMs, order);
          const codes = now.map((act) => model.act(act, timeMs));
          const ahead = new Map<string, number>();
          const ops = now.map((act) => {
            const name = model.who(act.which, act.who);
            const before = ahead.get(name) ?? 0;
            ahead.set(name, before + 1);
            const trade = trades[act.which]!.id;
            const body: OperationBody =
              act.kind === "deliver"
                ? { kind: "deliver", trade, hash: salt("x") }
                : { kind: act.kind, trade };
            const { critical } = ledger.accountOf(agent(name))!.nonces;
            const authority = { from: agent(name), nonce: critical + before, fee: FEE, validUntilMs: timeMs };
            return { v: 1, ...ledger.network, authority, body, sig: new Uint8Array(64) };
          });
          const moment = { height, timeMs, parentTimeMs, leader: 0, epoch: 0, tolerance: 0 };
          const at = { ...moment, execHeight: height - 1, parentExecHeight: height - 2, judgeEvidence };
          const receipts = executeEntry(ledger, at, ops).receipts;
          expectSame(
            receipts.map(({ code }) => code),
            codes,
          );
          for (const code of codes) seen.add(code ?? "applied");
          compare(ledger, model, trades[0]!);
        }
        expectSame(model.ended.size, trades.length);
        for (const cause of model.ended.values()) seen.add(cause);
      },
    ),
    { numRuns: 10_000, seed: 20_261_126, endOnFailure: true },
  );
  expect([...seen].sort()).toEqual([
    "NOT_THE_BUYER",
    "NOT_THE_PERFORMER",
    "TRADE_ENDED",
    "TRADE_NOT_DELIVERED",
    "TRADE_NOT_DUE",
    "accepted",
    "applied",
    "failed",
    "timedOut",
    "unopposed",
  ]);
});

function compare(ledger: Ledger, model: Model, { auction }: Trade): void {
  for (const [name, purse] of model.purses) {
    const account = ledger.accountOf(agent(name))!;
    const lock =
      lockOf(account, { id: auction, reason: "bid" }) ?? lockOf(account, { id: auction, reason: "ceiling" });
    const { free, stake, slashDebt: debt } = account;
    const held = { lockFree: lock?.fromFree ?? 0n, lockStake: lock?.fromStake ?? 0n };
    const is = { free, stake, debt, lien: lienAmount(account, auction), ...held };
    const { violations: _, slashes: __, ...wanted } = purse;
    expectSame(is, wanted, name);
    for (const amount of Object.values(is)) expectSame(amount >= 0n, true);
  }
  const { burned, insurance } = ledger.one(TOTALS);
  expectSame([burned, insurance], [model.burned, model.insured]);
  expectSame(conservation(ledger).holds, true);
}

it.each([
  ["accepted", 0n, 0n],
  ["accepted", 1n, 0n],
  ["accepted", 199n, 198n],
  ["accepted", 200n, 199n],
  ["accepted", 201n, 199n],
  ["unopposed", 10_000n, 9950n],
  ["failed", 10_000n, 0n],
  ["timedOut", 10_000n, 0n],
] as const)("of a trade %s at a price of %d its performer receives %d", (cause, price, received) => {
  const due = cause === "accepted" || cause === "unopposed" ? price : 0n;
  expect(tradeMoney({ cause }, price, { tradeFeeBp: 50, disputeSplitBp: 5000 })).toEqual({
    received,
    fee: due - received,
    returned: price - due,
  });
});

it("names a trade by its auction and both sides, in that order", () => {
  const [a, b, c] = [salt("a"), agent("b"), agent("c")];
  expect(toHex(tradeIdOf(a, b, c))).not.toBe(toHex(tradeIdOf(a, c, b)));
});
