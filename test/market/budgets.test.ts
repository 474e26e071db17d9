// Budgets (spec/budgets): whose money a child spends, every limit at its boundary, what each bad input is told, and how a budget ends.
import { describe, expect, it } from "vitest";
import { least, toHex } from "../../src/base/index.js";
import {
  type Account,
  BUDGETS,
  type Budget,
  type BudgetTerms,
  MAX_BUDGET_DEPTH,
  MAX_BUDGET_MS,
  OUTLAYS,
  ownerOf,
} from "../../src/ledger/index.js";
import { AUCTIONS, lockableOf, type OperationBody, type RejectionCode } from "../../src/market/index.js";
import { agent, DEPOSIT, FEE, FUNDS, offer, World, type WorldOptions } from "./world.js";

const PERIOD_MS = 60_000;
const BURN = 100_000n;
const LOCKUP = 1000n;
const ROOM = 10n ** 8n;
const terms = (part: Partial<BudgetTerms> = {}): BudgetTerms => ({
  perAuction: ROOM,
  perPeriod: ROOM,
  total: null,
  untilMs: 10 ** 9,
  ...part,
});

class Tree extends World {
  constructor(options: WorldOptions = {}) {
    super({ names: ["root", "sue", "ann"], ...options });
  }

  opening(child: string, part: Partial<BudgetTerms> = {}, nth?: number): OperationBody {
    const had = this.ledger.accountOf(agent(child))?.budgets ?? 0;
    return { kind: "openBudget", child: agent(child), terms: terms(part), nth: nth ?? had, consent: SIG };
  }

  /** Gives budgets down a line, one entry each. */
  line(...names: readonly (string | readonly [name: string, part: Partial<BudgetTerms>])[]): this {
    const [first, ...rest] = names;
    let owner = first as string;
    for (const one of rest) {
      const [child, part] = typeof one === "string" ? [one, {}] : one;
      expect(this.codes(this.op(owner, this.opening(child, part)))).toEqual([null]);
      owner = child;
    }
    return this;
  }

  codes(...ops: Parameters<World["entry"]>[0] & object): readonly (RejectionCode | null)[] {
    return this.entry(ops).receipts.map(({ code }) => code);
  }

  budget(child: string): Budget | null {
    return this.ledger.get(BUDGETS, agent(child));
  }

  account(name: string): Account {
    return this.ledger.accountOf(agent(name))!;
  }

  /** A sale that takes bids, of somebody who has nothing to do with the tree. */
  sale(lockups: readonly bigint[] = [LOCKUP]): Uint8Array {
    const id = this.create("sue", { lockups, commitMs: 3000, reserve: 1n });
    this.entry();
    return id;
  }

  bid(id: Uint8Array, who: string, lockup = LOCKUP, ahead = 0, fee = FEE) {
    return this.op(who, this.commit(id, who, 1n, lockup), ahead, fee);
  }
}
const SIG = new Uint8Array(64);

