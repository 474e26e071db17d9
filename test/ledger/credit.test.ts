// Credit: how much may be locked at which standing, where each part comes from, and where it returns (spec/money#credit).
import { describe, expect, it } from "vitest";
import { ACCOUNTS, creditMultiplierBp, freeStake, lockableWith, lockOf } from "../../src/ledger/index.js";
import {
  lockableOf,
  multiplierBpOf,
  type OperationBody,
  STANDINGS,
  type Standing,
} from "../../src/market/index.js";
import { agent, audit, BOND, FEE, FUNDS, offer, World } from "../market/world.js";

const rated = (score: number, weight = 20_000): Standing => ({ score, weight, blocked: "no", recent: [] });

describe("how many times its own funds an agent may lock", () => {
  it.each([
    [0, 8_000],
    [5_000, 8_000],
    [6_000, 8_000],
    [6_001, 10_000],
    [8_000, 10_000],
    [8_001, 15_000],
    [9_000, 15_000],
    [9_001, 20_000],
    [9_500, 20_000],
    [9_501, 30_000],
    [10_000, 30_000],
  ])("with a score of %i: %i bp", (score, multiplierBp) => {
    expect(creditMultiplierBp({ score, weight: 20_000 })).toBe(multiplierBp);
    expect(creditMultiplierBp({ score, weight: 20_001 })).toBe(multiplierBp);
    expect(creditMultiplierBp({ score, weight: 19_999 })).toBe(8_000);
    expect(creditMultiplierBp({ score, weight: 0 })).toBe(8_000);
  });

  it("is told by the row of its standing, and a newcomer's where there is none", () => {
    const { ledger } = new World({ names: ["ann"] });
    expect(multiplierBpOf(ledger, agent("ann"))).toBe(8_000);
    ledger.put(STANDINGS, agent("ann"), rated(9_100));
    expect(multiplierBpOf(ledger, agent("ann"))).toBe(20_000);
  });
});

describe("what is lockable", () => {
  const nothing = { fromFree: 0n, fromStake: 0n };

  it("of a newcomer is four fifths of what it owns, less what is locked, and no more than is free", () => {
    expect(lockableWith({ free: 100n, locked: nothing, stake: 50n }, 8_000)).toBe(80n);
    expect(lockableWith({ free: 99n, locked: nothing, stake: 0n }, 8_000)).toBe(79n);
    expect(lockableWith({ free: 40n, locked: { fromFree: 60n, fromStake: 0n }, stake: 0n }, 8_000)).toBe(20n);
    expect(lockableWith({ free: 40n, locked: { fromFree: 60n, fromStake: 15n }, stake: 0n }, 8_000)).toBe(5n);
    expect(lockableWith({ free: 10n, locked: { fromFree: 90n, fromStake: 0n }, stake: 0n }, 8_000)).toBe(0n);
    expect(lockableWith({ free: 100n, locked: nothing, stake: 0n }, 8_000, { paid: 25n, lien: 0n })).toBe(
      75n,
    );
  });

  it("beyond a multiplier of one adds free stake, up to what it adds to own funds", () => {
    const means = { free: 40n, locked: { fromFree: 60n, fromStake: 0n }, stake: 1000n };
    expect([15_000, 20_000, 30_000].map((bp) => lockableWith(means, bp))).toEqual([90n, 140n, 240n]);
    const lent = { ...means, locked: { fromFree: 60n, fromStake: 45n } };
    expect([10_000, 15_000, 20_000].map((bp) => lockableWith(lent, bp))).toEqual([0n, 45n, 95n]);
    expect(lockableWith({ ...means, stake: 30n }, 30_000)).toBe(70n);
    expect(lockableWith({ ...means, stake: 30n }, 30_000, { paid: 15n, lien: 10n })).toBe(45n);
  });
});

/** Ann has her funds and a stake, of which a part is under a lien, and a standing. */
function ofStanding(score: number, stake = 10n * FUNDS, weight = 20_000) {
  const world = new World({ names: ["ann", "sue", "kid"], stakes: { ann: stake } });
  world.ledger.put(STANDINGS, agent("ann"), rated(score, weight));
  return { world, ann: world.ledger.accountOf(agent("ann"))! };
}

const codeOf = (world: World, body: OperationBody, name = "ann") =>
  world.entry([world.op(name, body)]).receipts[0]!.code;

