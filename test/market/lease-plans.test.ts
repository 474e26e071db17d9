// What an agent says of leases, and which windows a seller offers: plans that the ledger takes as they are.
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/base/index.js";
import type { AgentId } from "../../src/ledger/index.js";
import {
  type AuctionId,
  type Holding,
  holderOf,
  holdsDue,
  leaseOf,
  leastTermMs,
  nextWindow,
  type Shared,
  usableBy,
  usageDue,
  type WindowSale,
} from "../../src/market/index.js";
import { agent, World } from "./world.js";

const SHARED: Shared = { seller: agent("sue"), capability: "key.team" };
const PRECISION_MS = 50;
const MARGIN_MS = 9 * PRECISION_MS;
const TERM_MS = 2 * MARGIN_MS;
const NAMES = ["sue", "ann", "bob", "dep"];

const here = (): World =>
  new World({ names: NAMES, params: { precisionMs: PRECISION_MS, retainMs: 20_000 } });
const nobody = (_owner: AgentId): boolean => false;
const ANN: Holding = { agent: agent("ann"), deputies: [agent("dep")], termMs: TERM_MS };
const DEP: Holding = { agent: agent("dep"), deputies: [], termMs: TERM_MS };

function offered(world: World, fromMs: number, toMs: number): AuctionId {
  const lot = { capability: SHARED.capability, units: 1000, fromMs, toMs };
  return world.create("sue", { format: { kind: "uniform" }, lot, reserve: 1n, lockups: [100_000n] });
}

function sold(world: World, fromMs: number, toMs: number): AuctionId {
  const id = offered(world, fromMs, toMs);
  world.entry([world.op("ann", world.commit(id, "ann", { amount: 3n, units: 400 }, 100_000n))]);
  world.until(id, "reveal");
  world.entry([world.reveal(id, "ann", { amount: 3n, units: 400 })]);
  world.until(id, "done");
  return id;
}

/** Says at a time what is due then, and returns until when. */
function say(world: World, holding: Holding, name: string, atMs: number, isBack = nobody): readonly number[] {
  if (atMs > world.timeMs + 1000) world.entry([], { afterMs: atMs - world.timeMs - 1 });
  const due = holdsDue(world.ledger, SHARED, holding, atMs, isBack);
  const ops = due.map((hold, i) => world.op(name, { kind: "hold", ...hold }, i));
  const { receipts } = world.entry(ops, { afterMs: Math.max(1, atMs - world.timeMs) });
  expect(receipts.map(({ code }) => code)).toEqual(ops.map(() => null));
  return due.map(({ untilMs }) => untilMs);
}

describe("holds that are due", () => {
  it("name deputies once a lease is sold, then come again before half of the time is over, until its window ends", () => {
    const world = here();
    const fromMs = world.timeMs + 10_000;
    const toMs = fromMs + 5000;
    const id = sold(world, fromMs, toMs);
    expect(say(world, ANN, "ann", world.timeMs + 1)).toEqual([fromMs + TERM_MS]);
    expect(leaseOf(world.ledger, id, agent("ann"))!.row.deputies).toEqual([agent("dep")]);
    expect(say(world, ANN, "ann", fromMs)).toEqual([]);
    let [last, atMs] = [fromMs + TERM_MS, fromMs];
    for (; atMs < toMs; atMs += 20) {
      expect(usableBy(world.ledger, SHARED, agent("ann"), atMs, []).length === 1, `${atMs - toMs}`).toBe(
        atMs < toMs - PRECISION_MS,
      );
      expect(say(world, DEP, "dep", atMs)).toEqual([]);
      const [until] = say(world, ANN, "ann", atMs + 1);
      if (until === undefined) continue;
      expect(until).toBe(Math.min(toMs, atMs + 1 + TERM_MS));
      expect(atMs + 1).toBeGreaterThan(last - MARGIN_MS - (TERM_MS - MARGIN_MS) / 2);
      last = until;
    }
    expect(last).toBe(toMs);
  });

  it("of one without deputies there are none, and what it had named is taken back", () => {
    const world = here();
    const fromMs = world.timeMs + 10_000;
    const id = sold(world, fromMs, fromMs + 5000);
    const alone = { ...ANN, deputies: [] };
    expect(say(world, alone, "ann", world.timeMs + 1)).toEqual([]);
    expect(say(world, ANN, "ann", world.timeMs + 1)).toHaveLength(1);
    expect(say(world, alone, "ann", fromMs)).toEqual([fromMs + 5000]);
    expect(leaseOf(world.ledger, id, agent("ann"))!.row).toMatchObject({
      deputies: [],
      untilMs: fromMs + 5000,
    });
  });

  it("of a deputy come once the owner has fallen silent, and end once it is back, which then holds again", () => {
    const world = here();
    const fromMs = world.timeMs + 10_000;
    const toMs = fromMs + 8000;
    const id = sold(world, fromMs, toMs);
    const holder = (): AgentId => holderOf(leaseOf(world.ledger, id, agent("ann"))!.row).agent;
    const [untilMs] = say(world, ANN, "ann", world.timeMs + 1);
    expect(say(world, DEP, "dep", untilMs! - 1)).toEqual([]);
    expect(say(world, DEP, "dep", untilMs!)).toEqual([untilMs! + TERM_MS]);
    expect(holder()).toEqual(agent("dep"));
    const soonMs = untilMs! + TERM_MS - MARGIN_MS;
    expect(say(world, DEP, "dep", soonMs)).toEqual([soonMs + TERM_MS]);
    const isBack = (owner: AgentId) => toHex(owner) === toHex(agent("ann"));
    const overMs = soonMs + TERM_MS;
    expect(say(world, ANN, "ann", overMs - 1)).toEqual([]);
    expect(say(world, DEP, "dep", overMs - 1, isBack)).toEqual([]);
    expect(say(world, ANN, "ann", overMs)).toEqual([overMs + TERM_MS]);
    expect(holder()).toEqual(agent("ann"));
  });

  it("a term is long enough to be used half of it", () => {
    expect(leastTermMs({ precisionMs: PRECISION_MS })).toBe(TERM_MS);
  });
});

