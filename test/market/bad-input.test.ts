// Bad input of trades, disputes, stake and budgets, one by one: a code each, and nothing moves but the fee and the nonce.
import { describe, expect, it } from "vitest";
import {
  ACCOUNTS,
  type AgentId,
  BUDGETS,
  type BudgetTerms,
  commitRows,
  OUTLAYS,
  payerOf,
  TOTALS,
} from "../../src/ledger/index.js";
import {
  auctionOfOperation,
  check,
  laneOf,
  type OperationBody,
  type RejectionCode,
  type TradeId,
} from "../../src/market/index.js";
import {
  CREDIT,
  deliveredTrade,
  disputedTrade,
  dueTrade,
  EVIDENCE,
  GOODS,
  LIEN,
  SETTLE_MS,
  stateOf,
  tradingWorld,
  vote,
} from "./disputed.js";
import { agent, FEE, FUNDS, judgeEvidence, salt, World } from "./world.js";

/** Takes back what every refusal costs: the nonce, the fee, and that budgets have counted it. */
function undoFee(
  { ledger, timeMs }: World,
  who: AgentId,
  body: OperationBody,
  about: Uint8Array | null,
): void {
  const { account, levels } = payerOf(ledger, who, timeMs);
  ledger.change(ACCOUNTS, who, (one) => {
    const lane = laneOf(body.kind);
    one.nonces = { ...one.nonces, [lane]: one.nonces[lane] - 1 };
  });
  ledger.change(ACCOUNTS, account!.id, (one) => {
    one.free += FEE;
  });
  ledger.changeOne(TOTALS, (totals) => {
    totals.burned -= FEE;
  });
  for (const { child } of levels) {
    ledger.change(BUDGETS, child, (level) => {
      level.inPeriod -= FEE;
      level.spent -= FEE;
    });
    if (about === null) continue;
    ledger.change(OUTLAYS, [about, child], (outlay) => {
      outlay.amount -= FEE;
    });
    if (ledger.get(OUTLAYS, [about, child])!.amount === 0n) ledger.table(OUTLAYS).delete([about, child]);
  }
}

/** An operation is refused with a code in an entry of its own, and the state is what it was, to the last row. */
function expectRefused(
  world: World,
  from: string,
  body: OperationBody,
  code: RejectionCode,
  afterMs = 50,
): void {
  // What the time of the entry does by itself has been done.
  world.entry([], { afterMs });
  const before = world.root;
  const op = world.op(from, body);
  const { receipts } = world.entry([op], { afterMs: 0 });
  expect(receipts).toMatchObject([{ status: "refused", code }]);
  expect(world.root).not.toEqual(before);
  undoFee(world, agent(from), body, auctionOfOperation(world.ledger.network, op));
  expect(commitRows(world.ledger).root).toEqual(before);
}

/** A trade in some state, and what somebody then says of it. */
interface Saying {
  readonly about: string;
  readonly code: RejectionCode;
  readonly trade: (world: World) => TradeId;
  readonly from: string;
  readonly body: (trade: TradeId) => OperationBody;
}

const BOND = 2n * CREDIT;
const deliver = (trade: TradeId): OperationBody => ({ kind: "deliver", trade, hash: GOODS });
const accept = (trade: TradeId): OperationBody => ({ kind: "accept", trade });
const fail = (trade: TradeId): OperationBody => ({ kind: "fail", trade });
const dispute =
  (bond = BOND) =>
  (trade: TradeId): OperationBody => ({ kind: "dispute", trade, evidence: EVIDENCE, bond });
const verdict =
  (share: number | null) =>
  (trade: TradeId): OperationBody => ({ kind: "verdict", trade, share });

const due = (world: World) => dueTrade(world).id;
const delivered = (world: World) => deliveredTrade(world);
const disputed = (world: World) => disputedTrade(world);
const ended = (world: World): TradeId => {
  const trade = deliveredTrade(world);
  world.entry([world.op("buyer", accept(trade))]);
  return trade;
};
const judged = (world: World): TradeId => {
  const trade = disputedTrade(world);
  expect(vote(world, trade, "seat 1", 4000)).toBeNull();
  return trade;
};
const unknown = () => salt("no trade");

