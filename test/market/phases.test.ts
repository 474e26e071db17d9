// Who closes a phase, and when: the corner cases of spec/auctions#phases.
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/base/index.js";
import { CLOCK, keyText } from "../../src/ledger/index.js";
import {
  AUCTIONS,
  type AuctionId,
  auctionKey,
  auctionOf,
  CONGESTION,
  changesPhase,
  closeMsOf,
  commitOf,
  hiddenReserveHash,
  type RunningPhase,
  selfProving,
  transitionDueMs,
} from "../../src/market/index.js";
import { agent, FEE, START_MS, salt, World } from "./world.js";

const running = (world: World, id: AuctionId): RunningPhase => {
  const { phase } = auctionOf(world.ledger, id)!;
  if (phase.kind !== "open" && phase.kind !== "reveal") throw new Error(`not running: ${phase.kind}`);
  return phase;
};

/** An auction that is OPEN, with one commit of ann's. Its close is 1000 ms after its opening. */
function opened(seats = 4) {
  const world = new World({ names: ["sue", "ann"], seats });
  const id = world.create("sue");
  world.entry([world.op("ann", world.commit(id, "ann", 500n, 1000n))]);
  expect(world.phase(id)).toBe("open");
  return { world, id };
}

/** The same, in REVEAL, whose window does not run yet. */
function inReveal(seats = 4) {
  const { world, id } = opened(seats);
  world.until(id, "reveal");
  expect(running(world, id)).toMatchObject({ closeMs: null, leaders: [] });
  return { world, id };
}

describe("an auction opens", () => {
  it("with the first entry at or after its time, and its commit window runs from there", () => {
    const world = new World({ names: ["sue"] });
    const openMs = START_MS + 1000;
    const id = world.create("sue", { openMs });
    world.entry([], { afterMs: 900 });
    expect(world.phase(id)).toBe("scheduled");
    expect(transitionDueMs(world.ledger)).toBe(openMs);
    world.entry([], { afterMs: 70 });
    expect(world.phase(id)).toBe("open");
    expect(running(world, id).closeMs).toBe(world.timeMs + 1000);
  });
});

describe("a leader is counted", () => {
  it("only by an entry at or after a finite close", () => {
    const { world, id } = opened();
    world.entry([], { leader: 0 });
    world.entry([], { leader: 1 });
    expect(running(world, id).leaders).toEqual([]);
    world.entry([], { afterMs: 1000, leader: 2 });
    expect(running(world, id).leaders).toEqual([2]);
  });

  it("only if its header attests that it knew the phase", () => {
    const { world, id } = inReveal();
    const { openedAt } = running(world, id);
    world.entry([], { leader: 0, execHeight: openedAt - 1 });
    expect(running(world, id).leaders).toEqual([]);
    world.entry([], { leader: 1, execHeight: openedAt });
    expect(running(world, id).leaders).toEqual([1]);
  });

  it("not by an attestation that repeats its parent's", () => {
    const { world, id } = inReveal();
    const { openedAt } = running(world, id);
    world.entry([], { leader: 0, execHeight: openedAt });
    world.entry([], { leader: 1, execHeight: openedAt });
    expect(running(world, id).leaders).toEqual([0]);
  });

  it("once, however often it leads", () => {
    const { world, id } = inReveal();
    for (let i = 0; i < 5; i++) world.entry([], { leader: 3 });
    expect(running(world, id)).toMatchObject({ leaders: [3], closeMs: null });
  });

  it("after its operations: an entry that opens the phase does not count", () => {
    const { world, id } = opened();
    world.entry([], { afterMs: 1000, leader: 0 });
    world.entry([], { leader: 1 });
    world.entry([], { leader: 2 });
    expect(running(world, id)).toMatchObject({ kind: "reveal", leaders: [] });
  });

  it("in its own epoch: a change of epoch empties the set", () => {
    const { world, id } = opened();
    world.entry([], { afterMs: 1000, leader: 0, epoch: 0 });
    world.entry([], { leader: 1, epoch: 1 });
    world.entry([], { leader: 1, epoch: 1 });
    expect(running(world, id)).toMatchObject({ kind: "open", epoch: 1, leaders: [1] });
    world.entry([], { leader: 2, epoch: 1 });
    world.entry([], { leader: 3, epoch: 1 });
    expect(world.phase(id)).toBe("reveal");
  });
});

