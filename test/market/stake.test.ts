// Stake (spec/money#stake): what bonding and withdrawing do and are refused for, when withdrawn stake is free, and scenario 38.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/base/index.js";
import {
  ACCOUNTS,
  type Account,
  conservation,
  type Draft,
  freeStake,
  MAX_UNBONDING,
  RELEASED_BEYOND_MADE,
  TOTALS,
} from "../../src/ledger/index.js";
import {
  type Operation,
  type OperationBody,
  packEntry,
  type RejectionCode,
  selfProving,
} from "../../src/market/index.js";
import { agent, BOND, convictions, FEE, FUNDS, judgeEvidence, World } from "./world.js";

const UNBOND_MS = 10_000;
const NAMES = ["ann", "bob", "seat 0", "seat 1"];
const world = (stakes: Readonly<Record<string, bigint>> = { ann: 100n, "seat 0": 100n }) =>
  new World({
    names: NAMES,
    stakes,
    allowance: 10n ** 15n,
    params: { evidenceMs: UNBOND_MS - 1, unbondMs: UNBOND_MS },
  });

const bond = (amount: bigint) => ({ kind: "bond", amount }) as const;
const unbond = (amount: bigint) => ({ kind: "unbond", amount }) as const;
const accountOf = (w: World, name: string): Account => w.ledger.accountOf(agent(name))!;
const codesOf = (w: World, ...ops: readonly Operation[]) => w.entry(ops).receipts.map(({ code }) => code);

/** Money that a test puts into an account is minted. */
function endow(w: World, name: string, sum: bigint, write: (account: Draft<Account>) => void): void {
  w.ledger.change(ACCOUNTS, agent(name), write);
  w.ledger.changeOne(TOTALS, (totals) => {
    totals.minted += sum;
  });
}

const FIRST = convictions.length;
for (const [i, seat] of [0, 0, 0, 0, 1, 1, 1, 1].entries()) {
  const type = i % 2 === 0 ? "E6" : "E1";
  const [who, key] = [agent(`seat ${seat}`), agent(`seat key ${seat}`)];
  convictions.push({ type, agent: who, key, epoch: 0, term: 500 + i });
}
/** Evidence of a fault: even ones are of class B, odd ones of class A; the first four are of seat 0, the others of seat 1. */
const convict = (w: World, nth: number) =>
  selfProving(w.ledger.network, { kind: "evidence", evidence: Uint8Array.of(FIRST + nth) });

describe("a bond", () => {
  it("makes free funds stake", () => {
    const w = world();
    expect(codesOf(w, w.op("ann", bond(40n)))).toEqual([null]);
    expect(accountOf(w, "ann")).toMatchObject({ free: FUNDS - FEE - 40n, stake: 140n });
  });

  it("pays slash debt first, half burned and half to the pool, and tells how much", () => {
    const w = world();
    endow(w, "ann", 0n, (ann) => {
      ann.slashDebt = 31n;
    });
    const [receipt] = w.entry([w.op("ann", bond(40n))]).receipts;
    expect(receipt).toMatchObject({ facts: [{ kind: "bonded", amount: 40n, debtPaid: 31n }] });
    expect(accountOf(w, "ann")).toMatchObject({ free: FUNDS - FEE - 40n, stake: 109n, slashDebt: 0n });
    expect(w.ledger.one(TOTALS)).toMatchObject({ burned: FEE + 16n, insurance: 15n });
  });

  it.each<[name: string, more: bigint, code: RejectionCode | null]>([
    ["all but the fee", 0n, null],
    ["a micro-credit more", 1n, "FUNDS_TOO_LOW"],
  ])("of %s: %s", (_, more, code) => {
    const w = world();
    expect(codesOf(w, w.op("ann", bond(FUNDS - FEE + more)))).toEqual([code]);
    expect(accountOf(w, "ann").stake).toBe(code === null ? 100n + FUNDS - FEE : 100n);
  });

  it("counts in packing: what it takes is not there for what follows", () => {
    const w = world();
    const ops = [w.op("ann", bond(FUNDS - 2n * FEE)), ...[1, 2].map((i) => w.op("ann", bond(0n), i))];
    expect(packed(w, ops)).toEqual(ops.slice(0, 2));
  });
});