const SAYINGS: readonly Saying[] = [
  { about: "deliver by a stranger", code: "NOT_THE_PERFORMER", trade: due, from: "other", body: deliver },
  { about: "deliver by the buyer", code: "NOT_THE_PERFORMER", trade: due, from: "buyer", body: deliver },
  { about: "deliver twice", code: "TRADE_NOT_DUE", trade: delivered, from: "seller", body: deliver },
  { about: "deliver after the end", code: "TRADE_ENDED", trade: ended, from: "seller", body: deliver },
  { about: "deliver in no trade", code: "TRADE_UNKNOWN", trade: unknown, from: "seller", body: deliver },
  { about: "accept by the performer", code: "NOT_THE_BUYER", trade: delivered, from: "seller", body: accept },
  { about: "accept by a stranger", code: "NOT_THE_BUYER", trade: delivered, from: "other", body: accept },
  { about: "accept before delivery", code: "TRADE_NOT_DELIVERED", trade: due, from: "buyer", body: accept },
  { about: "accept twice", code: "TRADE_ENDED", trade: ended, from: "buyer", body: accept },
  {
    about: "accept while it is judged",
    code: "TRADE_NOT_DELIVERED",
    trade: disputed,
    from: "buyer",
    body: accept,
  },
  { about: "accept in no trade", code: "TRADE_UNKNOWN", trade: unknown, from: "buyer", body: accept },
  { about: "fail after delivery", code: "TRADE_NOT_DUE", trade: delivered, from: "seller", body: fail },
  { about: "fail by the buyer", code: "NOT_THE_PERFORMER", trade: due, from: "buyer", body: fail },
  { about: "fail while it is judged", code: "TRADE_NOT_DUE", trade: disputed, from: "seller", body: fail },
  { about: "fail after the end", code: "TRADE_ENDED", trade: ended, from: "seller", body: fail },
  {
    about: "dispute below the bond",
    code: "DISPUTE_BOND_TOO_SMALL",
    trade: delivered,
    from: "buyer",
    body: dispute(BOND - 1n),
  },
  {
    about: "dispute beyond one's funds",
    code: "FUNDS_TOO_LOW",
    trade: delivered,
    from: "buyer",
    body: dispute(FUNDS),
  },
  { about: "dispute twice", code: "TRADE_NOT_DELIVERED", trade: disputed, from: "buyer", body: dispute() },
  {
    about: "dispute before delivery",
    code: "TRADE_NOT_DELIVERED",
    trade: due,
    from: "buyer",
    body: dispute(),
  },
  { about: "dispute after accepting", code: "TRADE_ENDED", trade: ended, from: "buyer", body: dispute() },
  {
    about: "dispute by the performer",
    code: "NOT_THE_BUYER",
    trade: delivered,
    from: "seller",
    body: dispute(),
  },
  { about: "dispute by a stranger", code: "NOT_THE_BUYER", trade: delivered, from: "other", body: dispute() },
  { about: "verdict by a non-juror", code: "NOT_A_JUROR", trade: disputed, from: "other", body: verdict(1) },
  {
    about: "verdict by the buyer",
    code: "NOT_A_JUROR",
    trade: disputed,
    from: "buyer",
    body: verdict(10_000),
  },
  {
    about: "verdict both ways",
    code: "VERDICT_REPEATED",
    trade: judged,
    from: "seat 1",
    body: verdict(null),
  },
  {
    about: "verdict twice the same way",
    code: "VERDICT_REPEATED",
    trade: judged,
    from: "seat 1",
    body: verdict(4000),
  },
  {
    about: "verdict on what is not disputed",
    code: "TRADE_NOT_DISPUTED",
    trade: delivered,
    from: "seat 1",
    body: verdict(1),
  },
];

