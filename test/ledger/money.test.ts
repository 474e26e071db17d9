// Locks: what a release and a payment do with each part, and that none touches another (spec/money#locks-and-deposits).
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareBytes, InvariantError, MAX_AMOUNT } from "../../src/base/index.js";
import {
  ACCOUNTS,
  burnLock,
  commitRows,
  conservation,
  credit,
  creditStake,
  freeStake,
  type Ledger,
  type Lock,
  type LockName,
  lockKey,
  lockOf,
  releaseLock,
  setAside,
  spendLock,
  TOTALS,
} from "../../src/ledger/index.js";
import { restoreLedger } from "../../src/market/index.js";
import { agent, FUNDS, genesisFor, START_MS, salt, unseen, World } from "../market/world.js";

const AUCTION = salt("auction");
const BID: LockName = { id: AUCTION, reason: "bid" };
const BOND: LockName = { id: AUCTION, reason: "bond" };

/** Ann has a lock of 60 own funds and 40 of credit, moved from her stake of 100. */
function withCredit() {
  const { ledger } = new World({ names: ["ann", "sue"] });
  ledger.change(ACCOUNTS, agent("ann"), (ann) => {
    ann.free -= 160n;
    ann.stake = 60n;
    ann.locks.set(lockKey(BID), { ...BID, fromFree: 60n, fromStake: 40n });
    ann.locked = { fromFree: 60n, fromStake: 40n };
  });
  return { ledger, ann: unseen(ledger.accountOf(agent("ann"))!), sue: ledger.accountOf(agent("sue"))! };
}

const holds = (ledger: Ledger) => expect(conservation(ledger).holds).toBe(true);

it("an account takes all the money that there can be, and not a micro-credit more", () => {
  const { ledger } = new World({ names: ["ann"] });
  const ann = ledger.accountOf(agent("ann"))!;
  credit(ledger, ann, MAX_AMOUNT - FUNDS);
  expect(ann.free).toBe(MAX_AMOUNT);
  expect(() => credit(ledger, ann, 1n)).toThrow(InvariantError);
});

describe("a lock", () => {
  it("released, returns each part to where it came from", () => {
    const { ledger, ann } = withCredit();
    releaseLock(ledger, ann, BID);
    expect([ann.free, ann.stake, ann.locks.size]).toEqual([FUNDS - 100n, 100n, 0]);
    holds(ledger);
  });

  it("spent, gives own funds first", () => {
    const { ledger, ann, sue } = withCredit();
    spendLock(ledger, ann, BID, 75n, sue);
    expect(lockOf(ann, BID)).toEqual({ ...BID, fromFree: 0n, fromStake: 25n });
    releaseLock(ledger, ann, BID);
    expect([ann.stake, sue.free]).toEqual([85n, FUNDS + 75n]);
    holds(ledger);
  });

  it("burned, burns whole", () => {
    const { ledger, ann } = withCredit();
    burnLock(ledger, ann, BID);
    expect(ledger.one(TOTALS).burned).toBe(100n);
    holds(ledger);
  });

  it("that returns to stake pays slash debt first, half burned and half to the pool", () => {
    const { ledger, ann } = withCredit();
    ann.slashDebt = 31n;
    releaseLock(ledger, ann, BID);
    expect([ann.stake, ann.slashDebt]).toEqual([69n, 0n]);
    expect(ledger.one(TOTALS)).toMatchObject({ burned: 16n, insurance: 15n });
    holds(ledger);
  });

  it("is not paid beyond what it holds: that would be a bug, and stops", () => {
    const { ledger, ann, sue } = withCredit();
    expect(() => spendLock(ledger, ann, BID, 101n, sue)).toThrow("covered by its lock");
  });

  it("is one of its name, and no other of its auction: a movement of what is not there is a bug, and stops", () => {
    const { ledger, ann, sue } = withCredit();
    expect(() => setAside(ledger, ann, BID, 1n, START_MS)).toThrow("one lock of a name");
    for (const name of [BOND, { ...BID, id: salt("another") }]) {
      expect(() => releaseLock(ledger, ann, name)).toThrow("is there");
      expect(() => burnLock(ledger, ann, name)).toThrow("is there");
      expect(() => spendLock(ledger, ann, name, 0n, sue)).toThrow("covered by its lock");
    }
  });
});