describe("a withdrawal", () => {
  it("takes its fee alone, so that as many stand in an entry as their fees allow", () => {
    const w = world();
    endow(w, "ann", -FUNDS + 3n * FEE, (ann) => {
      ann.free = 3n * FEE;
    });
    const ops = [0, 1, 2, 3].map((i) => w.op("ann", unbond(10n ** 9n), i));
    expect(packed(w, ops)).toEqual(ops.slice(0, 3));
  });

  it("leaves stake at once, and is told with the time from which it is free", () => {
    const w = world();
    const [receipt] = w.entry([w.op("ann", unbond(60n))]).receipts;
    const releaseMs = w.timeMs + UNBOND_MS;
    expect(receipt).toMatchObject({ facts: [{ kind: "unbonded", amount: 60n, releaseMs }] });
    expect(accountOf(w, "ann")).toMatchObject({
      free: FUNDS - FEE,
      stake: 40n,
      unbonding: [{ amount: 60n, releaseMs }],
    });
  });

  it("is free in the first entry that is no earlier than its time: not a millisecond before", () => {
    for (const [beyondMs, isFree] of [
      [-1, false],
      [0, true],
      [1, true],
    ] as const) {
      const w = world();
      w.entry([w.op("ann", unbond(60n))]);
      const { releases } = w.entry([], { afterMs: UNBOND_MS + beyondMs });
      expect(releases).toEqual(isFree ? [{ agent: agent("ann"), amount: 60n }] : []);
      expect(accountOf(w, "ann").free).toBe(FUNDS - FEE + (isFree ? 60n : 0n));
    }
  });

  it("may be two of one entry, which are free together, in the order in which they were withdrawn", () => {
    const w = world();
    expect(codesOf(w, w.op("ann", unbond(60n)), w.op("ann", unbond(40n), 1))).toEqual([null, null]);
    const releaseMs = w.timeMs + UNBOND_MS;
    expect(accountOf(w, "ann").unbonding).toEqual([
      { amount: 60n, releaseMs },
      { amount: 40n, releaseMs },
    ]);
    const { releases } = w.entry([], { afterMs: UNBOND_MS });
    expect(releases).toEqual([{ agent: agent("ann"), amount: 100n }]);
  });

  it("is free part by part, each in its time", () => {
    const w = world();
    w.entry([w.op("ann", unbond(10n))]);
    w.entry([w.op("ann", unbond(20n))], { afterMs: 100 });
    w.entry([], { afterMs: UNBOND_MS - 100 });
    expect(accountOf(w, "ann")).toMatchObject({ free: FUNDS - 2n * FEE + 10n, unbonding: [{ amount: 20n }] });
    w.entry([], { afterMs: 100 });
    expect(accountOf(w, "ann")).toMatchObject({ free: FUNDS - 2n * FEE + 30n, unbonding: [] });
  });
});

describe("what is refused moves nothing but the fee", () => {
  const refused: readonly (readonly [
    name: string,
    body: OperationBody,
    code: RejectionCode,
    before: (account: Draft<Account>) => void,
  ])[] = [
    ["a bond of nothing", bond(0n), "AMOUNT_ZERO", () => {}],
    ["a bond of more than is free", bond(FUNDS), "FUNDS_TOO_LOW", () => {}],
    ["a withdrawal of nothing", unbond(0n), "AMOUNT_ZERO", () => {}],
    ["a withdrawal of more than the stake", unbond(101n), "FREE_STAKE_TOO_LOW", () => {}],
    [
      "a withdrawal of what a lien holds",
      unbond(61n),
      "FREE_STAKE_TOO_LOW",
      (one) => void one.liens.set("aa".repeat(32), { kind: "trade", amount: 40n }),
    ],
    [
      "a withdrawal while a debt is open",
      unbond(1n),
      "SLASH_DEBT_OPEN",
      (one) => {
        one.slashDebt = 1n;
      },
    ],
    [
      "one part more than may unbond",
      unbond(1n),
      "TOO_MANY_UNBONDING",
      (one) => {
        one.unbonding = Array.from({ length: MAX_UNBONDING }, () => ({ amount: 1n, releaseMs: 10 ** 9 }));
      },
    ],
  ];
  it.each(refused)("%s", (_, body, code, before) => {
    const w = world();
    endow(w, "ann", code === "TOO_MANY_UNBONDING" ? BigInt(MAX_UNBONDING) : 0n, before);
    const { free, stake, slashDebt, unbonding } = accountOf(w, "ann");
    expect(codesOf(w, w.op("ann", body))).toEqual([code]);
    expect(accountOf(w, "ann")).toMatchObject({ free: free - FEE, stake, slashDebt, unbonding });
  });

  it.each([
    [-1n, null],
    [0n, null],
    [1n, "FREE_STAKE_TOO_LOW"],
  ] as const)("at the boundary of free stake, %s beyond: %s", (beyond, code) => {
    const w = world();
    endow(w, "ann", 0n, (one) => void one.liens.set("aa".repeat(32), { kind: "trade", amount: 40n }));
    expect(codesOf(w, w.op("ann", unbond(60n + beyond)))).toEqual([code]);
  });

  it.each([
    [-1, null],
    [0, "TOO_MANY_UNBONDING"],
  ] as const)("at %s of the most parts beside what unbonds: %s", (beside, code) => {
    const w = world();
    const parts = MAX_UNBONDING + beside;
    endow(w, "ann", BigInt(parts), (one) => {
      one.unbonding = Array.from({ length: parts }, () => ({ amount: 1n, releaseMs: w.timeMs + 5000 }));
    });
    expect(codesOf(w, w.op("ann", unbond(1n)))).toEqual([code]);
  });

  it("the second of two withdrawals of the same stake in one entry", () => {
    const w = world();
    expect(codesOf(w, w.op("ann", unbond(100n)), w.op("ann", unbond(100n), 1))).toEqual([
      null,
      "FREE_STAKE_TOO_LOW",
    ]);
    expect(accountOf(w, "ann")).toMatchObject({ stake: 0n, unbonding: [{ amount: 100n }] });
  });
});