describe("OPEN closes", () => {
  it("not by time alone: F+1 distinct leaders must have led at or after the close", () => {
    const { world, id } = opened();
    world.entry([], { afterMs: 1000, leader: 0 });
    for (let i = 0; i < 4; i++) world.entry([], { leader: 0 });
    expect(world.phase(id)).toBe("open");
    world.entry([], { leader: 1 });
    expect(world.phase(id)).toBe("open");
    world.entry([], { leader: 0 });
    expect(world.phase(id)).toBe("reveal");
  });

  it("with a commit in the entry that opens the phase, and none in the entry that closes it", () => {
    const world = new World({ names: ["sue", "ann", "bob"], seats: 1 });
    const id = world.create("sue");
    const first = world.entry([world.op("ann", world.commit(id, "ann", 5n, 1000n))]);
    expect(first.receipts[0]!.code).toBeNull();
    world.entry([], { afterMs: 1000 });
    const closing = world.entry([world.op("bob", world.commit(id, "bob", 5n, 1000n))]);
    expect(closing.phaseChanges).toEqual([{ auction: id, from: "open", to: "reveal" }]);
    expect(closing.receipts[0]!.code).toBe("COMMIT_AFTER_CLOSE");
  });
});

describe("REVEAL has two halves", () => {
  it("its window runs from the entry with which F+1 leaders have known the phase", () => {
    const { world, id } = inReveal();
    world.entry([], { leader: 0 });
    expect(running(world, id).closeMs).toBeNull();
    world.entry([], { leader: 1, afterMs: 333 });
    expect(running(world, id)).toMatchObject({ closeMs: world.timeMs + 1200, leaders: [] });
  });

  it("then F+1 leaders at or after that close are needed, and the next entry settles", () => {
    const { world, id } = inReveal();
    world.entry([], { leader: 0 });
    world.entry([], { leader: 1 });
    world.entry([], { leader: 2 });
    expect(running(world, id).leaders).toEqual([]);
    world.entry([], { leader: 3, afterMs: 1200 });
    world.entry([], { leader: 0 });
    expect(world.phase(id)).toBe("reveal");
    const { settlements } = world.entry([], { leader: 1 });
    expect(settlements).toMatchObject([{ outcome: "unsold", burned: 1000n }]);
  });

  it("an epoch change keeps a close that was set", () => {
    const { world, id } = inReveal();
    world.entry([], { leader: 0 });
    world.entry([], { leader: 1 });
    const { closeMs } = running(world, id);
    world.entry([], { leader: 2, epoch: 1 });
    expect(running(world, id).closeMs).toBe(closeMs);
  });

  it("a reveal counts until the entry that settles, and not in it", () => {
    const { world, id } = inReveal(1);
    world.entry();
    world.entry([], { afterMs: 1200 });
    const { receipts } = world.entry([world.reveal(id, "ann", 500n)]);
    expect(receipts[0]).toMatchObject({ status: "refused", code: "REVEAL_TOO_LATE" });
    expect(world.phase(id)).toBe("unsold");
  });
});

