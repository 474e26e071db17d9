// Scenarios 33, 34, 37 and 67 of spec/scenarios: what bidders and sellers try, and what it costs them, to the unit.
import { describe, expect, it } from "vitest";
import { TOTALS } from "../../src/ledger/index.js";
import {
  AUCTIONS,
  type AuctionId,
  type AuctionTerms,
  auctionOf,
  commitOf,
  hiddenReserveHash,
  type Operation,
  selfProving,
} from "../../src/market/index.js";
import { agent, FEE, FUNDS, offer, salt, World } from "../market/world.js";

const LOCKUP = 1000n;

/** The codes of an entry's operations; null: applied. */
const codes = (world: World, ops: readonly Operation[]) => world.entry(ops).receipts.map(({ code }) => code);

/** of an auction whose windows take less than an hour: with the seller until its rows are forgotten */
const DEPOSIT = 100_000n;

/** An opening of `bidder`'s bid with any content. */
const opening = (world: World, auction: AuctionId, bidder: string, amount: bigint, saltName: string) =>
  selfProving(world.ledger.network, {
    kind: "reveal",
    auction,
    bidder: agent(bidder),
    bid: { amount, units: null },
    salt: salt(saltName),
  });

describe("scenario 33: a copied commitment", () => {
  it("scenario 33: a commit that is copied, and a reveal that is copied, open nothing for the copier; its lockup burns", () => {
    const world = new World({ names: ["sue", "ann", "cop"] });
    const id = world.create("sue");
    const original = world.commit(id, "ann", 500n, LOCKUP);
    expect(codes(world, [world.op("ann", original), world.op("cop", original)])).toEqual([null, null]);
    world.until(id, "reveal");
    const own = opening(world, id, "ann", 500n, "ann");
    const copies = [
      opening(world, id, "cop", 500n, "ann"),
      opening(world, id, "cop", 500n, "cop"),
      // The copier first: it sees the opening on its way, and is included before it.
      opening(world, id, "cop", 501n, "ann"),
    ];
    expect(codes(world, [...copies, own])).toEqual([
      "OPENING_MISMATCH",
      "OPENING_MISMATCH",
      "OPENING_MISMATCH",
      null,
    ]);
    expect(codes(world, [own])).toEqual(["ALREADY_REVEALED"]);
    world.until(id, "done");
    expect(auctionOf(world.ledger, id)!.phase).toMatchObject({
      clearingPrice: 10n,
      burned: LOCKUP,
    });
    expect(commitOf(world.ledger, id, agent("ann"))?.award?.pays).toBe(10n);
    expect(world.free("cop")).toBe(FUNDS - FEE - LOCKUP);
    expect(world.free("ann")).toBe(FUNDS - FEE - 10n);
  });
});

describe("scenario 34: whoever keeps the rule of 2.4 loses nothing, whoever breaks it exactly what the rule says", () => {
  it("scenario 34: early reveal, late commit, late reveal, reveal above the lockup, wrong salt: each refused, money exact", () => {
    const names = ["ann", "bob", "cid", "dan", "eve", "fay"];
    const world = new World({ names: ["sue", ...names] });
    const id = world.create("sue");
    const bids = { ann: 300n, bob: 200n, cid: 400n, dan: 500n, eve: 2000n };
    for (const [name, amount] of Object.entries(bids)) {
      expect(codes(world, [world.op(name, world.commit(id, name, amount, LOCKUP))])).toEqual([null]);
    }
    expect(codes(world, [opening(world, id, "ann", 300n, "ann")])).toEqual(["REVEAL_TOO_EARLY"]);
    world.until(id, "reveal");
    expect(codes(world, [world.op("fay", world.commit(id, "fay", 900n, LOCKUP))])).toEqual([
      "COMMIT_AFTER_CLOSE",
    ]);
    expect(
      codes(world, [
        opening(world, id, "ann", 300n, "ann"),
        opening(world, id, "bob", 200n, "bob"),
        opening(world, id, "dan", 500n, "not dan's"),
        opening(world, id, "eve", 2000n, "eve"),
        opening(world, id, "fay", 900n, "fay"),
      ]),
    ).toEqual([null, null, "OPENING_MISMATCH", "BID_ABOVE_LOCKUP", "COMMIT_UNKNOWN"]);
    world.until(id, "done");
    expect(codes(world, [opening(world, id, "cid", 400n, "cid")])).toEqual(["REVEAL_TOO_LATE"]);
    const paid = { ann: 200n, bob: 0n, cid: LOCKUP, dan: LOCKUP, eve: LOCKUP, fay: 0n };
    for (const [name, amount] of Object.entries(paid)) {
      expect([name, world.free(name)]).toEqual([name, FUNDS - FEE - amount]);
      expect(world.ledger.accountOf(agent(name))!.locks.size).toBe(0);
    }
    expect(world.free("sue")).toBe(FUNDS - FEE - DEPOSIT + 200n);
    // Seven fees (the creation, five commits, one too late) and three lockups, and nothing else, are gone.
    expect(world.ledger.one(TOTALS).burned).toBe(7n * FEE + 3n * LOCKUP);
  });
});

