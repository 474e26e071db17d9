// Leases: who has which part of a window, who holds it when, and that nobody claims more of it than there was.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareBytes, equalBytes, toHex } from "../../src/base/index.js";
import { type AgentId, MAX_LEASE_HOLDERS, WINDOW_PARTS } from "../../src/ledger/index.js";
import {
  type AuctionId,
  type AuctionTerms,
  auctionOf,
  type BodyOf,
  holderOf,
  LEASES,
  type LeaseRow,
  leaseOf,
  leasesOf,
  type RejectionCode,
} from "../../src/market/index.js";
import { agent, FEE, FUNDS, World } from "./world.js";

const FROM_MS = 10_000;
const LENGTH_MS = 60_000;
const NAMES = ["sue", "ann", "bob", "dep", "eve"];

/** A window of the key, sold by parts: ann has 300, bob 200, and 500 stay sue's. */
function soldWindow(terms: Partial<AuctionTerms> = {}) {
  const world = new World({ names: NAMES, params: { retainMs: 5000 }, allowance: FUNDS });
  const fromMs = world.timeMs + FROM_MS;
  const toMs = fromMs + LENGTH_MS;
  const lot = { capability: "key.team", units: WINDOW_PARTS, fromMs, toMs };
  const sale = { format: { kind: "uniform" }, lot, reserve: 1n, lockups: [100_000n], ...terms } as const;
  const id = world.create("sue", sale);
  const bids = { ann: { amount: 30n, units: 300 }, bob: { amount: 20n, units: 200 } };
  for (const [name, bid] of Object.entries(bids)) {
    const { receipts } = world.entry([world.op(name, world.commit(id, name, bid, 100_000n))]);
    expect(receipts[0]!.code).toBeNull();
  }
  world.until(id, "reveal");
  world.entry(Object.entries(bids).map(([name, bid]) => world.reveal(id, name, bid)));
  world.until(id, "done");
  return { world, id, fromMs, toMs };
}
type Sold = ReturnType<typeof soldWindow>;

const rowOf = ({ world, id }: Sold, owner = "ann"): LeaseRow => leaseOf(world.ledger, id, agent(owner))!.row;
const held = (auction: AuctionId, untilMs: number, more: Partial<BodyOf<"hold">> = {}): BodyOf<"hold"> => ({
  kind: "hold",
  auction,
  owner: agent("ann"),
  untilMs,
  deputies: null,
  ...more,
});
const named = (...names: string[]) => names.map(agent).sort(compareBytes);

/** The code with which what `name` says is refused in an entry at a ledger time; null: it is applied. */
function code(
  { world }: Sold,
  name: string,
  body: BodyOf<"hold"> | BodyOf<"usage">,
  atMs = world.timeMs + 50,
): RejectionCode | null {
  if (atMs > world.timeMs + 1000) world.entry([], { afterMs: atMs - world.timeMs - 1 });
  const { receipts } = world.entry([world.op(name, body)], { afterMs: atMs - world.timeMs });
  return receipts[0]!.code;
}