describe("scenario 38: stake is withdrawn twice, or withdrawn and slashed", () => {
  it("a slash reaches what unbonds, up to the entry that would set it free", () => {
    for (const beyondMs of [-1, 0, 1]) {
      const w = world();
      w.entry([w.op("seat 0", unbond(100n))]);
      const { releases } = w.entry([convict(w, 1)], { afterMs: UNBOND_MS + beyondMs });
      expect(releases).toEqual([]);
      const { free, stake, unbonding, slashDebt } = accountOf(w, "seat 0");
      expect([free, stake, unbonding]).toEqual([FUNDS - FEE, 0n, []]);
      expect(slashDebt).toBe(4n * BOND - 100n);
    }
  });

  it("once it is free, a slash does not reach it, and what is missing is debt that bonds pay", () => {
    const w = world();
    w.entry([w.op("seat 0", unbond(100n))]);
    w.entry([], { afterMs: UNBOND_MS });
    w.entry([convict(w, 1)]);
    expect(accountOf(w, "seat 0")).toMatchObject({ free: FUNDS - FEE + 100n, slashDebt: 4n * BOND });
    expect(codesOf(w, w.op("seat 0", unbond(1n)))).toEqual(["SLASH_DEBT_OPEN"]);
    expect(codesOf(w, w.op("seat 0", bond(4n * BOND + 1n)))).toEqual([null]);
    expect(codesOf(w, w.op("seat 0", unbond(1n)))).toEqual([null]);
  });

  it("a seat's bond is no free stake: its owner cannot withdraw it", () => {
    const w = world();
    expect(codesOf(w, w.op("seat 0", unbond(101n)))).toEqual(["FREE_STAKE_TOO_LOW"]);
    expect(freeStake(accountOf(w, "seat 0"))).toBe(100n);
  });
});