describe("a bid", () => {
  /** What becomes of a bid that locks so much of what is owned, and so many micro-credits more. */
  const bids = (score: number, ratio: bigint, more: bigint, weight?: number) => {
    const { world } = ofStanding(score, 10n * FUNDS, weight);
    const lockup = (FUNDS * ratio) / 10n + more;
    const id = world.create("sue", { lockups: [lockup] });
    return codeOf(world, world.commit(id, "ann", 5n, lockup));
  };

  it.each([
    [6_000, 8n],
    [8_001, 15n],
    [9_000, 15n],
    [9_001, 20n],
    [9_500, 20n],
    [9_501, 30n],
  ])("at a score of %i locks %i tenths of what is owned before its fee, to the unit", (score, ratio) => {
    // Where all free funds are locked, the fee is one of them, and credit is no more for it.
    const fee = ratio > 10n ? FEE : 0n;
    expect([-1n, 0n, 1n].map((more) => bids(score, ratio, more - fee))).toEqual([
      null,
      null,
      "LOCKABLE_TOO_LOW",
    ]);
    if (ratio > 10n) expect(bids(score, ratio, -FEE, 19_999)).toBe("FUNDS_TOO_LOW");
  });

  it("at a multiplier of one locks all that is free beside the fee, and no stake", () => {
    expect([0n, 1n].map((more) => bids(6_001, 10n, more - FEE))).toEqual([null, "FUNDS_TOO_LOW"]);
    expect([0n, 1n].map((more) => bids(8_000, 10n, more - FEE))).toEqual([null, "FUNDS_TOO_LOW"]);
  });

  it("is told what it could lock", () => {
    const { world } = ofStanding(0);
    expect(lockableOf(world.ledger, agent("ann"), world.timeMs)).toBe((FUNDS / 5n) * 4n);
    const id = world.create("sue", { lockups: [FUNDS / 2n] });
    expect(codeOf(world, world.commit(id, "ann", 5n, FUNDS / 2n))).toBeNull();
    expect(lockableOf(world.ledger, agent("ann"), world.timeMs)).toBe(((FUNDS - FEE) * 4n) / 5n - FUNDS / 2n);
  });

  it("takes free funds first, and returns each part to where it came from", () => {
    const { world, ann } = ofStanding(9_501, 3n * FUNDS);
    const id = world.create("sue", { lockups: [1000n, 2n * FUNDS] });
    expect(codeOf(world, world.commit(id, "ann", 5n, 2n * FUNDS))).toBeNull();
    const name = { id, reason: "bid" } as const;
    expect(lockOf(ann, name)).toMatchObject({ fromFree: FUNDS - FEE, fromStake: FUNDS + FEE });
    expect([ann.free, ann.stake]).toEqual([0n, 2n * FUNDS - FEE]);
    expect(ann.locked).toEqual({ fromFree: FUNDS - FEE, fromStake: FUNDS + FEE });
    audit(world.ledger);
    world.ledger.change(ACCOUNTS, agent("ann"), (one) => {
      one.free += FEE;
    });
    world.ledger.change(ACCOUNTS, agent("sue"), (one) => {
      one.free -= FEE;
    });
    // A replacement returns the whole lock, and takes free funds again.
    expect(codeOf(world, world.commit(id, "ann", 5n, 1000n, "again"))).toBeNull();
    expect([ann.free, ann.stake]).toEqual([FUNDS - FEE - 1000n, 3n * FUNDS]);
    expect(ann.locked).toEqual({ fromFree: 1000n, fromStake: 0n });
  });

  it("has no credit of stake under a lien, of stake that is withdrawn, or while slash debt is open", () => {
    const lockup = FUNDS + 1000n;
    const asked = (change: (world: World) => void) => {
      const { world, ann } = ofStanding(9_501, 2000n + FEE);
      const id = world.create("sue", { lockups: [lockup] });
      world.entry();
      change(world);
      const code = codeOf(world, world.commit(id, "ann", 5n, lockup));
      return [code, freeStake(ann)];
    };
    const written = (
      write: (ann: { stake: bigint; slashDebt: bigint; liens: Map<string, unknown> }) => void,
    ) => asked(({ ledger }) => ledger.change(ACCOUNTS, agent("ann"), write as never));
    expect(asked(() => {})).toEqual([null, 1000n]);
    const lien = (amount: bigint) => ({ kind: "trade", amount });
    const bind = (amount: bigint) => written(({ liens }) => void liens.set("aa".repeat(32), lien(amount)));
    expect([1000n, 1001n].map(bind)).toEqual([
      [null, 0n],
      ["LOCKABLE_TOO_LOW", 999n + FEE],
    ]);
    const owes = written((ann) => {
      ann.slashDebt = 1n;
    });
    expect(owes).toEqual(["LOCKABLE_TOO_LOW", 2000n + FEE]);
    // A withdrawal pays its own fee of free funds.
    const withdraw = (amount: bigint) =>
      asked((world) => expect(codeOf(world, { kind: "unbond", amount })).toBeNull());
    expect(withdraw(FEE)[0]).toBe("LOCKABLE_TOO_LOW");
  });

  it("and a withdrawal in one entry do not use the same stake", () => {
    const { world, ann } = ofStanding(9_501, FUNDS);
    const id = world.create("sue", { lockups: [FUNDS] });
    world.entry();
    const both = [
      world.op("ann", { kind: "unbond", amount: FUNDS - 2n * FEE + 1n }),
      world.op("ann", world.commit(id, "ann", 5n, FUNDS)),
    ];
    expect(world.entry(both).receipts.map(({ code }) => code)).toEqual([null, "LOCKABLE_TOO_LOW"]);
    expect(freeStake(ann)).toBe(2n * FEE - 1n);
  });
});

