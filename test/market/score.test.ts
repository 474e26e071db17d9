// Purchases that weigh standing: whose ask counts for less, what the winner is paid, and what the ledger keeps of it.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fits } from "../../src/base/codec/codec.js";
import { toHex } from "../../src/base/index.js";
import {
  type AuctionTerms,
  auctionOf,
  auctionTerms,
  commitOf,
  FORMATS,
  type RevealedBid,
} from "../../src/market/index.js";
import { agent, offer, salt, World } from "./world.js";

const AUCTION = salt("auction");

type Asked = readonly [name: string, ask: bigint, standing: number];
const asks = (all: readonly Asked[]): RevealedBid[] =>
  all.map(([name, amount, standing]) => ({
    bidder: agent(name),
    amount,
    units: null,
    standing,
    salt: salt(name),
  }));

function bought(
  all: readonly Asked[],
  { ceiling = 1000n, weight = 10_000, format = "vickrey" as "vickrey" | "first-price" } = {},
) {
  const on = {
    auction: AUCTION,
    direction: "buy",
    units: 1,
    reserve: ceiling,
    standingWeight: weight,
  } as const;
  const { awards, clearingPrice } = FORMATS[format].outcome(on, asks(all));
  const [award] = awards;
  const winner = all.find(([name]) => award !== undefined && toHex(agent(name)) === toHex(award.bidder));
  expect(award?.receives ?? null).toBe(clearingPrice);
  return { winner: winner?.[0] ?? null, price: clearingPrice };
}

describe("a purchase that weighs standing", () => {
  it("takes the trusted at a higher ask, and pays what would tie with the next", () => {
    const both = [
      ["ann", 60n, 10_000],
      ["bob", 40n, 0],
    ] as const;
    expect(bought(both)).toEqual({ winner: "ann", price: 80n });
    expect(bought(both, { format: "first-price" })).toEqual({ winner: "ann", price: 60n });
    expect(bought(both, { weight: 4_999 })).toEqual({ winner: "bob", price: 40n });
    expect(bought(both, { weight: 5_001 })).toEqual({ winner: "ann", price: 60n });
  });

  it("rounds down what would tie, and never pays above the ceiling", () => {
    const three = [
      ["ann", 10n, 5_000],
      ["bob", 11n, 2_500],
      ["cid", 90n, 10_000],
    ] as const;
    // 11 · 1.75 / 1.5 = 12.83…
    expect(bought(three)).toEqual({ winner: "ann", price: 12n });
    expect(bought(three, { ceiling: 12n })).toEqual({ winner: "ann", price: 12n });
    expect(bought(three, { ceiling: 11n })).toEqual({ winner: "ann", price: 11n });
    expect(bought(three, { ceiling: 10n })).toEqual({ winner: "ann", price: 10n });
  });

  it("judges the ceiling by what is asked, not by its score", () => {
    expect(bought([["ann", 1000n, 0]])).toEqual({ winner: "ann", price: 1000n });
    expect(bought([["ann", 1001n, 10_000]])).toEqual({ winner: null, price: null });
  });

  it("breaks a tie of scores by the salts of all who tie, whatever they ask", () => {
    const winners = Array.from({ length: 64 }, (_, i) => {
      const tied: Asked[] = [
        [`ann ${i}`, 60n, 10_000],
        [`bob ${i}`, 30n, 0],
        [`cid ${i}`, 40n, 5_000],
      ];
      const { winner, price } = bought(tied);
      expect(price).toBe(tied.find(([name]) => name === winner)![1]);
      return winner!.slice(0, 3);
    });
    expect(new Set(winners)).toEqual(new Set(["ann", "bob", "cid"]));
  });

  it("decides by asks alone where all have the same standing, or the weight is none", () => {
    const all = fc.array(fc.tuple(fc.bigInt(0n, 9n), fc.integer({ min: 0, max: 10_000 })), { maxLength: 6 });
    fc.assert(
      fc.property(
        all,
        fc.integer({ min: 0, max: 10_000 }),
        fc.integer({ min: 1, max: 10_000 }),
        (some, same, weight) => {
          const named = some.map(([ask, standing], i): Asked => [`b${i}`, ask, standing]);
          const plain = bought(named, { weight: 0, ceiling: 8n });
          const equal = named.map(([name, ask]): Asked => [name, ask, same]);
          expect(bought(equal, { weight, ceiling: 8n })).toEqual(plain);
        },
      ),
    );
  });

  it("leaves nobody anything to gain by another ask than what the work costs it", () => {
    const standing = fc.integer({ min: 0, max: 10_000 });
    const others = fc.array(fc.tuple(fc.bigInt(0n, 30n), standing), { maxLength: 4 });
    fc.assert(
      fc.property(
        others,
        fc.bigInt(0n, 30n),
        fc.bigInt(0n, 40n),
        standing,
        fc.integer({ min: 1, max: 10_000 }),
        (some, cost, other, own, weight) => {
          const gainOf = (ask: bigint): bigint => {
            const named = some.map(([amount, its], i): Asked => [`b${i}`, amount, its]);
            const { winner, price } = bought([...named, ["me", ask, own]], { weight, ceiling: 30n });
            return winner === "me" ? price! - cost : 0n;
          };
          expect(gainOf(cost) >= gainOf(other)).toBe(true);
          expect(gainOf(cost) >= 0n).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe("what the ledger keeps", () => {
  const PURCHASE: Partial<AuctionTerms> = { direction: "buy", reserve: 700n, lockups: [1000n] };

  it.each([
    [null, null],
    [2_500, 5_000],
  ])(
    "of an auction that weighs %s bp, a commit's standing is %s, before the end and after",
    (standingWeight, kept) => {
      const world = new World({ names: ["bea", "ann", "bob"] });
      const id = world.create("bea", { ...PURCHASE, standingWeight });
      world.entry([
        world.op("ann", world.commit(id, "ann", 300n, 1000n)),
        world.op("bob", world.commit(id, "bob", 500n, 1000n)),
      ]);
      expect(commitOf(world.ledger, id, agent("ann"))!.standing).toBe(kept);
      world.until(id, "reveal");
      world.entry([world.reveal(id, "ann", 300n), world.reveal(id, "bob", 500n)]);
      world.until(id, "done");
      expect(commitOf(world.ledger, id, agent("ann"))).toMatchObject({
        standing: kept,
        award: { receives: 500n },
      });
      expect(auctionOf(world.ledger, id)!.terms.standingWeight).toBe(standingWeight);
    },
  );

  it.each<[Partial<AuctionTerms>, boolean]>([
    [{ ...PURCHASE, standingWeight: 1 }, true],
    [{ ...PURCHASE, standingWeight: 10_000, format: { kind: "first-price" } }, true],
    [{ ...PURCHASE, standingWeight: 0 }, false],
    [{ ...PURCHASE, standingWeight: 10_001 }, false],
    [{ ...PURCHASE, standingWeight: 1, format: { kind: "uniform" } }, false],
    [{ standingWeight: 1 }, false],
  ])("are terms or not: %o", (change, are) => {
    const { kind: _, ...terms } = offer(change);
    expect(fits(auctionTerms, terms)).toBe(are);
  });
});
