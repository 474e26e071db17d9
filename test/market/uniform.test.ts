// Lots that go in units: bids say of how many, lockups cover them all, several win, and what withholding is worth.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decode, encode } from "../../src/base/index.js";
import { lockKey, marketOf } from "../../src/ledger/index.js";
import {
  type AuctionTerms,
  auctionIdOf,
  auctionOf,
  auctionTerms,
  type Bid,
  commitOf,
  settlementOf,
} from "../../src/market/index.js";
import { agent, FEE, FUNDS, offer, salt, World } from "./world.js";

const UNITS = 8;
const LOCKUP = 1000n;
const DEPOSIT = 100_000n;
const TERMS = {
  format: { kind: "uniform" },
  lot: { ...offer().lot, units: UNITS },
  reserve: 10n,
  lockups: [LOCKUP],
} as const satisfies Partial<AuctionTerms>;
const bid = (amount: bigint, units: number | null): Bid => ({ amount, units });

/** An auction by units in REVEAL, with the codes that its reveals got. */
function revealed(bids: Readonly<Record<string, Bid>>, terms: Partial<AuctionTerms> = {}) {
  const world = new World({ names: ["sue", ...Object.keys(bids)] });
  const id = world.create("sue", { ...TERMS, ...terms });
  for (const [name, one] of Object.entries(bids)) {
    const { receipts } = world.entry([world.op(name, world.commit(id, name, one, LOCKUP))]);
    expect(receipts[0]!.code).toBeNull();
  }
  world.until(id, "reveal");
  const { receipts } = world.entry(Object.entries(bids).map(([name, one]) => world.reveal(id, name, one)));
  return { world, id, codes: receipts.map(({ code }) => code) };
}
const awardOf = (world: World, id: Parameters<typeof commitOf>[1], name: string) =>
  commitOf(world.ledger, id, agent(name))!.award;

describe("a sale by units", () => {
  it("fills the best bids, shares what is left among equals, and takes one price of all", () => {
    const bids = { ann: bid(200n, 3), bob: bid(90n, 6), cid: bid(90n, 4), dan: bid(50n, 8) };
    const { world, id, codes } = revealed(bids);
    expect(codes).toEqual([null, null, null, null]);
    world.until(id, "done");
    expect(auctionOf(world.ledger, id)!.phase).toMatchObject({ clearingPrice: 90n, burned: 0n });
    expect(["ann", "bob", "cid", "dan"].map((name) => awardOf(world, id, name))).toEqual([
      { units: 3, pays: 270n, receives: 0n },
      { units: 3, pays: 270n, receives: 0n },
      { units: 2, pays: 180n, receives: 0n },
      null,
    ]);
    expect(world.free("sue")).toBe(FUNDS - FEE - DEPOSIT + 720n);
    expect(["ann", "dan"].map((name) => world.free(name))).toEqual([FUNDS - FEE - 270n, FUNDS - FEE]);
  });

  it.each([
    ["without units", bid(90n, null), "UNITS_OUT_OF_RANGE"],
    ["for more units than there are", bid(90n, UNITS + 1), "UNITS_OUT_OF_RANGE"],
    ["for all units", bid(LOCKUP / BigInt(UNITS), UNITS), null],
    [
      "for all units, by one micro-credit a unit above its lockup",
      bid(LOCKUP / BigInt(UNITS) + 1n, UNITS),
      "BID_ABOVE_LOCKUP",
    ],
  ] as const)("judges a bid %s", (_, one, code) => {
    expect(revealed({ ann: one }).codes).toEqual([code]);
  });

  it("takes no bid by units where the lot goes as a whole", () => {
    expect(revealed({ ann: bid(90n, 1) }, { format: { kind: "vickrey" } }).codes).toEqual([
      "UNITS_OUT_OF_RANGE",
    ]);
  });

  it("hides no reserve: terms that do are not decoded", () => {
    const { kind: _, ...sale } = offer({ ...TERMS, format: { kind: "vickrey" } });
    const decodesAs = (format: number, change: Partial<AuctionTerms>): boolean => {
      // The layout of another format's terms: what a careless program would write.
      const bytes = encode(auctionTerms, { ...sale, bond: LOCKUP, ...change });
      expect([...bytes.slice(1, 4)]).toEqual([0x00, 0x82, 0x00]);
      bytes[3] = format;
      return decode(auctionTerms, bytes, bytes.length).ok;
    };
    const reserveHash = salt("reserve");
    expect([decodesAs(0, { reserveHash }), decodesAs(2, {}), decodesAs(2, { reserveHash })]).toEqual([
      true,
      true,
      false,
    ]);
  });
});

describe("a purchase by units", () => {
  it("locks its ceiling for each unit, and pays what is asked out of it", () => {
    const { world, id } = revealed(
      { ann: bid(300n, 6), bob: bid(500n, 1), cid: bid(700n, 8) },
      { direction: "buy", reserve: 800n },
    );
    const { locks } = world.ledger.accountOf(agent("sue"))!;
    expect(locks.get(lockKey({ id, reason: "ceiling" }))).toMatchObject({ fromFree: 6400n });
    world.until(id, "done");
    expect(["ann", "bob", "cid"].map((name) => awardOf(world, id, name))).toEqual([
      { units: 6, pays: 0n, receives: 4200n },
      { units: 1, pays: 0n, receives: 700n },
      { units: 1, pays: 0n, receives: 700n },
    ]);
    expect(world.free("sue")).toBe(FUNDS - FEE - DEPOSIT - 5600n);
  });
});