describe("a lease", () => {
  it("is what each bidder won of a window, and what nobody won is its seller's", () => {
    const { world, id, fromMs, toMs } = soldWindow();
    const fence = (auctionOf(world.ledger, id)!.phase as { endedAt: number }).endedAt;
    const all = leasesOf(world.ledger, id);
    expect(all.map(({ owner, units }) => [toHex(owner), units]).sort()).toEqual(
      [
        [toHex(agent("ann")), 300],
        [toHex(agent("bob")), 200],
        [toHex(agent("sue")), 500],
      ].sort(),
    );
    for (const { owner, lot, row } of all) {
      expect(lot).toMatchObject({ capability: "key.team", fromMs, toMs });
      expect(row).toEqual({
        holders: [{ agent: owner, fence, usage: null }],
        now: 0,
        untilMs: toMs,
        deputies: [],
      });
    }
    expect(world.ledger.table(LEASES).size).toBe(0);
    expect(leaseOf(world.ledger, id, agent("eve"))).toBeNull();
  });

  it("of a window that nobody bought is its seller's, whole", () => {
    const world = new World({ names: ["sue"] });
    const fromMs = world.timeMs + FROM_MS;
    const lot = { capability: "key.team", units: 400, fromMs, toMs: fromMs + LENGTH_MS };
    const id = world.create("sue", { format: { kind: "uniform" }, lot });
    expect(leasesOf(world.ledger, id)).toEqual([]);
    world.until(id, "unsold");
    expect(leasesOf(world.ledger, id).map(({ units }) => units)).toEqual([WINDOW_PARTS]);
  });

  it.each([
    ["more parts than a whole has", { units: WINDOW_PARTS + 1 }, {}, null],
    ["all parts", { units: WINDOW_PARTS }, {}, 300],
    ["no begin", { fromMs: null }, {}, null],
    ["no end", { toMs: null }, {}, null],
    ["a delivery", {}, { deliverMs: 1500, settleMs: 1500, value: 100_000n }, null],
  ] as const)("there is none where a lot has %s: %o %o", (_, change, terms, units) => {
    const { lot } = auctionOf(soldWindow().world.ledger, soldWindow().id)!.terms;
    const params = { lot: { ...lot, ...change }, ...terms };
    const world = new World({ names: NAMES, params: { lienBp: 0 } });
    const id = world.create("sue", { format: { kind: "uniform" }, lockups: [100_000n], ...params });
    world.entry([world.op("ann", world.commit(id, "ann", { amount: 30n, units: 300 }, 100_000n))]);
    world.until(id, "reveal");
    world.entry([world.reveal(id, "ann", { amount: 30n, units: 300 })]);
    world.until(id, "done");
    expect(leaseOf(world.ledger, id, agent("ann"))?.units ?? null).toBe(units);
  });

  it("is forgotten with its auction, `retainMs` after the window, and so is what was said of it", () => {
    const sold = soldWindow();
    const { world, id, toMs } = sold;
    expect(code(sold, "ann", held(id, toMs))).toBeNull();
    world.entry([], { afterMs: toMs + 4999 - world.timeMs });
    expect([leasesOf(world.ledger, id).length, world.ledger.table(LEASES).size]).toEqual([3, 1]);
    expect(world.entry([], { afterMs: 1 }).forgotten).toEqual([toHex(id)]);
    expect([leasesOf(world.ledger, id).length, world.ledger.table(LEASES).size]).toEqual([0, 0]);
    expect(world.free("sue")).toBe(FUNDS - FEE + 500n);
  });
});