describe("a child with nothing of its own", () => {
  it("bids with its owner's funds, which come back to the owner; what it pays is gone", () => {
    const w = new Tree().line("root", "kid");
    expect(w.free("root")).toBe(FUNDS - FEE - BURN);
    const id = w.sale();
    const before = w.free("root");
    expect(w.codes(w.bid(id, "kid"))).toEqual([null]);
    expect(w.free("root")).toBe(before - FEE - LOCKUP);
    expect(w.free("kid")).toBe(0n);
    expect(w.budget("kid")).toMatchObject({ held: LOCKUP, spent: LOCKUP + FEE, inPeriod: LOCKUP + FEE });
    w.until(id, "reveal");
    w.entry([w.reveal(id, "kid", 1n)]);
    w.until(id, "done");
    expect(w.free("root")).toBe(before - FEE - 1n);
    expect(w.budget("kid")).toMatchObject({ held: 0n, spent: FEE + 1n });
    expect(w.free("sue")).toBe(FUNDS - FEE - DEPOSIT + 1n);
  });

  it("sells for its owner: the deposit is the owner's, and so is the price", () => {
    const w = new Tree().line("root", "kid", "pip");
    const before = w.free("root");
    const id = w.create("pip", { reserve: 1n });
    expect(w.free("root")).toBe(before - FEE - DEPOSIT);
    expect(w.account("pip").deposits).toBe(DEPOSIT);
    w.entry();
    w.entry([w.bid(id, "ann")]);
    w.until(id, "reveal");
    w.entry([w.reveal(id, "ann", 1n)]);
    w.until(id, "done");
    expect(w.free("root")).toBe(before - FEE - DEPOSIT + 1n);
    w.entry([], { afterMs: w.ledger.params.retainMs });
    expect(w.free("root")).toBe(before - FEE + 1n);
    expect(w.free("pip") + w.free("kid")).toBe(0n);
    expect(w.budget("kid")).toMatchObject({ held: 0n, spent: 2n * FEE + BURN });
    expect(w.ledger.table(OUTLAYS).size).toBe(0);
  });

  it("buys for its owner: the ceiling is the owner's, and a seller of the same tree is paid to the owner", () => {
    const w = new Tree().line("root", "kid");
    w.entry([w.op("root", w.opening("pip"))]);
    const before = w.free("root");
    const id = w.create("kid", { direction: "buy", reserve: 50n, lockups: [LOCKUP] });
    expect(w.free("root")).toBe(before - FEE - DEPOSIT - 50n);
    w.entry();
    w.entry([w.bid(id, "pip")]);
    w.until(id, "reveal");
    w.entry([w.reveal(id, "pip", 1n)]);
    w.until(id, "done");
    expect(w.free("root")).toBe(before - 2n * FEE - DEPOSIT);
    expect(w.budget("kid")).toMatchObject({ held: DEPOSIT, spent: DEPOSIT + FEE + 50n });
    expect(w.budget("pip")).toMatchObject({ held: 0n, spent: FEE });
  });

  it("has what it was given, moves it itself, and pays the fee with its owner's", () => {
    const w = new Tree().line("root", "kid");
    w.entry([w.op("ann", { kind: "transfer", to: agent("kid"), amount: 70n })]);
    const before = w.free("root");
    const pay = (amount: bigint): OperationBody => ({ kind: "transfer", to: agent("ann"), amount });
    expect(w.codes(w.op("kid", pay(71n)), w.op("kid", pay(50n), 1))).toEqual(["FUNDS_TOO_LOW", null]);
    expect(w.codes(w.op("kid", { kind: "bond", amount: 20n }))).toEqual([null]);
    expect([w.free("kid"), w.account("kid").stake]).toEqual([0n, 20n]);
    expect(w.free("root")).toBe(before - 3n * FEE);
  });

  it("forfeits its owner's money, where it does not reveal", () => {
    const w = new Tree().line("root", "kid");
    const id = w.sale();
    const before = w.free("root");
    w.entry([w.bid(id, "kid")]);
    w.until(id, "unsold");
    expect(w.free("root")).toBe(before - FEE - LOCKUP);
    expect(w.budget("kid")).toMatchObject({ held: 0n, spent: LOCKUP + FEE });
  });
});