describe("bad input of trades and disputes", () => {
  it.each(SAYINGS)("$about: $code", ({ code, trade, from, body }) => {
    const world = tradingWorld();
    expectRefused(world, from, body(trade(world)), code);
  });

  it("verdict by the seat of a party: JUROR_IS_PARTY", () => {
    const world = tradingWorld({ seller: "seat 0" });
    expectRefused(world, "seat 0", verdict(null)(disputedTrade(world, BOND, "seat 0")), "JUROR_IS_PARTY");
  });

  it.each([
    ["deliver after the deadline", due, "seller", deliver, 10_000, "timedOut"],
    ["fail after the deadline", due, "seller", fail, 10_000, "timedOut"],
    ["accept after settleMs", delivered, "buyer", accept, SETTLE_MS, "unopposed"],
    ["dispute after settleMs", delivered, "buyer", dispute(), SETTLE_MS, "unopposed"],
    ["verdict after verdictMs", disputed, "seat 0", verdict(1), 10_000, "hung"],
  ] as const)(
    "%s: TRADE_DEADLINE_PASSED, and once the log has come to it TRADE_ENDED",
    (_, begin, from, body, waitMs, cause) => {
      const world = tradingWorld();
      const trade = begin(world);
      const beganMs = world.timeMs;
      while (world.timeMs + 3000 < beganMs + waitMs) world.entry([], { afterMs: 3000 });
      const restMs = beganMs + waitMs - world.timeMs;
      const codeAt = (afterMs: number) => {
        const at = { ...world.next({ afterMs }), judgeEvidence };
        return check(world.ledger, world.op(from, body(trade)), at)?.code ?? null;
      };
      expect([codeAt(restMs), codeAt(restMs + 1)]).toEqual([null, "TRADE_DEADLINE_PASSED"]);
      expectRefused(world, from, body(trade), "TRADE_ENDED", restMs + 1);
      expect(stateOf(world, trade)).toMatchObject({ kind: "ended", cause });
    },
  );
});

describe("bad input of stake", () => {
  it("unbond what a lien holds: FREE_STAKE_TOO_LOW", () => {
    const world = tradingWorld();
    due(world);
    const free = 200n * CREDIT - LIEN;
    expectRefused(world, "seller", { kind: "unbond", amount: free + 1n }, "FREE_STAKE_TOO_LOW");
    expect(world.entry([world.op("seller", { kind: "unbond", amount: free })]).receipts[0]!.code).toBeNull();
  });

  it("bond more than free: FUNDS_TOO_LOW", () => {
    const world = tradingWorld();
    expectRefused(world, "other", { kind: "bond", amount: FUNDS - FEE + 1n }, "FUNDS_TOO_LOW");
    const most = world.free("other") - FEE;
    expect(world.entry([world.op("other", { kind: "bond", amount: most })]).receipts[0]!.code).toBeNull();
  });
});

const LOCKUP = 1000n;
const ROOM = 10n ** 8n;
const WIDE: BudgetTerms = { perAuction: ROOM, perPeriod: ROOM, total: ROOM, untilMs: 10 ** 9 };

/** Root's budget for kid, of which it gives a part to pip, of which it gives one to tot. All have some funds of their own. */
class Tree extends World {
  static readonly LEVELS = ["kid", "pip", "tot"];

  constructor(terms: (level: string, world: World) => Partial<BudgetTerms> = () => ({})) {
    super({ names: ["root", ...Tree.LEVELS, "sue", "ann"] });
    let owner = "root";
    for (const child of Tree.LEVELS) {
      const whole = { ...WIDE, ...terms(child, this) };
      expect(this.entry([this.op(owner, this.opening(child, whole))]).receipts[0]!.code).toBeNull();
      owner = child;
    }
  }

  opening(child: string, terms = WIDE): OperationBody {
    const nth = this.ledger.accountOf(agent(child))!.budgets;
    return { kind: "openBudget", child: agent(child), terms, nth, consent: new Uint8Array(64) };
  }

