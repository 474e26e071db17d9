// Purchases: the creator locks the most it may pay, bidders lock only their word, and the best ask is paid out of the ceiling.
import { describe, expect, it } from "vitest";
import { decode, encode } from "../../src/base/index.js";
import { ACCOUNTS } from "../../src/ledger/account.js";
import { lockKey, MAX_LOCKS } from "../../src/ledger/index.js";
import { type AuctionTerms, auctionOf, auctionTerms, commitOf } from "../../src/market/index.js";
import { agent, FEE, FUNDS, offer, unseen, World } from "./world.js";

const CEILING = 700n;
const LOCKUP = 1000n;
const DEPOSIT = 100_000n;
const PURCHASE: Partial<AuctionTerms> = { direction: "buy", reserve: CEILING, lockups: [LOCKUP] };

/** A purchase in which these asks were committed, and all but those of `hidden` revealed. */
function bought(
  asks: Readonly<Record<string, bigint>>,
  hidden: readonly string[] = [],
  terms: Partial<AuctionTerms> = {},
) {
  const world = new World({ names: ["bea", ...Object.keys(asks)] });
  const id = world.create("bea", { ...PURCHASE, ...terms });
  for (const [name, ask] of Object.entries(asks)) {
    expect(world.entry([world.op(name, world.commit(id, name, ask, LOCKUP))]).receipts[0]!.code).toBeNull();
  }
  world.until(id, "reveal");
  const shown = Object.entries(asks).filter(([name]) => !hidden.includes(name));
  const { receipts } = world.entry(shown.map(([name, ask]) => world.reveal(id, name, ask)));
  expect(receipts.map(({ code }) => code)).toEqual(shown.map(() => null));
  return { world, id };
}
const locksOf = (world: World, name: string) => world.ledger.accountOf(agent(name))!.locks;

describe("a purchase", () => {
  it("sets its ceiling aside, pays the winner the second ask, and returns the rest", () => {
    const { world, id } = bought({ ann: 300n, bob: 500n, cid: 650n });
    expect([...locksOf(world, "bea").keys()]).toEqual([lockKey({ id, reason: "ceiling" })]);
    expect(world.free("bea")).toBe(FUNDS - FEE - DEPOSIT - CEILING);
    world.until(id, "done");
    expect(auctionOf(world.ledger, id)!.phase).toMatchObject({ clearingPrice: 500n, burned: 0n });
    expect(commitOf(world.ledger, id, agent("ann"))!.award).toEqual({ units: 1, pays: 0n, receives: 500n });
    expect(world.free("bea")).toBe(FUNDS - FEE - DEPOSIT - 500n);
    expect(world.free("ann")).toBe(FUNDS - FEE + 500n);
    expect(world.free("bob")).toBe(FUNDS - FEE);
    expect([...locksOf(world, "bea"), ...locksOf(world, "ann")]).toEqual([]);
  });

  it("pays a lone ask the ceiling, and no ask above it anything", () => {
    const lone = bought({ ann: 300n, bob: CEILING + 1n });
    lone.world.until(lone.id, "done");
    expect(lone.world.free("ann")).toBe(FUNDS - FEE + CEILING);
    expect(lone.world.free("bob")).toBe(FUNDS - FEE);
    const none = bought({ ann: CEILING + 1n, bob: 2n * LOCKUP });
    none.world.until(none.id, "unsold");
    expect(none.world.free("bea")).toBe(FUNDS - FEE - DEPOSIT);
    expect(none.world.free("bob"), "an ask above its lockup is opened like any other").toBe(FUNDS - FEE);
  });

  it("burns the lockup of who keeps an ask hidden, and returns the ceiling", () => {
    const { world, id } = bought({ ann: 300n, bob: 500n }, ["ann", "bob"]);
    world.until(id, "unsold");
    expect(auctionOf(world.ledger, id)!.phase).toMatchObject({ burned: 2n * LOCKUP });
    expect(world.free("bea")).toBe(FUNDS - FEE - DEPOSIT);
  });

  it("whose window has lapsed pays nobody, and burns the buyer's deposit", () => {
    const world = new World({ names: ["bea", "ann"], params: { lotSlackMs: 1 } });
    const toMs = world.timeMs + 50 + 2200 + 1;
    const id = world.create("bea", { ...PURCHASE, lot: { ...offer().lot, toMs } });
    world.entry([world.op("ann", world.commit(id, "ann", 300n, LOCKUP))]);
    world.until(id, "reveal");
    world.entry([], { afterMs: 3000 });
    world.until(id, "reveal");
    world.entry([world.reveal(id, "ann", 300n)]);
    world.until(id, "void");
    expect(world.free("bea")).toBe(FUNDS - FEE - DEPOSIT);
    expect(world.free("ann")).toBe(FUNDS - FEE);
  });

  it("that is called off returns ceiling, bond and deposit", () => {
    const world = new World({ names: ["bea"] });
    const id = world.create("bea", { ...PURCHASE, bond: 5n });
    expect(locksOf(world, "bea").size).toBe(2);
    world.entry([world.op("bea", { kind: "cancel", auction: id })]);
    expect(world.free("bea")).toBe(FUNDS - 2n * FEE);
    expect(locksOf(world, "bea").size).toBe(0);
  });

  it("needs its ceiling to be lockable, to the unit", () => {
    for (const [spare, code] of [
      [-1n, "LOCKABLE_TOO_LOW"],
      [0n, null],
      [1n, null],
    ] as const) {
      const world = new World({ names: ["bea"] });
      const reserve = (FUNDS / 5n) * 4n - spare;
      expect(world.entry([world.op("bea", offer({ ...PURCHASE, reserve }))]).receipts[0]!.code).toBe(code);
    }
  });

  it("needs a place among the account's locks for its ceiling, and another for a bond", () => {
    const codeAt = (held: number, bond: bigint) => {
      const world = new World({ names: ["bea"] });
      unseen(world.ledger.get(ACCOUNTS, agent("bea"))!).locks = new Map(
        Array.from({ length: held }, (_, i) => {
          const lock = { id: agent(`lock ${i}`), reason: "bid", fromFree: 0n, fromStake: 0n } as const;
          return [lockKey(lock), lock];
        }),
      );
      return world.entry([world.op("bea", offer({ ...PURCHASE, bond }))]).receipts[0]!.code;
    };
    expect([codeAt(MAX_LOCKS - 1, 0n), codeAt(MAX_LOCKS, 0n)]).toEqual([null, "TOO_MANY_LOCKS"]);
    expect([codeAt(MAX_LOCKS - 2, 1n), codeAt(MAX_LOCKS - 1, 1n)]).toEqual([null, "TOO_MANY_LOCKS"]);
  });

  it("without a ceiling, or with a hidden one, is no purchase that decodes", () => {
    const { kind: _, ...sale } = offer();
    const asPurchase = (change: Partial<AuctionTerms>) => {
      // The layout of a sale with another direction: what a careless program would write.
      const bytes = encode(auctionTerms, { ...sale, ...change, direction: "sell" });
      const at = bytes.findIndex((_byte, i) => bytes[i] === 0x01 && bytes[i + 1] === 0x00);
      bytes[at + 1] = 0x01;
      return decode(auctionTerms, bytes, bytes.length).ok;
    };
    expect(asPurchase({ reserve: 1n })).toBe(true);
    expect(asPurchase({ reserve: 0n })).toBe(false);
    expect(asPurchase({ reserve: 1n, reserveHash: new Uint8Array(32).fill(9), bond: 1000n })).toBe(false);
  });
});