describe("every limit of every level holds", () => {
  const needed = LOCKUP + FEE;
  const limits = (["perAuction", "perPeriod", "total"] as const).flatMap((limit) =>
    ([0, 1, 2] as const).flatMap((level) =>
      ([-1n, 0n, 1n] as const).map((more) => [limit, level, more] as const),
    ),
  );
  it.each(limits)("%s of level %i with %i to spare", (limit, level, more) => {
    const line = ["kid", "pip", "tot"].map((name, i) => {
      // An opening burns at every level above: what comes before the bid is let, too.
      const before = limit === "perAuction" ? 0n : BigInt(2 - i) * (BURN + FEE);
      return [name, i === level ? { [limit]: before + needed + more } : {}] as const;
    });
    const w = new Tree().line("root", ...line);
    const id = w.sale();
    const free = w.free("root");
    expect(w.codes(w.bid(id, "tot"))).toEqual([more < 0n ? "BUDGET_EXCEEDED" : null]);
    expect(free - w.free("root")).toBe(more < 0n ? FEE : needed);
  });

  it.each([-1n, 0n, 1n])("the owner's free funds with %i to spare", (more) => {
    const w = new Tree().line("root", "kid");
    const id = w.sale();
    const gift = w.free("root") - FEE - needed - more;
    w.entry([w.op("root", { kind: "transfer", to: agent("ann"), amount: gift })]);
    expect(w.codes(w.bid(id, "kid"))).toEqual([more < 0n ? "FUNDS_TOO_LOW" : null]);
  });

  it("counts siblings together, whoever is first", () => {
    const w = new Tree().line("root", ["kid", { perAuction: 2n * needed }], "pip");
    w.entry([w.op("kid", w.opening("tot"))]);
    const id = w.sale();
    expect(w.codes(w.bid(id, "pip"), w.bid(id, "tot"), w.bid(id, "kid"))).toEqual([
      null,
      null,
      "BUDGET_EXCEEDED",
    ]);
    const other = w.sale();
    expect(w.codes(w.bid(other, "kid"))).toEqual([null]);
  });

  it("without room for the fee nothing follows: the operation keeps its nonce", () => {
    const w = new Tree().line("root", ["kid", { perPeriod: FEE - 1n }]);
    const { receipts } = w.entry([w.op("kid", { kind: "unbond", amount: 1n })]);
    expect(receipts[0]).toMatchObject({ status: "ignored", code: "BUDGET_EXCEEDED" });
    expect(w.account("kid").nonces.bulk).toBe(0);
  });

  it("a bid that replaces another takes the difference; one of an earlier period counts whole", () => {
    for (const [afterMs, room, code] of [
      [50, 2n * FEE + 1500n, null],
      [50, 2n * FEE + 1499n, "BUDGET_EXCEEDED"],
      [PERIOD_MS, FEE + 1500n, null],
      [PERIOD_MS, FEE + 1499n, "BUDGET_EXCEEDED"],
    ] as const) {
      const w = new Tree().line("root", ["kid", { perPeriod: room }]);
      const id = w.create("sue", { lockups: [1000n, 1500n], commitMs: 10 * PERIOD_MS, reserve: 1n });
      w.entry();
      expect(w.codes(w.bid(id, "kid"))).toEqual([null]);
      const { receipts } = w.entry([w.bid(id, "kid", 1500n)], { afterMs });
      expect([afterMs, room, receipts[0]!.code]).toEqual([afterMs, room, code]);
      if (code === null) expect(w.budget("kid")).toMatchObject({ held: 1500n, inPeriod: room });
    }
  });

  it("what returns within its period may be spent again in it, what returns later does not", () => {
    for (const [isLater, inPeriod] of [
      [false, 2n * FEE],
      [true, FEE],
    ] as const) {
      const w = new Tree().line("root", "kid");
      const id = w.create("kid", { commitMs: 2 * PERIOD_MS });
      if (isLater) w.entry([], { afterMs: PERIOD_MS });
      expect(w.codes(w.op("kid", { kind: "cancel", auction: id }))).toEqual([null]);
      expect(w.budget("kid")).toMatchObject({ held: 0n, spent: 2n * FEE, inPeriod });
    }
  });
});

describe("a budget ends", () => {
  it("at its last moment, inclusive; then own funds pay, and where there are none it says so", () => {
    for (const [beyondMs, code] of [
      [-1, null],
      [0, null],
      [1, "BUDGET_ENDED"],
    ] as const) {
      const w = new Tree();
      const id = w.sale();
      const untilMs = w.timeMs + 1000;
      w.line("root", ["kid", { untilMs }]);
      const afterMs = untilMs + beyondMs - w.timeMs;
      expect(w.entry([w.bid(id, "kid")], { afterMs }).receipts[0]!.code).toBe(code);
    }
  });

  it("leaves the state when nothing is held any more, and returns what was held to the owner", () => {
    const w = new Tree().line("root", "kid");
    const id = w.sale();
    const before = w.free("root");
    w.entry([w.bid(id, "kid"), w.op("root", { kind: "closeBudget", child: agent("kid") })]);
    expect(w.budget("kid")).toMatchObject({ state: "closed", held: LOCKUP });
    expect(w.codes(w.op("root", w.opening("kid")))).toEqual([null]);
    expect(w.budget("kid")).toMatchObject({ state: "open", held: LOCKUP, spent: LOCKUP });
    w.entry([w.op("kid", { kind: "closeBudget", child: agent("kid") })]);
    w.until(id, "reveal");
    w.entry([w.reveal(id, "kid", 1n)]);
    w.until(id, "done");
    expect(w.budget("kid")).toBeNull();
    expect(w.free("root")).toBe(before - 4n * FEE - BURN - 1n);
    expect(w.codes(w.op("kid", { kind: "unbond", amount: 1n }))).toEqual(["FUNDS_TOO_LOW"]);
  });

  it("takes all below it with it, and they go one after the other", () => {
    const w = new Tree().line("root", "kid", "pip");
    const id = w.sale();
    expect(w.codes(w.op("root", { kind: "closeBudget", child: agent("kid") }))).toEqual([null]);
    expect(w.codes(w.bid(id, "pip"))).toEqual(["BUDGET_ENDED"]);
    expect(w.codes(w.op("kid", w.opening("tot")))).toEqual(["BUDGET_ENDED"]);
    expect([w.budget("kid")?.state, w.budget("pip")?.state]).toEqual(["closed", "open"]);
    w.entry([], { afterMs: 10 ** 9 - w.timeMs });
    expect(w.ledger.table(BUDGETS).size).toBe(2);
    w.entry([], { afterMs: 1 });
    expect(w.ledger.table(BUDGETS).size).toBe(0);
  });

  it("by itself when it has expired, some with each entry", () => {
    const w = new Tree({ params: { budgetBurn: 0n } });
    const names = Array.from({ length: 40 }, (_, i) => `kid ${i}`);
    const untilMs = w.timeMs + 1000;
    w.entry(names.map((name, i) => w.op("root", w.opening(name, { untilMs }), i)));
    expect(w.ledger.table(BUDGETS).size).toBe(40);
    expect(w.entry([], { afterMs: 1000 }).expired).toHaveLength(32);
    expect(w.entry().expired).toHaveLength(8);
    expect(w.ledger.table(BUDGETS).size).toBe(0);
  });
});