describe("REVEAL ends early", () => {
  it("with the entry after the last opening, once F+1 leaders have known it", () => {
    const { world, id } = inReveal();
    world.entry([], { leader: 0 });
    world.entry([], { leader: 1 });
    world.entry([world.reveal(id, "ann", 500n)], { leader: 2 });
    expect(world.phase(id)).toBe("reveal");
    expect(transitionDueMs(world.ledger)).toBe(running(world, id).openedMs);
    const { settlements } = world.entry([], { leader: 3 });
    expect(settlements).toMatchObject([{ outcome: "done", burned: 0n }]);
    expect(auctionOf(world.ledger, id)!.phase).toMatchObject({ dueMs: world.timeMs });
  });

  it("not before: everything may be shown while F+1 leaders are still missing", () => {
    const { world, id } = inReveal();
    world.entry([world.reveal(id, "ann", 500n)], { leader: 0 });
    world.entry([], { leader: 0 });
    expect(running(world, id).leaders).toEqual([0]);
    world.entry([], { leader: 1 });
    expect(world.phase(id)).toBe("reveal");
    world.entry([], { leader: 1 });
    expect(world.phase(id)).toBe("done");
  });

  it("not while one of two bids is sealed: its window runs out as before", () => {
    const world = new World({ names: ["sue", "ann", "bob"] });
    const id = world.create("sue");
    world.entry(["ann", "bob"].map((name) => world.op(name, world.commit(id, name, 500n, 1000n))));
    world.until(id, "reveal");
    world.entry([world.reveal(id, "ann", 500n)]);
    world.until(id, "done");
    expect(auctionOf(world.ledger, id)!.phase).toMatchObject({ burned: 1000n });
    const { dueMs, endedMs } = auctionOf(world.ledger, id)!.phase as { dueMs: number; endedMs: number };
    expect(dueMs).toBeLessThan(endedMs);
  });

  it("where nobody has committed: nobody can come any more", () => {
    const world = new World({ names: ["sue"] });
    const id = world.create("sue");
    world.until(id, "reveal");
    const { openedMs } = running(world, id);
    world.until(id, "unsold");
    expect(world.timeMs - openedMs).toBeLessThan(1200);
  });

  it("not while a hidden reserve is: its opening is awaited, with bids and without", () => {
    const world = new World({ names: ["sue"] });
    const { network } = world.ledger;
    const auction = world.nextAuctionId("sue");
    const reserveHash = hiddenReserveHash(network, auction, 20n, salt("sue"));
    const id = world.create("sue", { reserveHash, bond: 1000n });
    world.until(id, "reveal");
    while (running(world, id).closeMs === null) world.entry();
    world.entry();
    expect(world.phase(id)).toBe("reveal");
    world.entry([selfProving(network, { kind: "openReserve", auction, reserve: 20n, salt: salt("sue") })]);
    world.entry();
    expect(world.phase(id)).toBe("unsold");
  });
});