describe("releases", () => {
  /** Accounts with parts that are all due at once. */
  function crowd(accounts: number, parts: number) {
    const names = Array.from({ length: accounts }, (_, i) => `owner ${i}`);
    const w = new World({ names, params: { evidenceMs: UNBOND_MS - 1, unbondMs: UNBOND_MS } });
    for (const [i, name] of names.entries()) {
      const releaseMs = w.timeMs + 1000 + (i % 3);
      endow(w, name, BigInt(parts), (one) => {
        one.unbonding = Array.from({ length: parts }, () => ({ amount: 1n, releaseMs }));
      });
    }
    return w;
  }
  const indexOf = (w: World) => w.ledger.table(ACCOUNTS).index.releases;

  it("come by their time and then by agent, and no more than an entry's bound of parts, accounts whole", () => {
    const [accounts, parts] = [50, 10];
    const w = crowd(accounts, parts);
    const order = indexOf(w)
      .sorted()
      .map(({ id }) => id);
    const first = w.entry([], { afterMs: 2000 }).releases.map(({ agent: id }) => toHex(id));
    expect(first).toEqual(order.slice(0, Math.ceil(RELEASED_BEYOND_MADE / parts)));
    const second = w.entry().releases.map(({ agent: id }) => toHex(id));
    expect([...first, ...second]).toEqual(order);
    expect(indexOf(w).size).toBe(0);
  });

  it("keep pace with withdrawals: as many more as an entry's operations begin", () => {
    const w = crowd(RELEASED_BEYOND_MADE + 5, 1);
    for (const name of ["owner 0", "owner 1", "owner 2"])
      endow(w, name, 1n, (one) => {
        one.stake += 1n;
      });
    const ops = ["owner 0", "owner 1", "owner 2"].map((name) => w.op(name, unbond(1n)));
    expect(w.entry(ops, { afterMs: 2000 }).releases).toHaveLength(RELEASED_BEYOND_MADE + 3);
  });

  it("look at no account that has nothing due", () => {
    const w = world();
    expect(indexOf(w).size).toBe(0);
    w.entry([w.op("ann", unbond(1n))]);
    expect(indexOf(w).sorted()).toEqual([{ id: toHex(agent("ann")), dueMs: w.timeMs + UNBOND_MS }]);
  });
});

function packed(w: World, ops: readonly Operation[]) {
  const limits = { timeMs: w.timeMs, executedMs: w.timeMs, maxOps: 2000, maxBytes: 1 << 20 };
  const candidates = ops.map((operation) => ({ operation, size: 300 }));
  return packEntry(candidates, w.ledger, { ...limits, inFlight: [], judgeEvidence }).map(
    ({ operation }) => operation,
  );
}

/** An account as a child would keep it: amounts, and withdrawals with their time. */
interface Purse {
  free: bigint;
  lien: bigint;
  spare: bigint;
  withdrawn: { amount: bigint; at: number }[];
  debt: bigint;
  jailedTo: number;
}

/** Stake once more, in the dullest way. */
class Naive {
  readonly purses = new Map<string, Purse>();
  burned = 0n;
  insurance = 0n;
  private readonly punished = new Set<number>();
  private readonly convictions: { seat: string; isGrave: boolean }[] = [];

  constructor(w: World) {
    for (const name of NAMES) {
      const { free, stake } = accountOf(w, name);
      const lien = name.startsWith("seat") ? BOND : 0n;
      this.purses.set(name, { free, lien, spare: stake - lien, withdrawn: [], debt: 0n, jailedTo: 0 });
    }
  }

  /** @returns the code of the refusal, or null */
  operation(name: string, kind: "bond" | "unbond", amount: bigint, nowMs: number): RejectionCode | null {
    const one = this.purses.get(name)!;
    if (one.free < FEE) return "FUNDS_TOO_LOW";
    one.free -= FEE;
    this.burned += FEE;
    if (amount === 0n) return "AMOUNT_ZERO";
    if (kind === "bond") {
      if (amount > one.free) return "FUNDS_TOO_LOW";
      one.free -= amount;
      this.stake(one, amount);
      return null;
    }
    if (one.debt > 0n) return "SLASH_DEBT_OPEN";
    if (amount > one.spare) return "FREE_STAKE_TOO_LOW";
    if (one.withdrawn.length === MAX_UNBONDING) return "TOO_MANY_UNBONDING";
    one.spare -= amount;
    one.withdrawn.push({ amount, at: nowMs + UNBOND_MS });
    return null;
  }

  grant(name: string, free: bigint, stake: bigint): void {
    const one = this.purses.get(name)!;
    one.free += free;
    this.stake(one, stake);
  }

  evidence(nth: number, nowMs: number): RejectionCode | null {
    const seat = nth < 4 ? "seat 0" : "seat 1";
    const isGrave = nth % 2 === 1;
    if (this.punished.has(nth)) return "EVIDENCE_USED";
    const one = this.purses.get(seat)!;
    const earlier = this.convictions.filter((past) => past.seat === seat && past.isGrave === isGrave).length;
    const times = BigInt(Math.min(5, earlier + 1));
    let due = (isGrave ? one.lien * 5n : one.lien / 4n) * times;
    if (due === 0n && (!isGrave || one.jailedTo > nowMs)) return "NOTHING_TO_SLASH";
    this.punished.add(nth);
    const owed = due;
    const take = (from: bigint): bigint => {
      const taken = from < due ? from : due;
      due -= taken;
      return from - taken;
    };
    one.lien = take(one.lien);
    one.spare = take(one.spare);
    for (const part of one.withdrawn) part.amount = take(part.amount);
    one.withdrawn = one.withdrawn.filter(({ amount }) => amount > 0n);
    one.debt += due;
    if (isGrave) one.jailedTo = Math.max(one.jailedTo, nowMs + 600_000);
    this.end(owed - due);
    if (owed === due) return "NOTHING_TO_SLASH";
    this.convictions.push({ seat, isGrave });
    return null;
  }