describe("bad input moves nothing but the fee", () => {
  const refused: readonly (readonly [
    name: string,
    code: RejectionCode,
    from: string,
    body: (w: Tree) => OperationBody,
  ])[] = [
    ["a budget of oneself", "BUDGET_OF_ONESELF", "root", (w) => w.opening("root")],
    [
      "of a key that anyone signs for",
      "CHILD_KEY_UNSOUND",
      "root",
      (w) => ({ ...w.opening("new"), child: new Uint8Array(32) }) as OperationBody,
    ],
    ["of nothing per auction", "BUDGET_OF_NOTHING", "root", (w) => w.opening("new", { perAuction: 0n })],
    ["of nothing per period", "BUDGET_OF_NOTHING", "root", (w) => w.opening("new", { perPeriod: 0n })],
    ["of nothing in all", "BUDGET_OF_NOTHING", "root", (w) => w.opening("new", { total: 0n })],
    [
      "that has ended",
      "BUDGET_TIME_OUT_OF_RANGE",
      "root",
      (w) => w.opening("new", { untilMs: w.timeMs + 49 }),
    ],
    [
      "for more than a year",
      "BUDGET_TIME_OUT_OF_RANGE",
      "root",
      (w) => w.opening("new", { untilMs: w.timeMs + 51 + MAX_BUDGET_MS }),
    ],
    ["in a circle of two", "BUDGET_IN_A_CIRCLE", "kid", (w) => w.opening("root")],
    ["in a circle of three", "BUDGET_IN_A_CIRCLE", "pip", (w) => w.opening("root")],
    ["by a child to its owner's child", "CHILD_HAS_OWNER", "root", (w) => w.opening("pip")],
    ["by a stranger to a child", "CHILD_HAS_OWNER", "ann", (w) => w.opening("kid")],
    ["to who has children", "CHILD_IS_OWNER", "ann", (w) => w.opening("root")],
    ["with a consent that was used", "CONSENT_USED", "root", (w) => w.opening("kid", {}, 0)],
    ["with a consent to come", "CONSENT_USED", "root", (w) => w.opening("new", {}, 1)],
    ["closed that never was", "BUDGET_UNKNOWN", "root", () => ({ kind: "closeBudget", child: agent("new") })],
    ["closed by a stranger", "NOT_THE_OWNER", "ann", () => ({ kind: "closeBudget", child: agent("kid") })],
    ["closed by who is above", "NOT_THE_OWNER", "root", () => ({ kind: "closeBudget", child: agent("pip") })],
  ];
  it.each(refused)("a budget %s: %s", (_, code, from, body) => {
    const w = new Tree().line("root", "kid", "pip");
    const rows = [...w.ledger.table(BUDGETS).sorted()].map((one) => ({ ...one }));
    const payer = toHex(ownerOf(w.ledger, agent(from))) === toHex(agent("root")) ? "root" : from;
    const before = w.free(payer);
    expect(w.codes(w.op(from, body(w)))).toEqual([code]);
    expect(w.free(payer)).toBe(before - FEE);
    const counted = (one: Budget) => ({ ...one, inPeriod: 0n, spent: 0n });
    expect(w.ledger.table(BUDGETS).sorted().map(counted)).toEqual(rows.map(counted));
  });

  it("takes the last moments that are allowed", () => {
    for (const untilMs of [50, 50 + MAX_BUDGET_MS]) {
      const w = new Tree();
      expect(w.codes(w.op("root", w.opening("new", { untilMs: w.timeMs + untilMs })))).toEqual([null]);
    }
  });

  it(`a tree is at most ${MAX_BUDGET_DEPTH} deep`, () => {
    const names = Array.from({ length: MAX_BUDGET_DEPTH }, (_, i) => `level ${i}`);
    const w = new Tree().line("root", ...names);
    expect(w.codes(w.op(names.at(-1)!, w.opening("new")))).toEqual(["BUDGET_TOO_DEEP"]);
    const id = w.sale();
    expect(w.codes(w.bid(id, names.at(-1)!))).toEqual([null]);
    expect(names.every((name) => w.budget(name)?.held === LOCKUP)).toBe(true);
  });

  it("an opening that cannot pay what it burns is refused", () => {
    for (const [more, code] of [
      [-1n, "BUDGET_EXCEEDED"],
      [0n, null],
    ] as const) {
      const w = new Tree().line("root", ["kid", { total: FEE + BURN + more }]);
      expect(w.codes(w.op("kid", w.opening("pip")))).toEqual([code]);
    }
  });

  it("a closed budget is not closed again", () => {
    const w = new Tree().line("root", "kid", "pip");
    const close = { kind: "closeBudget", child: agent("kid") } as const;
    expect(w.codes(w.op("root", close), w.op("root", close, 1))).toEqual([null, "BUDGET_ENDED"]);
  });

  it("an unused consent is worth nothing after another was used", () => {
    const w = new Tree();
    const old = w.opening("kid");
    w.line("root", "kid");
    w.entry([w.op("root", { kind: "closeBudget", child: agent("kid") })]);
    expect(w.budget("kid")).toBeNull();
    expect(w.codes(w.op("ann", old), w.op("root", old))).toEqual(["CONSENT_USED", "CONSENT_USED"]);
  });
});