describe("holding a lease", () => {
  it.each([
    ["before its outcome is known", "ann", (s: Sold) => held(agent("none"), s.toMs), "LEASE_UNKNOWN"],
    ["that nobody won", "ann", (s: Sold) => held(s.id, s.toMs, { owner: agent("eve") }), "LEASE_UNKNOWN"],
    ["of another", "bob", (s: Sold) => held(s.id, s.toMs), "NOT_A_DEPUTY"],
    ["no longer than now", "ann", (s: Sold) => held(s.id, s.world.timeMs + 50), "HOLD_OUT_OF_RANGE"],
    ["a millisecond longer", "ann", (s: Sold) => held(s.id, s.world.timeMs + 51), null],
    ["to its end", "ann", (s: Sold) => held(s.id, s.toMs), null],
    ["beyond its end", "ann", (s: Sold) => held(s.id, s.toMs + 1), "HOLD_OUT_OF_RANGE"],
  ] as const)("%s: %s", (_, name, body, refused) => {
    const sold = soldWindow();
    expect(code(sold, name, body(sold))).toBe(refused);
  });

  it("ends with its window, to the millisecond", () => {
    const early = soldWindow();
    expect(code(early, "ann", held(early.id, early.toMs), early.toMs - 1)).toBeNull();
    const late = soldWindow();
    expect(code(late, "ann", held(late.id, late.toMs), late.toMs)).toBe("LEASE_OVER");
  });

  it("passes to a deputy once its time is over, not before, and its fence is the later", () => {
    const sold = soldWindow();
    const { world, id, fromMs, toMs } = sold;
    const untilMs = fromMs + 2000;
    const take = held(id, toMs);
    expect(code(sold, "ann", held(id, untilMs, { deputies: named("dep", "eve") }))).toBeNull();
    const { fence } = holderOf(rowOf(sold));
    expect(code(sold, "dep", take, untilMs - 1)).toBe("LEASE_HELD");
    expect(code(sold, "dep", take, untilMs)).toBeNull();
    const row = rowOf(sold);
    expect(holderOf(row)).toMatchObject({ agent: agent("dep"), fence: world.height });
    expect(world.height).toBeGreaterThan(fence);
    expect(row).toMatchObject({ untilMs: toMs, deputies: named("dep", "eve") });
    expect(code(sold, "ann", held(id, toMs))).toBe("LEASE_HELD");
    expect(code(sold, "eve", held(id, toMs))).toBe("LEASE_HELD");
  });

  it("is said anew by its holder at any time, keeps its fence, and may end sooner", () => {
    const sold = soldWindow();
    const { id, fromMs } = sold;
    expect(code(sold, "ann", held(id, fromMs + 9000, { deputies: named("dep") }))).toBeNull();
    const { fence } = holderOf(rowOf(sold));
    expect(code(sold, "ann", held(id, fromMs + 3000))).toBeNull();
    expect(rowOf(sold)).toMatchObject({ untilMs: fromMs + 3000, deputies: named("dep") });
    expect(code(sold, "ann", held(id, fromMs + 5000), fromMs + 4000)).toBeNull();
    expect(holderOf(rowOf(sold)).fence).toBe(fence);
    expect(code(sold, "dep", held(id, fromMs + 9000), fromMs + 5000)).toBeNull();
    expect(code(sold, "dep", held(id, fromMs + 5500))).toBeNull();
    expect(code(sold, "ann", held(id, fromMs + 9000), fromMs + 5500)).toBeNull();
    expect(holderOf(rowOf(sold)).fence).toBe(sold.world.height);
    expect(rowOf(sold).holders).toHaveLength(2);
  });

  it("lets only its owner name deputies, at most four, and takes what it names at once", () => {
    const sold = soldWindow();
    const { id, fromMs, toMs } = sold;
    expect(code(sold, "ann", held(id, fromMs, { deputies: named("dep") }))).toBeNull();
    const own = held(id, toMs, { deputies: named("eve") });
    expect(code(sold, "dep", own, fromMs)).toBe("NOT_THE_LEASES_OWNER");
    expect(code(sold, "ann", held(id, fromMs + 1000, { deputies: [] }))).toBeNull();
    expect(code(sold, "dep", held(id, toMs), fromMs + 1000)).toBe("NOT_A_DEPUTY");
  });

  it("is remembered of so many, and of one more it is refused", () => {
    const sold = soldWindow();
    const { world, id, fromMs, toMs } = sold;
    const take = (name: string, atMs: number) => {
      expect(code(sold, "ann", held(id, atMs, { deputies: named(name) }), atMs - 100)).toBeNull();
      return code(sold, name, held(id, atMs + 10), atMs);
    };
    const others = ["dep", "eve", "bob", "sue", "faucet", "seat 0", "seat 1"];
    for (const name of ["seat 0", "seat 1", "seat 2"])
      world.entry([world.op("faucet", { kind: "grant", to: agent(name), free: 10n * FEE, stake: 0n })]);
    for (const [i, name] of others.entries()) expect(take(name, fromMs + 1000 * i)).toBeNull();
    expect(rowOf(sold).holders).toHaveLength(MAX_LEASE_HOLDERS);
    expect(take("seat 2", fromMs + 9000)).toBe("TOO_MANY_HOLDERS");
    expect(take("dep", fromMs + 10_000)).toBeNull();
    expect(code(sold, "ann", held(id, toMs), fromMs + 11_000)).toBeNull();
  });
});

