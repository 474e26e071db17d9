// Whole auctions against a deliberately dumb oracle that knows nothing of the ledger's code.
import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_INSTANT_MS } from "../../src/base/index.js";
import { TOTALS } from "../../src/ledger/index.js";
import { auctionOf, commitOf, hiddenReserveHash, selfProving } from "../../src/market/index.js";
import { agent, DEPOSIT, FEE, FUNDS, offer, START_MS, salt, World } from "./world.js";

const BIDDERS = ["ann", "bob", "cid", "dan", "eve", "fay"];
const LOCKUPS = [100n, 200n];
const BOND = LOCKUPS[1]!;

type Conduct = "reveal" | "withhold" | "early" | "late" | "wrongSalt" | "overstate";

interface Plan {
  readonly name: string;
  readonly amount: bigint;
  readonly lockup: bigint;
  readonly conduct: Conduct;
  /** an earlier commit, replaced by this one */
  readonly replaced: boolean;
  /** the commit comes after the close */
  readonly tooLate: boolean;
}

interface Scenario {
  readonly plans: readonly Plan[];
  readonly reserve: bigint;
  readonly hidden: { readonly reserve: bigint; readonly opened: boolean } | null;
}

const plan = (name: string): fc.Arbitrary<Plan> =>
  fc
    .record({
      amount: fc.oneof(fc.bigInt(0n, 210n), fc.constantFrom(50n, 100n, 150n)),
      lockup: fc.constantFrom(...LOCKUPS),
      conduct: fc.constantFrom<Conduct>(
        "reveal",
        "reveal",
        "reveal",
        "reveal",
        "withhold",
        "early",
        "late",
        "wrongSalt",
        "overstate",
      ),
      replaced: fc.boolean(),
      tooLate: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    })
    .map((rest) => ({ name, ...rest }));

const scenario: fc.Arbitrary<Scenario> = fc.record({
  plans: fc
    .subarray(BIDDERS)
    .chain((names) => fc.tuple(...names.map(plan)).map((plans) => plans as readonly Plan[])),
  reserve: fc.bigInt(0n, 120n),
  hidden: fc.option(fc.record({ reserve: fc.bigInt(0n, 230n), opened: fc.boolean() })),
});

interface Expected {
  readonly phase: "done" | "unsold";
  readonly winner: string | null;
  readonly price: bigint;
  readonly burned: bigint;
  /** change of free funds, fees apart */
  readonly change: ReadonlyMap<string, bigint>;
}

/** SHA-256 of a tag and its parts, as spec/encoding#H1 writes it, by another library. */
const tagged = (tag: string, parts: readonly Uint8Array[]): string => {
  const state = createHash("sha256").update(Uint8Array.of(tag.length)).update(`mabeam/1/${tag}`);
  for (const part of parts) state.update(part);
  return state.digest("hex");
};

function oracle(auction: Uint8Array, { plans, reserve: publicReserve, hidden }: Scenario): Expected {
  const change = new Map<string, bigint>([["sue", 0n], ...BIDDERS.map((name) => [name, 0n] as const)]);
  let burned = 0n;
  let reserve = publicReserve;
  if (hidden !== null) {
    // What no bid can reach is not opened, and costs what the highest bid could have brought.
    const canBeOpened = hidden.reserve >= publicReserve && hidden.reserve <= LOCKUPS[1]!;
    if (hidden.opened && canBeOpened) reserve = hidden.reserve;
    else {
      burned += BOND;
      change.set("sue", -BOND);
    }
  }
  const shown: Plan[] = [];
  for (const one of plans) {
    if (one.tooLate && !one.replaced) continue;
    const isShown = one.conduct === "reveal" && one.amount <= one.lockup && !one.tooLate;
    if (isShown) shown.push(one);
    else {
      // A late commit that should replace an earlier one leaves the earlier one, which nobody reveals.
      const lost = one.tooLate ? LOCKUPS[0]! : one.lockup;
      burned += lost;
      change.set(one.name, -lost);
    }
  }
  let best: Plan | null = null;
  for (const one of shown) {
    if (one.amount < reserve) continue;
    if (best === null || one.amount > best.amount) best = one;
    else if (one.amount === best.amount) {
      const salts = shown
        .filter((other) => other.amount === one.amount)
        .map((other) => Buffer.from(salt(other.name)))
        .sort(Buffer.compare);
      const key = (name: string) => tagged("tie", [auction, ...salts, agent(name)]);
      if (key(one.name) < key(best.name)) best = one;
    }
  }
  if (best === null) return { phase: "unsold", winner: null, price: 0n, burned, change };
  let price = reserve;
  for (const one of shown) if (one !== best && one.amount > price) price = one.amount;
  change.set(best.name, -price);
  change.set("sue", change.get("sue")! + price);
  return { phase: "done", winner: best.name, price, burned, change };
}