describe("an outage", () => {
  const OUTAGE_MS = 8001;

  const closeOf = (world: World, id: AuctionId) => closeMsOf(running(world, id), world.ledger.clock);

  it("moves a finite close by its gap", () => {
    const { world, id } = opened();
    const before = closeOf(world, id);
    world.entry([], { afterMs: OUTAGE_MS });
    expect(closeOf(world, id)).toBe(before! + OUTAGE_MS);
  });

  it("moves a close that lies far ahead as well: no bidder loses what nobody could use", () => {
    const world = new World({ names: ["sue"] });
    const id = world.create("sue", { commitMs: 60_000 });
    world.entry();
    const before = closeOf(world, id);
    world.entry([], { afterMs: OUTAGE_MS });
    expect(closeOf(world, id)).toBe(before! + OUTAGE_MS);
  });

  it.each([
    [-1, 0],
    [0, 0],
    [1, OUTAGE_MS],
  ])("begins beyond the limit: %d ms from it moves a close by %d ms", (beyondMs, movedMs) => {
    const { world, id } = opened();
    const before = closeOf(world, id);
    world.entry([], { afterMs: OUTAGE_MS - 1 + beyondMs });
    expect(closeOf(world, id)).toBe(before! + movedMs);
  });

  it("is taken in four times in a row, and then time runs: a slow network closes its phases", () => {
    const { world, id } = opened();
    const before = closeOf(world, id);
    for (let i = 0; i < 6; i++) world.entry([], { afterMs: OUTAGE_MS, leader: 0 });
    expect(closeOf(world, id)).toBe(before! + 4 * OUTAGE_MS);
    expect(running(world, id).leaders).toEqual([0]);
    world.until(id, "reveal");
  });

  it.each([
    [-1, 4],
    [0, 5],
    [1, 5],
  ])(
    "after four is taken in again after ten limits of rest: %d ms from them, %d in all",
    (beyondMs, taken) => {
      const world = new World();
      for (let i = 0; i < 4; i++) world.entry([], { afterMs: OUTAGE_MS });
      // Ordinary entries, none of them an outage, until just so much live time has passed.
      for (let i = 0; i < 9; i++) world.entry([], { afterMs: OUTAGE_MS - 1 });
      world.entry([], { afterMs: 4000 });
      world.entry([], { afterMs: 4000 + beyondMs });
      expect(world.ledger.clock.outagesMs).toBe(4 * OUTAGE_MS);
      world.entry([], { afterMs: OUTAGE_MS });
      expect(world.ledger.clock.outagesMs).toBe(taken * OUTAGE_MS);
    },
  );

  it("is what a lone member's clock that jumps a year ahead makes: it closes nothing", () => {
    const { world, id } = opened(1);
    world.entry([], { afterMs: 365 * 24 * 60 * 60 * 1000 });
    for (let i = 0; i < 20; i++) world.entry([], { afterMs: 1 });
    expect(world.phase(id)).toBe("open");
    world.entry([], { afterMs: 1000 });
    world.until(id, "reveal");
  });

  it("leaves an endless close endless", () => {
    const { world, id } = inReveal();
    world.entry([], { afterMs: OUTAGE_MS, leader: 0 });
    expect(running(world, id)).toMatchObject({ closeMs: null, leaders: [0] });
  });

  it("does not move a close that had come before it", () => {
    const { world, id } = opened();
    const before = closeOf(world, id);
    world.entry([], { afterMs: 1000, leader: 0 });
    world.entry([], { afterMs: OUTAGE_MS, leader: 1 });
    expect(closeOf(world, id)).toBe(before);
    expect(running(world, id).leaders).toEqual([0, 1]);
  });

  it("writes one row, and one for each close that had come; not one for each that lies ahead", () => {
    const world = new World({ names: ["sue"] });
    for (let i = 0; i < 20; i++) world.create("sue", { commitMs: 60_000 });
    const due = world.create("sue", { commitMs: 500 });
    world.entry();
    world.entry([], { afterMs: 500, leader: 0 });
    const written: string[] = [];
    world.entry([], { afterMs: OUTAGE_MS, leader: 0 }, (writes) =>
      written.push(...writes.map(([key]) => key)),
    );
    expect(written).toEqual([auctionKey(due), keyText(CLOCK, "")]);
  });
});

describe("pacing", () => {
  it("a phase is due from its close on while leaders are missing, and REVEAL while its window does not run", () => {
    const { world, id } = opened();
    const { closeMs } = running(world, id);
    expect(transitionDueMs(world.ledger)).toBe(closeMs);
    world.entry([], { afterMs: 1000, leader: 0 });
    expect(transitionDueMs(world.ledger)).toBe(closeMs);
    world.until(id, "reveal");
    expect(transitionDueMs(world.ledger)).toBe(running(world, id).openedMs);
    world.until(id, "unsold");
    expect(transitionDueMs(world.ledger)).toBeNull();
  });

  it("changesPhase says beforehand whether an entry moves a phase or counts a leader", () => {
    const { world, id } = opened();
    for (let i = 0; world.phase(id) !== "unsold"; i++) {
      const leader = i % 3;
      const before = JSON.stringify(withoutBytes(world, id));
      const said = changesPhase(world.ledger, world.next({ leader, afterMs: 100 }));
      world.entry([], { leader, afterMs: 100 });
      expect(said, `${before} → ${world.phase(id)}`).toBe(before !== JSON.stringify(withoutBytes(world, id)));
    }
    expect(changesPhase(world.ledger, world.next())).toBe(false);
  });
});

const withoutBytes = (world: World, id: AuctionId) => {
  const { phase } = auctionOf(world.ledger, id)!;
  return "leaders" in phase ? phase : phase.kind;
};