describe("usage of a lease", () => {
  const said = (auction: AuctionId, used: number, lent: number, owner = "ann"): BodyOf<"usage"> => ({
    kind: "usage",
    auction,
    owner: agent(owner),
    used,
    lent,
  });
  const WON = 300 * LENGTH_MS;

  it.each([
    ["before the window is over", -1, "ann", WON, 0, "USAGE_TOO_EARLY"],
    ["of all that was won", 0, "ann", WON - 5, 5, null],
    ["of one more", 0, "ann", WON - 5, 6, "USAGE_ABOVE_WON"],
    ["of nothing", 0, "ann", 0, 0, null],
    ["by who never held it", 0, "bob", 1, 0, "NOT_A_HOLDER"],
    ["by its last holder", 0, "dep", WON, 0, null],
  ] as const)("%s (%d ms, %s: %d and %d): %s", (_, afterMs, name, used, lent, refused) => {
    const sold = soldWindow();
    const { id, fromMs, toMs } = sold;
    expect(code(sold, "ann", held(id, fromMs, { deputies: named("dep") }))).toBeNull();
    expect(code(sold, "dep", held(id, toMs), fromMs)).toBeNull();
    expect(code(sold, name, said(id, used, lent), toMs + afterMs)).toBe(refused);
  });

  it("of all who held it is together at most what was won, and each says it once", () => {
    const sold = soldWindow();
    const { id, fromMs, toMs } = sold;
    expect(code(sold, "ann", held(id, fromMs, { deputies: named("dep") }))).toBeNull();
    expect(code(sold, "dep", held(id, toMs), fromMs)).toBeNull();
    expect(code(sold, "dep", said(id, WON - 100, 10), toMs)).toBeNull();
    expect(code(sold, "dep", said(id, 0, 0))).toBe("USAGE_GIVEN");
    expect(code(sold, "ann", said(id, 90, 1))).toBe("USAGE_ABOVE_WON");
    expect(code(sold, "ann", said(id, 90, 0))).toBeNull();
    expect(rowOf(sold).holders.map(({ usage }) => usage)).toEqual([
      { used: 90, lent: 0 },
      { used: WON - 100, lent: 10 },
    ]);
  });

  it("is said of what the seller kept, too, and of a lease that nobody held for a time", () => {
    const sold = soldWindow();
    const left = 500 * LENGTH_MS;
    expect(code(sold, "sue", said(sold.id, left, 1, "sue"), sold.toMs)).toBe("USAGE_ABOVE_WON");
    expect(code(sold, "sue", said(sold.id, left, 0, "sue"))).toBeNull();
  });
});

describe("one holder at each time", () => {
  const PEOPLE = ["ann", "dep", "eve", "bob"];
  const step = fc.record({
    who: fc.constantFrom(...PEOPLE),
    afterMs: fc.constantFrom(1, 50, 300, 1000),
    forMs: fc.constantFrom(1, 200, 800, 3000),
    deputies: fc.option(fc.subarray(["dep", "eve"]), { nil: null }),
  });

  it("whoever holds, holds to the time that it said, whatever others say", () => {
    let taken = 0;
    let refused = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) => {
        const sold = soldWindow();
        const { world, id, toMs } = sold;
        /** who holds since when, and until when it has said so last */
        const spans: { readonly agent: AgentId; readonly fromMs: number; untilMs: number }[] = [];
        for (const { who, afterMs, forMs, deputies } of steps) {
          const atMs = world.timeMs + afterMs;
          if (atMs >= toMs) return;
          const untilMs = Math.min(toMs, atMs + forMs);
          const names = who === "ann" && deputies !== null ? named(...deputies) : null;
          const before = rowOf(sold);
          if (code(sold, who, held(id, untilMs, { deputies: names }), atMs) !== null) {
            expect(rowOf(sold)).toEqual(before);
            refused++;
            continue;
          }
          const last = spans.at(-1);
          if (last !== undefined && equalBytes(last.agent, agent(who))) last.untilMs = untilMs;
          else {
            // It takes over: whoever held it has let its time pass.
            if (last !== undefined) {
              taken++;
              expect(last.untilMs).toBeLessThanOrEqual(atMs);
            }
            spans.push({ agent: agent(who), fromMs: atMs, untilMs });
          }
          const row = rowOf(sold);
          expect(holderOf(row).agent).toEqual(agent(who));
          const others = row.holders.filter((_, i) => i !== row.now);
          for (const { fence } of others) expect(fence).toBeLessThan(holderOf(row).fence);
        }
      }),
      { numRuns: 150 },
    );
    // What it has not met it has not tried.
    expect([taken > 20, refused > 200]).toEqual([true, true]);
  });
});