describe("scenario 37: the same funds", () => {
  const SPARE = 10_000_000n;

  /** A bidder, of whose money a newcomer may lock two lockups, with the fees, and a hundred auctions that each want one. */
  function hundred(): { world: World; ids: readonly AuctionId[] } {
    const world = new World({ names: ["sue", "poor"] });
    const ids = Array.from({ length: 100 }, () =>
      world.create("sue", { lockups: [SPARE], commitMs: 60_000 }),
    );
    const keep = (5n * SPARE) / 2n + 101n * FEE;
    const give = { kind: "transfer", to: agent("sue"), amount: FUNDS - keep - FEE } as const;
    expect(codes(world, [world.op("poor", give)])).toEqual([null]);
    return { world, ids };
  }

  it("scenario 37: committed in 100 auctions in one entry they back as many bids as they cover, and no balance is negative", () => {
    const { world, ids } = hundred();
    const commits = ids.map((id, i) => world.op("poor", world.commit(id, "poor", 50n, SPARE), i));
    // World.entry audits: nothing negative, nothing minted or lost.
    const taken = codes(world, commits);
    expect(taken.filter((code) => code === null)).toHaveLength(2);
    expect(taken.filter((code) => code === "FUNDS_TOO_LOW")).toHaveLength(98);
    expect(world.ledger.accountOf(agent("poor"))!.locks.size).toBe(2);
    expect(world.free("poor")).toBe(SPARE / 2n + FEE);
  });

  it("scenario 37: a race of a commit with a payment of the same money is won by the first of the entry, whichever it is", () => {
    for (const first of ["commit", "pay"] as const) {
      const { world, ids } = hundred();
      const pay = { kind: "transfer", to: agent("sue"), amount: world.free("poor") - SPARE } as const;
      const commits = [0, 1].map((i) => world.op("poor", world.commit(ids[i]!, "poor", 50n, SPARE), i));
      const payment = world.op("poor", pay);
      const order = first === "commit" ? [...commits, payment] : [payment, ...commits];
      const outcome = codes(world, order);
      const applied =
        first === "commit" ? [null, null, "FUNDS_TOO_LOW"] : [null, "FUNDS_TOO_LOW", "FUNDS_TOO_LOW"];
      expect(outcome).toEqual(applied);
    }
  });
});

describe("scenario 67: a hidden reserve", () => {
  const BOND = LOCKUP;

  function hidden(reserve: bigint, terms: Partial<AuctionTerms> = {}): { world: World; id: AuctionId } {
    const world = new World({ names: ["sue", "ann", "bob", "shill"] });
    const id = world.nextAuctionId("sue");
    const reserveHash = hiddenReserveHash(world.ledger.network, id, reserve, salt("sue"));
    expect(world.create("sue", { reserveHash, bond: BOND, reserve: 10n, ...terms })).toEqual(id);
    return { world, id };
  }
  const bids = { ann: 300n, bob: 200n, shill: 150n };

  for (const revealsShill of [true, false]) {
    it(`scenario 67: never opened: the public reserve applies, the bond burns, a shill that ${revealsShill ? "reveals" : "withholds"} has no share in it`, () => {
      const { world, id } = hidden(250n);
      for (const [name, amount] of Object.entries(bids)) {
        world.entry([world.op(name, world.commit(id, name, amount, LOCKUP))]);
      }
      world.until(id, "reveal");
      const shown = Object.entries(bids).filter(([name]) => name !== "shill" || revealsShill);
      world.entry(shown.map(([name, amount]) => world.reveal(id, name, amount)));
      world.until(id, "done");
      const forfeit = revealsShill ? 0n : LOCKUP;
      expect(auctionOf(world.ledger, id)!.phase).toMatchObject({
        clearingPrice: 200n,
        burned: BOND + forfeit,
      });
      expect(commitOf(world.ledger, id, agent("ann"))?.award?.pays).toBe(200n);
      expect(world.free("sue")).toBe(FUNDS - FEE - DEPOSIT + 200n - BOND);
      expect(world.free("shill")).toBe(FUNDS - FEE - forfeit);
      expect(world.free("bob")).toBe(FUNDS - FEE);
      expect(world.ledger.one(TOTALS).burned).toBe(4n * FEE + BOND + forfeit);
    });
  }

  it("scenario 67: no valid bid and never opened: the bond burns all the same, and revealed lockups return", () => {
    const { world, id } = hidden(250n, { reserve: 400n });
    world.entry([world.op("ann", world.commit(id, "ann", 300n, LOCKUP))]);
    world.until(id, "reveal");
    world.entry([world.reveal(id, "ann", 300n)]);
    world.until(id, "unsold");
    expect([world.free("sue"), world.free("ann")]).toEqual([FUNDS - FEE - DEPOSIT - BOND, FUNDS - FEE]);
  });

  it("scenario 67: opened, it is the reserve, and the bond returns", () => {
    const { world, id } = hidden(250n);
    world.entry([world.op("ann", world.commit(id, "ann", 300n, LOCKUP))]);
    world.until(id, "reveal");
    const { network } = world.ledger;
    const open = selfProving(network, { kind: "openReserve", auction: id, reserve: 250n, salt: salt("sue") });
    expect(codes(world, [world.reveal(id, "ann", 300n), open])).toEqual([null, null]);
    world.until(id, "done");
    expect(world.free("sue")).toBe(FUNDS - FEE - DEPOSIT + 250n);
  });

  it("scenario 67: without a hash there is nothing to open and nothing to burn", () => {
    const world = new World({ names: ["sue"] });
    world.entry([world.op("sue", offer({ bond: BOND }))]);
    const id = [...world.ledger.table(AUCTIONS).values()][0]!.id;
    world.until(id, "unsold");
    expect(world.free("sue")).toBe(FUNDS - FEE - DEPOSIT);
  });
});