describe("cancelling", () => {
  it("is the seller's, while nobody has committed; the auction leaves the state, bond and deposit return", () => {
    const world = new World({ names: ["sue", "ann"] });
    const before = world.free("sue");
    const id = world.create("sue", { bond: 500n });
    const code = (name: string) =>
      world.entry([world.op(name, { kind: "cancel", auction: id })]).receipts[0]!.code;
    expect(code("ann")).toBe("NOT_THE_CREATOR");
    const cancelled = world.entry([world.op("sue", { kind: "cancel", auction: id })]);
    expect(cancelled.forgotten).toEqual([toHex(id)]);
    expect(auctionOf(world.ledger, id)).toBeNull();
    expect(world.ledger.table(AUCTIONS).size).toBe(0);
    expect(transitionDueMs(world.ledger)).toBeNull();
    expect(world.free("sue")).toBe(before - 2n * FEE);
    expect(code("sue")).toBe("AUCTION_UNKNOWN");
  });

  it("ends with the first commit", () => {
    const { world, id } = opened();
    expect(world.entry([world.op("sue", { kind: "cancel", auction: id })]).receipts[0]!.code).toBe(
      "AUCTION_HAS_COMMITS",
    );
  });
});

describe("a full critical lane", () => {
  const names = Array.from({ length: 1000 }, (_, i) => `b${i}`);

  it("keeps OPEN open at most eight entries, and REVEAL while reveals fill it", () => {
    const world = new World({
      names: [...names, "sue"],
      seats: 1,
      params: { retainMs: 1000 },
    });
    const id = world.create("sue");
    const commits = () => names.map((name) => world.op(name, world.commit(id, name, 500n, 1000n)));
    world.entry(commits());
    world.entry(commits(), { afterMs: 1000 });
    for (let i = 0; i < 8; i++) {
      world.entry(commits());
      expect(running(world, id)).toMatchObject({ kind: "open", extensions: i + 1 });
    }
    world.entry();
    expect(world.phase(id)).toBe("reveal");
    world.entry();
    const reveals = names.map((name) => world.reveal(id, name, 500n));
    world.entry(reveals.slice(0, 950), { afterMs: 1200 });
    // Close and leaders are there; but the lane was full of reveals, so who found no place in it gets another entry.
    world.entry(reveals.slice(950, 999));
    expect(running(world, id).kind).toBe("reveal");
    world.entry();
    expect(world.phase(id)).toBe("done");
    expect(auctionOf(world.ledger, id)).toMatchObject({ commits: 1000, reveals: 999 });
  });

  it("of reveals keeps no REVEAL open in which everything is shown", () => {
    const world = new World({ names: [...names, "sue", "zoe"], seats: 1 });
    const [stocked, small] = [world.create("sue"), world.create("sue")];
    world.entry([
      ...names.map((name) => world.op(name, world.commit(stocked, name, 500n, 1000n))),
      world.op("zoe", world.commit(small, "zoe", 500n, 1000n)),
    ]);
    world.until(small, "reveal");
    world.entry();
    // They are sent in the entry in which the other auction shows all it has.
    const reveals = names.slice(0, 950).map((name) => world.reveal(stocked, name, 500n));
    world.entry([world.reveal(small, "zoe", 500n), ...reveals]);
    expect(world.ledger.one(CONGESTION).revealsFullAt).toBe(world.height);
    world.entry();
    expect(world.phase(small)).toBe("done");
    expect(world.phase(stocked)).toBe("reveal");
  });

  it("an ended auction's rows are forgotten after retainMs, its commits with it", () => {
    const world = new World({ names: ["sue", "ann"], seats: 1, params: { retainMs: 1000 } });
    const id = world.create("sue");
    world.entry([world.op("ann", world.commit(id, "ann", 50n, 1000n))]);
    world.until(id, "unsold");
    const { forgotten } = world.entry([], { afterMs: 1000 });
    expect(forgotten).toHaveLength(1);
    expect(auctionOf(world.ledger, id)).toBeNull();
    expect(commitOf(world.ledger, id, agent("ann"))).toBeNull();
  });
});