const steps = fc.array(
  fc.record({
    kind: fc.constantFrom("lock" as const, "spend" as const, "release" as const, "burn" as const),
    name: fc.record({
      id: fc.constantFrom(AUCTION, salt("another")),
      reason: fc.constantFrom("bid" as const, "bond" as const, "ceiling" as const),
    }),
    share: fc.integer({ min: 0, max: 4 }),
  }),
  { maxLength: 40 },
);

describe("locks of several reasons under one id", () => {
  it("conserve money, and a movement of one touches no other", () => {
    const property = fc.property(steps, (chosen) => {
      const { ledger, ann, sue } = withCredit();
      const paid = { burned: 0n, spent: 0n };
      for (const { kind, name, share } of chosen) {
        const lock = lockOf(ann, name);
        if ((lock === null) !== (kind === "lock")) continue;
        const others = (): Lock[] => [...ann.locks.values()].filter((one) => lockKey(one) !== lockKey(name));
        const before = { others: others(), free: ann.free, stake: ann.stake };
        const held = lock === null ? 0n : lock.fromFree + lock.fromStake;
        if (lock === null) {
          const amount = BigInt(10 * share);
          setAside(ledger, ann, name, amount, START_MS);
          expect(lockOf(ann, name)).toEqual({ ...name, fromFree: amount, fromStake: 0n });
          expect(ann.free).toBe(before.free - amount);
        } else if (kind === "spend") {
          const amount = (held * BigInt(share)) / 4n;
          spendLock(ledger, ann, name, amount, sue);
          paid.spent += amount;
          const left = lockOf(ann, name)!;
          expect(left.fromFree + left.fromStake).toBe(held - amount);
        } else if (kind === "release") {
          releaseLock(ledger, ann, name);
          expect([ann.free - before.free, ann.stake - before.stake]).toEqual([lock.fromFree, lock.fromStake]);
        } else {
          burnLock(ledger, ann, name);
          paid.burned += held;
        }
        expect(others()).toEqual(before.others);
        expect(lockOf(ann, name) === null).toBe(kind === "release" || kind === "burn");
        holds(ledger);
      }
      expect([ledger.one(TOTALS).burned, sue.free - FUNDS]).toEqual([paid.burned, paid.spent]);
      readsBack(ledger, [...ann.locks.values()]);
    });
    fc.assert(property, { numRuns: 300 });
  });

  /** The row holds the same locks, by id and then by reason, in whatever order they were made. */
  function readsBack(ledger: Ledger, locks: readonly Lock[]): void {
    const { root } = commitRows(ledger);
    const rows = [...ledger.tree.keys()].map((key) => [key, ledger.valueOf(key)!] as const);
    const restored = restoreLedger(genesisFor({ names: ["ann", "sue"] }), rows, root);
    if (!restored.ok) throw new Error(restored.error.reason);
    const read = [...restored.value.get(ACCOUNTS, agent("ann"))!.locks.values()];
    const reasons = ["bid", "bond", "ceiling"];
    expect(read).toEqual(
      [...locks].sort(
        (a, b) => compareBytes(a.id, b.id) || reasons.indexOf(a.reason) - reasons.indexOf(b.reason),
      ),
    );
  }
});

describe("stake", () => {
  it("is free as far as no lien is on it, and debt comes before it", () => {
    const { ledger, ann } = withCredit();
    ann.liens.set("00".repeat(32), { kind: "event", amount: 20n });
    expect(freeStake(ann)).toBe(40n);
    ann.slashDebt = 100n;
    ann.free -= 5n;
    creditStake(ledger, ann, 5n);
    expect([ann.stake, ann.slashDebt]).toEqual([60n, 95n]);
    holds(ledger);
  });
});