function run(story: Scenario) {
  const world = new World({ names: [...BIDDERS, "sue"] });
  const { network } = world.ledger;
  const id = world.nextAuctionId("sue");
  const { hidden } = story;
  const reserveHash = hidden === null ? null : hiddenReserveHash(network, id, hidden.reserve, salt("sue"));
  world.create("sue", {
    reserve: story.reserve,
    lockups: LOCKUPS,
    reserveHash,
    bond: hidden === null ? 0n : BOND,
  });
  const fees = new Map<string, bigint>([["sue", FEE]]);
  const paid = (name: string): number => {
    fees.set(name, (fees.get(name) ?? 0n) + FEE);
    return 0;
  };
  world.until(id, "open");
  const openingOf = ({ name, amount, conduct }: Plan) =>
    world.reveal(
      id,
      name,
      conduct === "overstate" ? amount + 1n : amount,
      conduct === "wrongSalt" ? "x" : name,
    );
  for (const one of story.plans.filter((each) => each.replaced)) {
    world.entry([
      world.op(one.name, world.commit(id, one.name, 77n, LOCKUPS[0]!, `${one.name} before`), paid(one.name)),
    ]);
  }
  const commits = (late: boolean) =>
    story.plans
      .filter((one) => one.tooLate === late)
      .map((one) => world.op(one.name, world.commit(id, one.name, one.amount, one.lockup), paid(one.name)));
  world.entry([...commits(false), ...story.plans.filter((one) => one.conduct === "early").map(openingOf)]);
  world.until(id, "reveal");
  const refusedLate = world.entry(commits(true)).receipts;
  expect(refusedLate.every((one) => one.code === "COMMIT_AFTER_CLOSE")).toBe(true);
  const openReserve =
    hidden?.opened === true
      ? [
          selfProving(network, {
            kind: "openReserve",
            auction: id,
            reserve: hidden.reserve,
            salt: salt("sue"),
          }),
        ]
      : [];
  const shown = story.plans.filter((one) => ["reveal", "wrongSalt", "overstate"].includes(one.conduct));
  world.entry([...shown.map(openingOf), ...shown.map(openingOf), ...openReserve, ...openReserve]);
  while (world.phase(id) === "reveal") world.entry();
  world.entry(story.plans.filter((one) => one.conduct === "late").map(openingOf));
  return { world, id, fees };
}