it("what is created in vain counts in no auction", () => {
  const w = new Tree().line("root", "kid");
  expect(w.codes(w.op("kid", offer({ commitMs: 1 })))).toEqual(["WINDOW_OUT_OF_RANGE"]);
  expect(w.ledger.table(OUTLAYS).size).toBe(0);
  expect(w.budget("kid")).toMatchObject({ spent: FEE });
});

it("what a tree has hung on auctions is forgotten with them, and counts among the rows that an entry forgets", () => {
  const w = new Tree({ params: { retainMs: 1000 } });
  const kids = Array.from({ length: 32 }, (_, i) => `kid ${i}`);
  w.entry(kids.map((kid, i) => w.op("root", w.opening(kid), i)));
  w.entry([w.op("sue", offer()), w.op("sue", offer(), 1)]);
  w.entry();
  const sales = [0, 1].map((i) => w.nextAuctionId("sue", i));
  // Refused, and each fee hangs an outlay on a stranger's auction.
  for (const id of sales) w.entry(kids.map((kid) => w.bid(id, kid, 7n)));
  expect(w.ledger.table(OUTLAYS).size).toBe(64);
  for (const id of sales) w.until(id, "unsold");
  const left = () => [w.ledger.table(AUCTIONS).size, w.ledger.table(OUTLAYS).size];
  while (w.ledger.table(AUCTIONS).size === 2) w.entry();
  expect(left()).toEqual([1, 32]);
  w.entry();
  expect(left()).toEqual([0, 0]);
});

it("what may be locked is what the narrowest limit of any level leaves", () => {
  const w = new Tree();
  const lockable = (name: string) => lockableOf(w.ledger, agent(name), w.timeMs);
  expect(lockable("ann")).toBe((FUNDS * 4n) / 5n);
  w.line("root", ["ann", { perAuction: 900_000n, perPeriod: 950_000n }], ["bob", { total: 800_000n }]);
  expect(lockable("bob")).toBe(800_000n);
  // What it has cost to pass something on counts.
  expect(lockable("ann")).toBe(least(900_000n, 950_000n - BURN - FEE));
});