  close(child: string): void {
    this.entry([this.op(child, { kind: "closeBudget", child: agent(child) })]);
  }
}

describe("bad input of budgets", () => {
  it.each(["kid", "pip", "tot"])(
    "budget of an owner, where the one of %s is closed: BUDGET_ENDED",
    (level) => {
      const world = new Tree();
      const id = world.create("sue", { lockups: [LOCKUP], commitMs: 9000 });
      // What is held keeps every level in the state.
      world.entry();
      world.entry([world.op("tot", world.commit(id, "tot", 20n, LOCKUP))]);
      world.close(level);
      expectRefused(world, "tot", world.opening("ann"), "BUDGET_ENDED");
    },
  );

  it.each(["kid", "pip", "tot"])(
    "budget of an owner, where the one of %s has expired: BUDGET_ENDED",
    (level) => {
      const world = new Tree((name, { timeMs }) => (name === level ? { untilMs: timeMs + 5000 } : {}));
      const id = world.create("sue", { lockups: [LOCKUP], commitMs: 9000 });
      world.entry();
      world.entry([world.op("tot", world.commit(id, "tot", 20n, LOCKUP))]);
      expectRefused(world, "tot", world.opening("ann"), "BUDGET_ENDED", 5000);
    },
  );

  it.each([
    ["of oneself", "root", "root", "BUDGET_OF_ONESELF"],
    ["of oneself, by a child", "kid", "kid", "BUDGET_OF_ONESELF"],
    ["in a circle of two", "kid", "root", "BUDGET_IN_A_CIRCLE"],
    ["in a circle of three", "pip", "root", "BUDGET_IN_A_CIRCLE"],
    ["in a circle of three, by who is in the middle", "tot", "kid", "BUDGET_IN_A_CIRCLE"],
  ] as const)("budget %s: %4$s", (_, from, child, code) => {
    const world = new Tree();
    expectRefused(world, from, world.opening(child), code);
  });

  const limits = Tree.LEVELS.flatMap((level) =>
    (["perAuction", "perPeriod", "total"] as const).map((limit) => [level, limit] as const),
  );
  it.each(limits)("a child's bid over the level of %s by its %s: BUDGET_EXCEEDED", (level, limit) => {
    // What the levels below were opened for is counted already, where it is not of an auction.
    const { budgetBurn } = new Tree().ledger.params;
    const below = Tree.LEVELS.slice(Tree.LEVELS.indexOf(level) + 1).length;
    const opened = limit === "perAuction" ? 0n : BigInt(below) * (FEE + budgetBurn);
    const bidding = (more: bigint) => {
      const most = opened + FEE + LOCKUP + more;
      const world = new Tree((name) => (name === level ? { [limit]: most } : {}));
      const id = world.create("sue", { lockups: [LOCKUP], commitMs: 9000 });
      world.entry();
      return { world, body: world.commit(id, "tot", 20n, LOCKUP) };
    };
    const { world, body } = bidding(-1n);
    expectRefused(world, "tot", body, "BUDGET_EXCEEDED");
    const fits = bidding(0n);
    expect(fits.world.entry([fits.world.op("tot", fits.body)]).receipts[0]!.code).toBeNull();
  });
});

describe("a trade whose parties are both gone ends by its deadlines", () => {
  it.each([
    ["due", due, "timedOut"],
    ["delivered", delivered, "unopposed"],
    ["disputed, of a jury that is gone as well", disputed, "hung"],
  ] as const)("%s", (_, begin, cause) => {
    const world = tradingWorld();
    const trade = begin(world);
    for (let i = 0; i < 4; i++) world.entry([], { afterMs: 4000 });
    expect(stateOf(world, trade)).toMatchObject({ kind: "ended", cause });
    const locked = [...world.ledger.table(ACCOUNTS).values()].flatMap(({ locks }) => [...locks.values()]);
    expect(locked).toEqual([]);
  });
});