describe("withholding in a sale by units", () => {
  const network = { chain: salt("chain"), market: marketOf("main") };
  const id = auctionIdOf(network, agent("sue"), 0);
  interface Sealed extends Bid {
    readonly name: string;
    readonly units: number;
  }
  const named = (prefix: string, bids: readonly { amount: bigint; units: number }[]): Sealed[] =>
    bids.map((one, i) => ({ ...one, name: `${prefix}${i}` }));
  const several = fc.array(
    fc.record({ amount: fc.bigInt(1n, 20n), units: fc.integer({ min: 1, max: UNITS }) }),
    { maxLength: 4 },
  );
  const subsets = <T>(items: readonly T[]): T[][] =>
    Array.from({ length: 2 ** items.length }, (_, mask) => items.filter((_item, i) => (mask >> i) & 1));

  const worth = ({ amount, units }: Sealed): bigint => amount * BigInt(units);
  const covering = ({ amount }: Sealed): bigint => amount * BigInt(UNITS);
  function settled(bids: readonly Sealed[], hidden: readonly Sealed[], lockupOf = worth) {
    const commits = bids.map((one) => ({
      bidder: agent(one.name),
      lockup: lockupOf(one),
      standing: null,
      opening: hidden.includes(one) ? null : { bid: bid(one.amount, one.units), salt: salt(one.name) },
    }));
    const terms = offer({ ...TERMS, reserve: 0n });
    return settlementOf({ id, terms, openedReserve: null }, commits, 0, 0n, { lienBp: 0 });
  }
  const sumOf = (
    { shares }: ReturnType<typeof settled>,
    of: readonly Sealed[],
    what: "paid" | "burned",
  ): bigint => {
    const names = new Set(of.map(({ name }) => agent(name).join()));
    return shares.reduce((sum, share) => (names.has(share.bidder.join()) ? sum + share[what] : sum), 0n);
  };
  const paidBy = (bidders: readonly Sealed[], bids: readonly Sealed[], hidden: readonly Sealed[]): bigint =>
    sumOf(settled(bids, hidden), bidders, "paid");

  /** What a seller receives of others, less what its own hidden bids burn. */
  function earned(
    others: readonly Sealed[],
    own: readonly Sealed[],
    hidden: readonly Sealed[],
    lockupOf: (one: Sealed) => bigint,
  ): bigint {
    const end = settled([...others, ...own], hidden, lockupOf);
    return sumOf(end, others, "paid") - sumOf(end, own, "burned");
  }

  it("a seller's shills never gain by hiding, against showing them all", () => {
    fc.assert(
      fc.property(several, several, (honest, shills) => {
        const [others, own] = [named("honest", honest), named("shill", shills)];
        const open = earned(others, own, [], worth);
        for (const hidden of subsets(own)) expect(earned(others, own, hidden, worth) <= open).toBe(true);
      }),
    );
  });

  it("where each lockup covers the lot at its amount, hiding a shill at or above the price earns nothing", () => {
    fc.assert(
      fc.property(several, several, (honest, shills) => {
        const [others, own] = [named("honest", honest), named("shill", shills)];
        for (const hidden of subsets(own)) {
          const { clearingPrice } = settled([...others, ...own], hidden);
          if (!hidden.some(({ amount }) => amount >= (clearingPrice ?? 0n))) continue;
          expect(earned(others, own, hidden, covering) <= 0n).toBe(true);
        }
      }),
    );
    // Else it may: 6 of 8 units sell at 18 beside a shill that costs 20 to hide.
    const others = named("honest", [
      { amount: 19n, units: 6 },
      { amount: 18n, units: 6 },
    ]);
    const shill = named("shill", [{ amount: 20n, units: 1 }]);
    expect([worth, covering].map((lockupOf) => earned(others, shill, shill, lockupOf))).toEqual([124n, -16n]);
  });

  it("a bidder's second bid costs more to hide than it saves, if its lockup covers the lot; else it may not", () => {
    const first = named("first", [{ amount: 20n, units: UNITS }]);
    const second = named("second", [{ amount: 18n, units: 1 }]);
    const own = [...first, ...second];
    expect([paidBy(first, own, []), paidBy(first, own, second)]).toEqual([144n, 0n]);
    fc.assert(
      fc.property(several, several, (honest, mine) => {
        const [others, own] = [named("honest", honest), named("mine", mine)];
        const all = [...others, ...own];
        for (const one of own) {
          const rest = own.filter((each) => each !== one);
          const saved = paidBy(rest, all, []) - paidBy(rest, all, [one]);
          expect(saved <= covering(one)).toBe(true);
        }
      }),
    );
  });
});