describe("an auction equals the oracle", () => {
  it("winner, price, payments, forfeits and balances, whatever people do", () => {
    fc.assert(
      fc.property(scenario, (story) => {
        const { world, id, fees } = run(story);
        const expected = oracle(id, story);
        const { phase } = auctionOf(world.ledger, id)!;
        expect(phase.kind).toBe(expected.phase);
        expect(phase).toMatchObject({ burned: expected.burned });
        if (expected.winner !== null) {
          expect(phase).toMatchObject({ clearingPrice: expected.price });
          const award = { units: 1, pays: expected.price, receives: 0n };
          expect(commitOf(world.ledger, id, agent(expected.winner))?.award).toEqual(award);
        }
        for (const [name, change] of expected.change) {
          const deposit = name === "sue" ? DEPOSIT : 0n;
          expect(world.free(name), name).toBe(FUNDS + change - deposit - (fees.get(name) ?? 0n));
          expect(world.ledger.accountOf(agent(name))!.locks.size).toBe(0);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("a lone bidder pays the reserve", () => {
    const world = new World({ names: ["sue", "ann"] });
    const id = world.create("sue", { reserve: 40n });
    world.entry([world.op("ann", world.commit(id, "ann", 900n, 1000n))]);
    world.until(id, "reveal");
    world.entry([world.reveal(id, "ann", 900n)]);
    world.until(id, "done");
    expect(world.free("ann")).toBe(FUNDS - FEE - 40n);
    expect(world.free("sue")).toBe(FUNDS - FEE - DEPOSIT + 40n);
  });

  it("a lot that lapsed before the close voids a sale: revealed lockups return, others burn", () => {
    const world = new World({ names: ["sue", "ann", "bob"] });
    const toMs = world.timeMs + 10_000;
    const id = world.create("sue", { lot: { capability: "x", units: 1, fromMs: null, toMs } });
    world.entry([
      world.op("ann", world.commit(id, "ann", 900n, 1000n)),
      world.op("bob", world.commit(id, "bob", 800n, 1000n)),
    ]);
    world.until(id, "reveal");
    world.entry([world.reveal(id, "ann", 900n)]);
    for (let i = 0; i < 3; i++) world.entry();
    world.entry([], { afterMs: 20_000 });
    world.until(id, "void");
    expect(world.free("ann")).toBe(FUNDS - FEE);
    expect(world.free("bob")).toBe(FUNDS - FEE - 1000n);
    // Its deposit burns: nobody could trade, and everybody has shown a price.
    expect(world.free("sue")).toBe(FUNDS - FEE - DEPOSIT);
    expect(world.ledger.accountOf(agent("sue"))).toMatchObject({ deposits: 0n });
    expect(auctionOf(world.ledger, id)!.phase).toMatchObject({ burned: 1000n + DEPOSIT });
    expect(world.ledger.one(TOTALS).burned).toBe(3n * FEE + 1000n + DEPOSIT);
  });

  it.each([
    ["void", 0],
    ["done", 1],
  ] as const)(
    "a lot decides by when REVEAL was due, not by the entry that settles: %s",
    (phase, afterDueMs) => {
      // Entries come each 50 ms: created at 50, open from 100, REVEAL from 5600; four entries later its window is known.
      const dueMs = START_MS + 5600 + 200 + 6000;
      const lot = { capability: "x", units: 1, fromMs: null, toMs: dueMs + afterDueMs };
      const world = new World({ names: ["sue", "ann", "bob"], params: { lotSlackMs: 100 } });
      const id = world.create("sue", { commitMs: 5500, revealMs: 6000, lot });
      world.until(id, "open");
      world.entry([
        world.op("ann", world.commit(id, "ann", 900n, 1000n)),
        world.op("bob", world.commit(id, "bob", 800n, 1000n)),
      ]);
      world.until(id, "reveal");
      // Bob keeps REVEAL open.
      world.entry([world.reveal(id, "ann", 900n)]);
      while (world.timeMs < dueMs) world.entry();
      expect(auctionOf(world.ledger, id)!.phase).toMatchObject({ kind: "reveal", closeMs: dueMs });
      world.entry();
      // Too short for an outage, long enough for the lot: whoever leads next could have chosen it.
      world.entry([], { afterMs: 7000 });
      world.until(id, phase);
      expect(auctionOf(world.ledger, id)!.phase).toMatchObject({ dueMs });
      expect(world.timeMs).toBeGreaterThan(lot.toMs);
    },
  );

  it("the same operations in the same entries give the same roots", () => {
    const story: Scenario = {
      plans: [
        { name: "ann", amount: 90n, lockup: 100n, conduct: "reveal", replaced: true, tooLate: false },
        { name: "bob", amount: 90n, lockup: 200n, conduct: "reveal", replaced: false, tooLate: false },
        { name: "cid", amount: 10n, lockup: 200n, conduct: "withhold", replaced: false, tooLate: false },
      ],
      reserve: 5n,
      hidden: { reserve: 20n, opened: true },
    };
    expect(run(story).world.root).toEqual(run(story).world.root);
  });
});

/** Ledger time of the entry that judges, the farthest opening, and a year. */
const latestLotMs = (world: World) =>
  world.next().timeMs + world.ledger.params.maxScheduleMs + 365 * 24 * 60 * 60 * 1000;

describe("offers", () => {
  const world = new World({ names: ["sue"] });
  const refusal = (terms: Parameters<typeof offer>[0]) =>
    world.entry([world.op("sue", offer(terms))]).receipts[0]!.code;
  it.each([
    ["WINDOW_OUT_OF_RANGE", { revealMs: 1199 }],
    ["WINDOW_OUT_OF_RANGE", { commitMs: 499 }],
    ["OPENS_TOO_LATE", { openMs: MAX_INSTANT_MS }],
    ["LOCKUP_BELOW_RESERVE", { reserve: 1001n }],
    ["BOND_TOO_SMALL", { reserveHash: salt("r"), bond: 999n }],
    ["FUNDS_TOO_LOW", { bond: FUNDS }],
    ["LOT_LAPSES_BEFORE_CLOSE", { lot: { capability: "x", units: 1, fromMs: null, toMs: 1_002_000 } }],
  ] as const)("%s is refused", (code, terms) => {
    expect(refusal(terms)).toBe(code);
  });

  it.each([
    [-1, null],
    [0, null],
    [1, "LOT_TOO_FAR_AHEAD"],
  ] as const)("a lot that ends %i ms from the last that is near enough: %s", (beyond, code) => {
    const ends = (): Parameters<typeof offer>[0] => {
      const toMs = latestLotMs(world) + beyond;
      return { lot: { capability: "x", units: 1, fromMs: null, toMs } };
    };
    const begins = (): Parameters<typeof offer>[0] => {
      const fromMs = latestLotMs(world) + beyond;
      return { lot: { capability: "x", units: 1, fromMs, toMs: null } };
    };
    expect([refusal(ends()), refusal(begins())]).toEqual([code, code]);
  });

  it("a hidden reserve's bond of the highest lockup is enough", () => {
    expect(refusal({ reserveHash: salt("r"), bond: 1000n })).toBeNull();
  });
});
