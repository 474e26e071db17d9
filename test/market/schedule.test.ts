// What an entry looks at and writes: the auctions that are due, however many others are open.
import { describe, expect, it, vi } from "vitest";
import { commitRows, type Ledger } from "../../src/ledger/index.js";
import {
  AUCTIONS,
  type Auction,
  auctionKey,
  changesPhase,
  newAuction,
  restoreLedger,
  transitionDueMs,
} from "../../src/market/index.js";
import { agent, offer, World } from "./world.js";

const OPEN = 10_000;

/** A world with many auctions whose close lies a day ahead, and one that is due. */
function crowded() {
  const world = new World({ names: ["sue"] });
  const { kind: _, ...terms } = offer({ commitMs: 24 * 60 * 60 * 1000 });
  for (let i = 0; i < OPEN; i++) {
    const auction = newAuction(
      world.ledger.network,
      agent(`seller ${i}`),
      0,
      terms,
      world,
      world.ledger.clock,
    );
    const phase: Auction["phase"] = {
      kind: "open",
      openedAt: 0,
      openedMs: world.timeMs,
      epoch: 0,
      leaders: [],
      outagesMs: 0,
      closeMs: world.timeMs + terms.commitMs,
      extensions: 0,
    };
    world.ledger.put(AUCTIONS, auction.id, { ...auction, phase });
  }
  commitRows(world.ledger);
  const due = world.create("sue", { commitMs: 500 });
  world.entry();
  world.entry([], { afterMs: 500, leader: 0 });
  return { world, due };
}

/** Counts the auctions that are looked up, and forbids a walk over all of them. */
function watched(ledger: Ledger) {
  const auctions = ledger.table(AUCTIONS);
  for (const way of ["values", "keys", "sorted"] as const) {
    vi.spyOn(auctions, way).mockImplementation(() => {
      throw new Error("a walk over all auctions");
    });
  }
  return vi.spyOn(auctions, "get");
}

describe("with ten thousand open auctions and one that is due", () => {
  const { world, due } = crowded();
  const looks = watched(world.ledger);
  const written = (options: { readonly afterMs: number; readonly leader: number }) => {
    looks.mockClear();
    const keys: string[] = [];
    world.entry([], options, (writes) => keys.push(...writes.map(([key]) => key)));
    return { keys, looks: looks.mock.calls.length };
  };

  it("an entry looks at that one, before its operations and after them, and writes its row", () => {
    expect(written({ afterMs: 50, leader: 1 })).toEqual({ keys: [auctionKey(due)], looks: 2 });
  });

  it("the questions of pacing look at that one, and at none", () => {
    looks.mockClear();
    changesPhase(world.ledger, world.next({ leader: 2 }));
    expect(looks.mock.calls.length).toBe(1);
    transitionDueMs(world.ledger);
    expect(looks.mock.calls.length).toBe(1);
  });

  it("an outage shifts all closes, and an entry in which nothing is due looks at none", () => {
    world.entry([], { afterMs: 50, leader: 2 });
    expect(world.phase(due)).toBe("reveal");
    while (world.phase(due) === "reveal") world.entry();
    const first = transitionDueMs(world.ledger)!;
    expect(written({ afterMs: 20_000, leader: 0 })).toEqual({ keys: ["clock"], looks: 0 });
    expect(transitionDueMs(world.ledger)).toBe(first + 20_000);
  });

  it("a peer that was restored has the same schedule", () => {
    vi.restoreAllMocks();
    const rows = [...world.ledger.tree.keys()].map((key) => [key, world.ledger.valueOf(key)!] as const);
    const restored = restoreLedger(world.genesis, rows.reverse(), world.root);
    if (!restored.ok) throw new Error(restored.error.reason);
    expect(restored.value.table(AUCTIONS).index.schedule.entries()).toEqual(
      world.ledger.table(AUCTIONS).index.schedule.entries(),
    );
    expect(restored.value.table(AUCTIONS).index.schedule.entries()).toHaveLength(OPEN);
    expect(restored.value.clock).toEqual(world.ledger.clock);
  });
});
