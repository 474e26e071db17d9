// Replay: whatever came before an auction, its log leads to the end that the state has.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_AMOUNT } from "../../src/base/index.js";
import type { Moment } from "../../src/ledger/index.js";
import {
  type AuctionId,
  type AuctionTerms,
  auctionKey,
  auctionOf,
  type Claim,
  isEnded,
  type LoggedEntry,
  type Operation,
  replayAuction,
  tradesOf,
} from "../../src/market/index.js";
import { bought, DELIVER_MS, delivered, STAKE } from "./trade-world.js";
import { DEPOSIT, FEE, offer, World } from "./world.js";

const OUTAGE_MS = 8001;
const PACE_MS = 2000;
/** what four outages in a row use up */
const MOST_MS = 4 * 10 * 8000;

/** A world that keeps its log, from the next creation on as a transcript has it. */
class LoggedWorld extends World {
  readonly log: LoggedEntry[] = [];
  /** by height, the operations that the state rests on */
  readonly taken = new Map<number, readonly Operation[]>();

  override entry(...[ops = [], options = {}, keep]: Parameters<World["entry"]>) {
    const at: Moment = this.next(options);
    const outcome = super.entry(ops, options, keep);
    this.log.push({ at, ops });
    return outcome;
  }

  offer(terms: Partial<AuctionTerms> = {}): AuctionId {
    this.log.length = 0;
    const id = this.create("sue", { commitMs: 60_000, ...terms });
    const [{ at, ops }] = this.log as [LoggedEntry];
    // What lies before the first entry is not in a transcript.
    this.log[0] = { at: { ...at, parentTimeMs: at.timeMs, parentExecHeight: at.execHeight }, ops };
    this.taken.set(at.height, ops);
    return id;
  }

  bid(ops: readonly Operation[], isLast: boolean): void {
    this.entry(ops);
    if (isLast) this.taken.set(this.height, ops);
  }

  /** An entry of which a lying state has no operation. */
  leaveOut(ops: readonly Operation[]): void {
    this.entry();
    this.log[this.log.length - 1] = { ...this.log.at(-1)!, ops };
  }

  replayed(id: AuctionId, lie: Partial<Claim> = {}) {
    const { phase, spentMs } = auctionOf(this.ledger, id)!;
    if (!isEnded(phase)) throw new Error("it has not ended");
    const { endedAt, dueMs } = phase;
    const claim = { id, endedAt, dueMs, spentMs, taken: this.taken, locked: 10_000_000n, ...lie };
    const lived = replayAuction(this.genesis, claim, this.log);
    return lived.ok ? { phase: lived.value.auction.phase.kind, passedOver: lived.value.passedOver } : lived;
  }
}

/** A sale to `ann`, with gaps before its auction and while it takes bids. */
function sale(before: readonly number[], within: readonly number[]): LoggedWorld & { id: AuctionId } {
  const world = new LoggedWorld({ names: ["sue", "ann"] });
  for (const afterMs of before) world.entry([], { afterMs });
  const id = world.offer();
  world.entry();
  world.bid([world.op("ann", world.commit(id, "ann", 300n, 1000n))], true);
  for (const afterMs of within) world.entry([], { afterMs });
  while (world.phase(id) === "open") world.entry([], { afterMs: PACE_MS });
  world.entry([world.reveal(id, "ann", 300n)]);
  while (world.phase(id) === "reveal") world.entry([], { afterMs: PACE_MS });
  expect(world.phase(id)).toBe("done");
  return Object.assign(world, { id });
}

/** An auction past half of whose places there are bids, once they are included. */
function crowded() {
  const crowd = Array.from({ length: 1100 }, (_, i) => `bidder${i}`);
  const world = new LoggedWorld({
    names: ["sue", "ann", ...crowd],
    params: { revealCapacity: 2048, defaultCommitMs: 60_000 },
  });
  const id = world.offer();
  world.entry();
  const bids = crowd.map((name) => world.op(name, world.commit(id, name, 100n, 1000n), 0, 4n * FEE));
  return { world, id, bids };
}

const times = (count: number, ms: number): number[] => Array.from({ length: count }, () => ms);