describe("usage that is due", () => {
  it("is of whoever has held a lease whose window is over, until it has said it", () => {
    const world = here();
    const fromMs = world.timeMs + 10_000;
    const toMs = fromMs + 5000;
    const id = sold(world, fromMs, toMs);
    const due = (name: string) => usageDue(world.ledger, SHARED, agent(name), world.timeMs).length;
    say(world, ANN, "ann", world.timeMs + 1);
    say(world, DEP, "dep", fromMs + TERM_MS);
    world.entry([], { afterMs: toMs - 1 - world.timeMs });
    expect(["ann", "dep", "sue", "bob"].map(due)).toEqual([0, 0, 0, 0]);
    world.entry([], { afterMs: 1 });
    expect(["ann", "dep", "sue", "bob"].map(due)).toEqual([1, 1, 1, 0]);
    world.entry([world.op("dep", { kind: "usage", auction: id, owner: agent("ann"), used: 5, lent: 0 })]);
    expect(["ann", "dep", "sue"].map(due)).toEqual([1, 0, 1]);
  });
});

describe("a time that was sold twice", () => {
  it("is that of the sale which ended first, and the other gives nothing", () => {
    const world = here();
    const fromMs = world.timeMs + 20_000;
    const first = sold(world, fromMs, fromMs + 8000);
    const second = sold(world, fromMs - 2000, fromMs + 9000);
    const used = (name: string, atMs: number) =>
      usableBy(world.ledger, SHARED, agent(name), atMs, []).map(({ auction }) => auction);
    expect(used("ann", fromMs - 1)).toEqual([second]);
    for (const atMs of [fromMs, fromMs + 5000])
      expect([used("ann", atMs), used("sue", atMs)]).toEqual([[first], [first]]);
    expect(used("ann", fromMs + 8000)).toEqual([second]);
  });

  it("is another's business where another sells it under the name", () => {
    const world = here();
    const fromMs = world.timeMs + 20_000;
    const lot = { capability: SHARED.capability, units: 1000, fromMs, toMs: fromMs + 8000 };
    const id = world.create("bob", { format: { kind: "uniform" }, lot, reserve: 1n, lockups: [100_000n] });
    world.until(id, "unsold");
    expect(usableBy(world.ledger, SHARED, agent("bob"), fromMs, [])).toEqual([]);
    expect(
      usableBy(world.ledger, { ...SHARED, seller: agent("bob") }, agent("bob"), fromMs, []),
    ).toHaveLength(1);
  });
});

describe("windows to offer", () => {
  const SALE: WindowSale = { windowMs: 60_000, ahead: 2, leadMs: 3500 };

  it.each([
    [0, 4000, 60_000],
    [500, 4000, 60_000],
    [501, 5000, 60_000],
    [26_500, 30_000, 60_000],
    [26_501, 31_000, 120_000],
    [56_000, 60_000, 120_000],
  ])("begin, at %d ms, at %d and end at %d", (nowMs, fromMs, toMs) => {
    expect(nextWindow(here().ledger, SHARED, SALE, nowMs)).toEqual({ fromMs, toMs });
  });

  it("follow one another without a gap, so many ahead", () => {
    const world = here();
    const windows: { fromMs: number; toMs: number }[] = [];
    for (let next = nextWindow(world.ledger, SHARED, SALE, world.timeMs); next !== null; ) {
      windows.push(next);
      offered(world, next.fromMs, next.toMs);
      next = nextWindow(world.ledger, SHARED, SALE, world.timeMs);
    }
    expect(windows.length).toBeGreaterThanOrEqual(2);
    for (const [i, one] of windows.slice(1).entries()) expect(one.fromMs).toBe(windows[i]!.toMs);
    for (const { toMs } of windows) expect(toMs % SALE.windowMs).toBe(0);
    expect(windows.at(-1)!.toMs).toBeGreaterThan(world.timeMs + 2 * SALE.windowMs);
  });

  it("are not held up by what another sells under the name", () => {
    const world = here();
    const before = nextWindow(world.ledger, SHARED, SALE, world.timeMs);
    const lot = { capability: SHARED.capability, units: 1000, fromMs: 1e6 + 60_000, toMs: 9e6 };
    world.create("bob", { format: { kind: "uniform" }, lot });
    expect(nextWindow(world.ledger, SHARED, SALE, world.timeMs - 50)).toEqual(before);
  });
});