  pass(nowMs: number): void {
    for (const one of this.purses.values()) {
      for (const { amount, at } of one.withdrawn) if (at <= nowMs) one.free += amount;
      one.withdrawn = one.withdrawn.filter(({ at }) => at > nowMs);
    }
  }

  private stake(one: Purse, amount: bigint): void {
    const paid = amount < one.debt ? amount : one.debt;
    one.debt -= paid;
    one.spare += amount - paid;
    this.end(paid);
  }

  private end(amount: bigint): void {
    this.insurance += amount / 2n;
    this.burned += amount - amount / 2n;
  }
}

const amounts = fc.oneof(
  fc.constantFrom(0n, 1n, 3n, 50n, 99n, 100n, 101n, BOND, BOND + 1n, 4n * BOND, FUNDS - FEE, FUNDS),
  fc.bigInt(1n, 300n),
);
const acts = fc.array(
  fc.record({
    what: fc.constantFrom("bond", "unbond", "unbond", "unbond", "grant", "evidence", "wait"),
    who: fc.constantFrom(...NAMES),
    amount: amounts,
    nth: fc.nat(7),
    afterMs: fc.constantFrom(1, 50, 4_999, 5_000, 5_001, 9_999, 10_000, 10_001),
  }),
  { minLength: 5, maxLength: 60 },
);

describe("under any order of bonds, withdrawals, grants, slashes and waits", () => {
  it("every account is what a naive reckoning makes of it, and money is conserved", () => {
    const met = new Set<string>();
    const property = fc.property(acts, (story) => {
      const w = world({ ann: 1000n, bob: 0n, "seat 0": 1000n, "seat 1": 7n });
      const naive = new Naive(w);
      for (const { what, who, amount, nth, afterMs } of story) {
        const nowMs = w.timeMs + afterMs;
        const told = (() => {
          if (what === "evidence") return { op: convict(w, nth), code: naive.evidence(nth, nowMs) };
          if (what === "grant") {
            naive.burned += FEE;
            naive.grant(who, 5n, amount % 200n);
            const body = { kind: "grant", to: agent(who), free: 5n, stake: amount % 200n } as const;
            return { op: w.op("faucet", body), code: null };
          }
          if (what !== "bond" && what !== "unbond") return null;
          return { op: w.op(who, { kind: what, amount }), code: naive.operation(who, what, amount, nowMs) };
        })();
        const outcome = w.entry(told === null ? [] : [told.op], { afterMs });
        naive.pass(nowMs);
        if (told !== null) expect(outcome.receipts.map(({ code }) => code)).toEqual([told.code]);
        met.add(`${what} ${told?.code ?? ""}`);
        if (outcome.releases.length > 0) met.add("released");
        for (const [name, one] of naive.purses) {
          const { free, stake, unbonding, slashDebt } = accountOf(w, name);
          expect([name, free, stake, slashDebt]).toEqual([name, one.free, one.lien + one.spare, one.debt]);
          expect(unbonding.map(({ amount: sum, releaseMs: at }) => ({ amount: sum, at }))).toEqual(
            one.withdrawn,
          );
        }
        const { burned, insurance } = w.ledger.one(TOTALS);
        expect([burned, insurance]).toEqual([naive.burned, naive.insurance]);
        expect(conservation(w.ledger).holds).toBe(true);
      }
    });
    fc.assert(property, { numRuns: 400, seed: 10, endOnFailure: true });
    // What it has not met it has not tried.
    const wanted = ["AMOUNT_ZERO", "SLASH_DEBT_OPEN", "FREE_STAKE_TOO_LOW", ""].map(
      (code) => `unbond ${code}`,
    );
    const further = ["bond ", "bond FUNDS_TOO_LOW", "evidence ", "evidence NOTHING_TO_SLASH", "released"];
    expect([...wanted, ...further].filter((what) => !met.has(what))).toEqual([]);
  });
});