describe("an offer", () => {
  it("has its bond on credit, and a lien of other stake", () => {
    const LIEN = 1500n;
    const offered = (spare: bigint) => {
      const { world, ann } = ofStanding(9_501, BOND + spare);
      const sold = { lockups: [1000n], deliverMs: 5000, settleMs: 5000 };
      const { code } = world.entry([world.op("ann", offer({ ...sold, bond: FUNDS + BOND - 101_000n }))])
        .receipts[0]!;
      return [code, freeStake(ann)];
    };
    // Its fee and its deposit are of free funds, so that the bond takes all stake but the lien.
    expect(offered(LIEN)).toEqual([null, 0n]);
    expect(offered(LIEN - 1n)).toEqual(["LOCKABLE_TOO_LOW", BOND + LIEN - 1n]);
  });
});

/** By a budget of ann's, more than she has. */
function letKidSpend(world: World): void {
  const untilMs = world.timeMs + 100_000;
  const terms = { perAuction: 5n * FUNDS, perPeriod: 5n * FUNDS, total: null, untilMs };
  const consent = new Uint8Array(64);
  expect(codeOf(world, { kind: "openBudget", child: agent("kid"), terms, nth: 0, consent })).toBeNull();
}

describe("an agent with a budget", () => {
  it("locks what its owner may, on its owner's stake, and it returns there", () => {
    const { world, ann } = ofStanding(9_501, FUNDS);
    letKidSpend(world);
    const before = { free: ann.free, stake: ann.stake };
    const lockup = FUNDS + 500n;
    const id = world.create("sue", { lockups: [1000n, lockup], commitMs: 60_000 });
    world.entry();
    expect(lockableOf(world.ledger, agent("kid"), world.timeMs)).toBe(before.free + FUNDS);
    expect(codeOf(world, world.commit(id, "kid", 5n, lockup), "kid")).toBeNull();
    const kid = world.ledger.accountOf(agent("kid"))!;
    expect([kid.free, kid.locked.fromFree, kid.locked.fromStake]).toEqual([FUNDS, 0n, 0n]);
    expect(ann.locked).toEqual({ fromFree: before.free - FEE, fromStake: lockup - before.free + FEE });
    world.ledger.change(ACCOUNTS, agent("ann"), (one) => {
      one.free += FEE;
    });
    world.ledger.change(ACCOUNTS, agent("sue"), (one) => {
      one.free -= FEE;
    });
    expect(codeOf(world, world.commit(id, "kid", 5n, 1000n, "again"), "kid")).toBeNull();
    expect([ann.free, ann.stake]).toEqual([before.free - FEE - 1000n, before.stake]);
    expect(ann.locked).toEqual({ fromFree: 1000n, fromStake: 0n });
    audit(world.ledger);
  });

  it("and its owner together lock four fifths of what the owner has: its own standing gives it nothing", () => {
    const { world } = ofStanding(0);
    world.ledger.put(STANDINGS, agent("kid"), rated(9_900));
    letKidSpend(world);
    const own = world.free("ann");
    const id = world.create("sue", { lockups: [own / 2n] });
    const other = world.create("sue", { lockups: [(own * 4n) / 5n - own / 2n] });
    expect(codeOf(world, world.commit(id, "kid", 5n, own / 2n), "kid")).toBeNull();
    const left = lockableOf(world.ledger, agent("ann"), world.timeMs);
    expect(left).toBe(((own - FEE) * 4n) / 5n - own / 2n);
    expect(codeOf(world, world.commit(other, "ann", 5n, (own * 4n) / 5n - own / 2n))).toBe(
      "LOCKABLE_TOO_LOW",
    );
  });
});