describe("the replay of an honest auction", () => {
  it.each([
    ["a sale", delivered()],
    ["a purchase", bought({ lockups: [500n, 1000n] })],
  ])("of %s with delivery ends with its trades, whatever stake it was signed with", (_, terms) => {
    const world = new LoggedWorld({
      names: ["sue", "ann", "bob"],
      stakes: { sue: STAKE, ann: STAKE, bob: STAKE },
    });
    const id = world.offer(terms);
    world.entry();
    world.entry([world.op("ann", world.commit(id, "ann", 100n, terms.lockups?.[0] ?? 1000n, "first"))]);
    const bids = { ann: 300n, bob: 400n };
    world.bid(
      Object.entries(bids).map(([name, bid]) => world.op(name, world.commit(id, name, bid, 1000n))),
      true,
    );
    while (world.phase(id) === "open") world.entry([], { afterMs: PACE_MS });
    world.entry(Object.entries(bids).map(([name, bid]) => world.reveal(id, name, bid)));
    while (world.phase(id) === "reveal") world.entry([], { afterMs: PACE_MS });
    expect(tradesOf(world.ledger, id)).toHaveLength(1);
    expect(world.replayed(id)).toEqual({ phase: "done", passedOver: 0 });
    // The state may be shown at any height after the end: trades leave the auction's own rows as they are.
    const before = world.ledger.valueOf(auctionKey(id));
    world.entry([], { afterMs: DELIVER_MS + 1 });
    expect(tradesOf(world.ledger, id)[0]!.state.kind).toBe("ended");
    expect(world.ledger.valueOf(auctionKey(id))).toEqual(before);
  });

  it("knows a rest between outages that had begun before it", () => {
    const world = sale(
      [...times(4, OUTAGE_MS), ...times(17, PACE_MS)],
      [OUTAGE_MS, ...times(20, PACE_MS), OUTAGE_MS],
    );
    expect(world.replayed(world.id)).toEqual({ phase: "done", passedOver: 0 });
  });

  it("knows it though many gaps come after its end", () => {
    const world = sale(
      [...times(4, OUTAGE_MS), ...times(17, PACE_MS)],
      [OUTAGE_MS, ...times(20, PACE_MS), OUTAGE_MS],
    );
    const last = world.log.at(-1)!.at;
    let { height, timeMs } = last;
    for (const afterMs of times(60, OUTAGE_MS).flatMap((gap, i) => [gap, ...times(i % 11, 7000)])) {
      const at = { ...last, height: ++height, parentTimeMs: timeMs, timeMs: timeMs + afterMs };
      timeMs = at.timeMs;
      world.log.push({ at, ops: [] });
    }
    expect(world.replayed(world.id)).toEqual({ phase: "done", passedOver: 0 });
  });

  it("leads to its end, whatever gaps come before it and within", () => {
    const gap = fc.constantFrom(OUTAGE_MS, 2 * OUTAGE_MS, 7000, PACE_MS);
    const gaps = (maxLength: number) => fc.array(gap, { maxLength });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 6 }), gaps(16), gaps(12), (outages, before, within) => {
        const world = sale([...times(outages, OUTAGE_MS), ...before], within);
        expect(world.replayed(world.id)).toEqual({ phase: "done", passedOver: 0 });
      }),
      { numRuns: 10 },
    );
  });

  it("refuses outages before it that are not those of the state, or more than there can be", () => {
    const world = sale(times(4, OUTAGE_MS), [OUTAGE_MS, OUTAGE_MS]);
    const { spentMs } = auctionOf(world.ledger, world.id)!;
    expect([spentMs, world.replayed(world.id)]).toEqual([MOST_MS - 50, { phase: "done", passedOver: 0 }]);
    expect(world.replayed(world.id, { spentMs: 0 })).toMatchObject({ ok: false });
    expect(world.replayed(world.id, { spentMs: MOST_MS })).toMatchObject({ phase: "done" });
    const error = "more outages are used up than there can be";
    expect(world.replayed(world.id, { spentMs: MOST_MS + 1 })).toEqual({ ok: false, error });
  });

  it("takes a bid that its bidder replaced for no bid that was passed over", () => {
    const world = new LoggedWorld({ names: ["sue", "ann"] });
    const id = world.offer();
    world.entry();
    world.bid([world.op("ann", world.commit(id, "ann", 200n, 1000n))], false);
    world.bid([world.op("ann", world.commit(id, "ann", 300n, 1000n))], true);
    while (world.phase(id) === "open") world.entry([], { afterMs: PACE_MS });
    world.entry([world.reveal(id, "ann", 300n)]);
    while (world.phase(id) === "reveal") world.entry([], { afterMs: PACE_MS });
    expect(world.replayed(id)).toEqual({ phase: "done", passedOver: 0 });
  });

  it("takes a commit that a leader includes once more for no bid that was passed over", () => {
    const world = new LoggedWorld({ names: ["sue", "ann"] });
    const id = world.offer();
    world.entry();
    const commit = world.op("ann", world.commit(id, "ann", 300n, 1000n));
    world.bid([commit], true);
    for (let i = 0; i < 3; i++) {
      expect(world.entry([commit]).receipts).toMatchObject([{ status: "ignored", code: "NONCE_NOT_NEXT" }]);
    }
    while (world.phase(id) === "open") world.entry([], { afterMs: PACE_MS });
    world.entry([world.reveal(id, "ann", 300n)]);
    while (world.phase(id) === "reveal") world.entry([], { afterMs: PACE_MS });
    expect(world.replayed(id)).toEqual({ phase: "done", passedOver: 0 });
  });

  it("counts a bid that a lying state left out behind an earlier one of the same entry", () => {
    const world = new LoggedWorld({ names: ["sue", "ann"] });
    const id = world.offer();
    world.entry();
    const [earlier, later] = [200n, 300n].map((amount, i) =>
      world.op("ann", world.commit(id, "ann", amount, 1000n), i),
    ) as [Operation, Operation];
    world.bid([earlier, later], false);
    const { height } = world;
    while (["open", "reveal"].includes(world.phase(id))) world.entry([], { afterMs: PACE_MS });
    for (const [op, passedOver] of [[later, 0] as const, [earlier, 1] as const]) {
      world.taken.set(height, [op]);
      expect(world.replayed(id)).toEqual({ phase: "unsold", passedOver });
    }
  });

  it("counts the first of two bids that their bidder signed with one nonce, where a lying state has the second", () => {
    for (const inOneEntry of [true, false]) {
      const world = new LoggedWorld({ names: ["sue", "ann"] });
      const id = world.offer();
      world.entry();
      const [first, second] = [200n, 300n].map((amount) =>
        world.op("ann", world.commit(id, "ann", amount, 1000n)),
      ) as [Operation, Operation];
      const heights = [first, second].map((op, i) => {
        if (!inOneEntry) world.bid([op], false);
        else if (i === 0) world.bid([first, second], false);
        return world.height;
      });
      while (["open", "reveal"].includes(world.phase(id))) world.entry([], { afterMs: PACE_MS });
      for (const [i, op] of [first, second].entries()) {
        world.taken.set(heights[i]!, [op]);
        expect(world.replayed(id)).toEqual({ phase: "unsold", passedOver: i });
        world.taken.delete(heights[i]!);
      }
    }
  });

  it("counts the first of two bids with one nonce, though the second came before it with a nonce that was used", () => {
    const world = new LoggedWorld({ names: ["sue", "ann"] });
    const id = world.offer();
    world.entry();
    const commits = [200n, 300n].map((amount) => world.commit(id, "ann", amount, 1000n));
    const [first, second] = commits.map((body) => world.op("ann", body, 1)) as [Operation, Operation];
    world.bid([world.op("ann", commits[1]!)], false);
    world.bid([first], false);
    world.bid([second], true);
    while (["open", "reveal"].includes(world.phase(id))) world.entry([], { afterMs: PACE_MS });
    expect(world.replayed(id)).toEqual({ phase: "unsold", passedOver: 1 });
  });

  it("counts one of two bids with one nonce, though the other came too early once, and stands behind it", () => {
    const world = new LoggedWorld({ names: ["sue", "ann"] });
    const id = world.offer();
    const [first, second] = [200n, 300n].map((amount) => world.commit(id, "ann", amount, 1000n));
    const early = world.op("ann", first!, 0, 2n * FEE);
    world.log[0] = { ...world.log[0]!, ops: [...world.log[0]!.ops, early] };
    world.entry();
    const ends = [second!, first!].map((body) => world.op("ann", body));
    const heights = ends.map((op) => {
      world.bid([op], false);
      return world.height;
    });
    while (["open", "reveal"].includes(world.phase(id))) world.entry([], { afterMs: PACE_MS });
    const told = ends.map((op, i) => {
      world.taken.set(heights[i]!, [op]);
      const outcome = world.replayed(id);
      world.taken.delete(heights[i]!);
      return outcome;
    });
    expect(told).toEqual([0, 1].map((passedOver) => ({ phase: "unsold", passedOver })));
  });

  it("counts a bid that a lying state took though its place was not paid, and a leader included it once more", () => {
    const { world, id, bids } = crowded();
    world.bid(bids.slice(0, 600), true);
    world.bid(bids.slice(600), true);
    const cheap = world.op("ann", world.commit(id, "ann", 300n, 1000n));
    world.bid([cheap], true);
    world.bid([cheap], false);
    while (["open", "reveal"].includes(world.phase(id))) world.entry([], { afterMs: PACE_MS });
    expect(world.replayed(id)).toEqual({ phase: "unsold", passedOver: 1 });
  });

  it("counts a bid that a lying state left out before an earlier one that was included once more", () => {
    const world = new LoggedWorld({ names: ["sue", "ann"] });
    const id = world.offer();
    world.entry();
    const earlier = world.op("ann", world.commit(id, "ann", 200n, 1000n));
    world.bid([earlier], false);
    world.bid([world.op("ann", world.commit(id, "ann", 300n, 1000n))], false);
    world.bid([earlier], true);
    while (["open", "reveal"].includes(world.phase(id))) world.entry([], { afterMs: PACE_MS });
    expect(world.replayed(id)).toEqual({ phase: "unsold", passedOver: 1 });
  });

  it("refuses a commit that a lying state took of the seller in the entry that pays it", () => {
    const world = new LoggedWorld({ names: ["sue", "ann"] });
    const id = world.offer();
    world.entry();
    world.bid([world.op("ann", world.commit(id, "ann", 200n, 1000n))], true);
    while (world.phase(id) === "open") world.entry([], { afterMs: PACE_MS });
    world.entry([world.reveal(id, "ann", 200n)]);
    while (world.phase(id) === "reveal") {
      world.entry([world.op("sue", world.commit(id, "sue", 300n, 1000n))]);
    }
    world.taken.set(world.height, world.log.at(-1)!.ops);
    const error = `the rules refuse the commit that the state took at height ${world.height}: COMMIT_AFTER_CLOSE`;
    expect(world.replayed(id)).toEqual({ ok: false, error });
  });

  it("counts a cancel that a lying state left out, and what it would have ended", () => {
    for (const bid of [false, true]) {
      const world = new LoggedWorld({ names: ["sue", "ann"] });
      const id = world.offer();
      world.entry();
      world.leaveOut([world.op("sue", { kind: "cancel", auction: id })]);
      if (bid) world.bid([world.op("ann", world.commit(id, "ann", 200n, 1000n))], true);
      while (["open", "reveal"].includes(world.phase(id))) world.entry([], { afterMs: PACE_MS });
      expect(world.replayed(id)).toEqual({ phase: "unsold", passedOver: bid ? 2 : 1 });
    }
  });

  it.each([1, 0])("counts %i cancels that a lying state left out of REVEAL where nobody has bid", (count) => {
    const world = new LoggedWorld({ names: ["sue"] });
    const id = world.offer({ bond: 1000n });
    // Whatever is lent for the creation of another auction with the same id, the bond returns beside it.
    const again = world.op("sue", offer({ bond: MAX_AMOUNT - DEPOSIT }), -1, MAX_AMOUNT);
    while (world.phase(id) !== "reveal") world.entry([], { afterMs: PACE_MS });
    const cancels = [world.op("sue", { kind: "cancel", auction: id })].slice(0, count);
    world.leaveOut([...cancels, again]);
    while (world.phase(id) === "reveal") world.entry([], { afterMs: PACE_MS });
    expect(world.replayed(id)).toEqual({ phase: "unsold", passedOver: count });
  });

  it("lends a signer all the money that there can be, and no more", () => {
    const world = new LoggedWorld({ names: ["sue", "ann", "bob"] });
    const id = world.offer({ lockups: [1000n, MAX_AMOUNT] });
    world.entry();
    world.bid([world.op("ann", world.commit(id, "ann", 200n, 1000n))], true);
    world.leaveOut([world.op("bob", world.commit(id, "bob", 300n, MAX_AMOUNT))]);
    while (world.phase(id) === "open") world.entry([], { afterMs: PACE_MS });
    world.entry([world.reveal(id, "ann", 200n)]);
    while (world.phase(id) === "reveal") world.entry([], { afterMs: PACE_MS });
    expect(world.replayed(id)).toEqual({ phase: "done", passedOver: 1 });
    expect(world.replayed(id, { locked: MAX_AMOUNT })).toEqual({ phase: "done", passedOver: 1 });
    expect(world.replayed(id, { locked: MAX_AMOUNT + 1n })).toMatchObject({ ok: false });
  });

  it("takes a cancel that came after a bid for none that was passed over", () => {
    const world = new LoggedWorld({ names: ["sue", "ann"] });
    const id = world.offer();
    world.entry();
    world.bid([world.op("ann", world.commit(id, "ann", 200n, 1000n))], true);
    world.entry([world.op("sue", { kind: "cancel", auction: id })]);
    while (["open", "reveal"].includes(world.phase(id))) world.entry([], { afterMs: PACE_MS });
    expect(world.replayed(id)).toEqual({ phase: "unsold", passedOver: 0 });
  });

  it("counts the terms that a seller signed first with a nonce, where a lying state has others", () => {
    for (const inFront of [false, true]) {
      const world = new LoggedWorld({ names: ["sue"] });
      const other = world.op("sue", offer({ reserve: 900n, commitMs: 60_000 }));
      const id = world.offer();
      const [{ at, ops }] = world.log as [LoggedEntry];
      world.log[0] = { at, ops: inFront ? [other, ...ops] : [...ops, other] };
      while (["scheduled", "open", "reveal"].includes(world.phase(id))) world.entry([], { afterMs: PACE_MS });
      expect(world.replayed(id)).toEqual({ phase: "unsold", passedOver: inFront ? 1 : 0 });
    }
  });

  it("counts a bid that a lying state left out of an entry whose other bids made its place dearer", () => {
    const { world, id, bids } = crowded();
    world.bid(bids.slice(0, 600), true);
    const theirs = bids.slice(600);
    world.entry([world.op("ann", world.commit(id, "ann", 300n, 1000n)), ...theirs]);
    expect(auctionOf(world.ledger, id)!.commits).toBe(1101);
    world.taken.set(world.height, theirs);
    while (["open", "reveal"].includes(world.phase(id))) world.entry([], { afterMs: PACE_MS });
    expect(world.replayed(id)).toEqual({ phase: "unsold", passedOver: 1 });
  });

  it("counts a bid that a lying state left out, if it could as well have it behind another of its bidder", () => {
    const { world, id, bids } = crowded();
    const [first, beyondGap, last] = [0, 2, 1].map((ahead, i) =>
      world.op("ann", world.commit(id, "ann", 300n + BigInt(i), 1000n), ahead),
    ) as [Operation, Operation, Operation];
    world.bid([first], false);
    world.bid(bids.slice(0, 600), true);
    world.bid(bids.slice(600), true);
    const ends = [beyondGap, last].map((op) => {
      world.bid([op], false);
      return [world.height, op] as const;
    });
    while (["open", "reveal"].includes(world.phase(id))) world.entry([], { afterMs: PACE_MS });
    const told = ends.map(([height, op]) => {
      world.taken.set(height, [op]);
      const outcome = world.replayed(id);
      world.taken.delete(height);
      return outcome;
    });
    expect(told).toEqual([0, 1].map((passedOver) => ({ phase: "unsold", passedOver })));
  });

  it("asks no price of room for a bid that took an earlier one's place", () => {
    const crowd = Array.from({ length: 1024 }, (_, i) => `bidder${i}`);
    const world = new LoggedWorld({
      names: ["sue", "ann", ...crowd],
      params: { revealCapacity: 2048, defaultCommitMs: 60_000 },
    });
    const id = world.offer();
    world.entry();
    world.bid([world.op("ann", world.commit(id, "ann", 200n, 1000n))], false);
    world.bid(
      crowd.map((name) => world.op(name, world.commit(id, name, 100n, 1000n), 0, 2n * FEE)),
      true,
    );
    expect(auctionOf(world.ledger, id)!.commits).toBe(1025);
    world.bid([world.op("ann", world.commit(id, "ann", 300n, 1000n))], true);
    while (world.phase(id) === "open") world.entry([], { afterMs: PACE_MS });
    world.entry([world.reveal(id, "ann", 300n), ...crowd.map((name) => world.reveal(id, name, 100n))]);
    while (world.phase(id) === "reveal") world.entry([], { afterMs: PACE_MS });
    expect(auctionOf(world.ledger, id)!.phase).toMatchObject({ kind: "done", clearingPrice: 100n });
    expect(world.replayed(id)).toEqual({ phase: "done", passedOver: 0 });
  });
});
