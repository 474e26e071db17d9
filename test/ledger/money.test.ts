// Locks that are part credit: what a release and a payment do with each part (spec/money#locks-and-deposits).
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/base/index.js";
import {
  burnLock,
  conservation,
  creditStake,
  freeStake,
  type Ledger,
  releaseLock,
  spendLock,
  TOTALS,
} from "../../src/ledger/index.js";
import { agent, FUNDS, salt, unseen, World } from "../market/world.js";

const AUCTION = salt("auction");

/** Ann has a lock of 60 own funds and 40 of credit, moved from her stake of 100. */
function withCredit() {
  const { ledger } = new World({ names: ["ann", "sue"] });
  const ann = unseen(ledger.accountOf(agent("ann"))!);
  ann.free -= 160n;
  ann.stake = 60n;
  ann.locks.set(toHex(AUCTION), { fromFree: 60n, fromStake: 40n });
  return { ledger, ann, sue: ledger.accountOf(agent("sue"))! };
}

const holds = (ledger: Ledger) => expect(conservation(ledger).holds).toBe(true);

describe("a lock", () => {
  it("released, returns each part to where it came from", () => {
    const { ledger, ann } = withCredit();
    releaseLock(ledger, ann, AUCTION);
    expect([ann.free, ann.stake, ann.locks.size]).toEqual([FUNDS - 100n, 100n, 0]);
    holds(ledger);
  });

  it("spent, gives own funds first", () => {
    const { ledger, ann, sue } = withCredit();
    spendLock(ledger, ann, AUCTION, 75n, sue);
    expect(ann.locks.get(toHex(AUCTION))).toEqual({ fromFree: 0n, fromStake: 25n });
    releaseLock(ledger, ann, AUCTION);
    expect([ann.stake, sue.free]).toEqual([85n, FUNDS + 75n]);
    holds(ledger);
  });

  it("burned, burns whole", () => {
    const { ledger, ann } = withCredit();
    burnLock(ledger, ann, AUCTION);
    expect(ledger.one(TOTALS).burned).toBe(100n);
    holds(ledger);
  });

  it("that returns to stake pays slash debt first, half burned and half to the pool", () => {
    const { ledger, ann } = withCredit();
    ann.slashDebt = 31n;
    releaseLock(ledger, ann, AUCTION);
    expect([ann.stake, ann.slashDebt]).toEqual([69n, 0n]);
    expect(ledger.one(TOTALS)).toMatchObject({ burned: 16n, insurance: 15n });
    holds(ledger);
  });

  it("is not paid beyond what it holds: that would be a bug, and stops", () => {
    const { ledger, ann, sue } = withCredit();
    expect(() => spendLock(ledger, ann, AUCTION, 101n, sue)).toThrow("covered by its lock");
  });
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
