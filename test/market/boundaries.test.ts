// Boundaries: each comparison on which peers must agree, asked one below its value, at it, and one above.
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/base/index.js";
import {
  CRITICAL_OPS,
  type LockName,
  lockKey,
  MAX_COMMITS,
  MAX_EXTENSIONS,
  MAX_LOCKS,
  MAX_UNFINISHED_PER_CREATOR,
  NONCE_WINDOW,
  outageMs,
  ROOM_FEE_STEPS,
} from "../../src/ledger/index.js";
import {
  AUCTIONS,
  type Auction,
  type AuctionId,
  type AuctionTerms,
  auctionOf,
  CONGESTION,
  check,
  commitOf,
  hiddenReserveHash,
  judgeAdmission,
  type Operation,
  packEntry,
  STANDINGS,
  selfProving,
  settlementOf,
} from "../../src/market/index.js";
import { agent, DEPOSIT, FEE, judgeEvidence, offer, RATED, salt, unseen, vickrey, World } from "./world.js";

/** What is found one below, at, and one above. */
type Three = readonly [below: unknown, at: unknown, above: unknown];
type Row = readonly [rule: string, found: Three, of: (d: number) => unknown];

function table(rows: readonly Row[]): void {
  it.each(rows)("%s", (_, found, of) => expect([-1, 0, 1].map(of)).toEqual(found));
}

const MARKET = ["sue", "ann", "bob", "cid", "dan"];
const market = (): World => new World({ names: MARKET });

/** The code with which an operation would be refused in the next entry, or null. */
function refusal(world: World, op: Operation): string | null {
  return check(world.ledger, op, { ...world.next(), judgeEvidence })?.code ?? null;
}

const accountOf = (world: World, name: string) => world.ledger.accountOf(agent(name))!;

function fillLocks(world: World, name: string, count: number): void {
  for (let i = 0; i < count; i++) {
    const reason = i % 2 === 0 ? "bid" : "bond";
    addLock(world, name, { id: salt(`lock ${Math.floor(i / 2)}`), reason });
  }
}

function addLock(world: World, name: string, lock: LockName): void {
  const { locks } = unseen(accountOf(world, name));
  locks.set(lockKey(lock), { ...lock, fromFree: 0n, fromStake: 0n });
}

describe("an offer", () => {
  const offered = (terms: (world: World) => Partial<AuctionTerms>): string | null => {
    const world = market();
    return refusal(world, world.op("sue", offer(terms(world))));
  };
  const { params } = market().ledger;
  const lot = (toMs: number) => ({ capability: "x", units: 1, fromMs: null, toMs });
  const windows = 1000 + 1200 + params.lotSlackMs;
  table([
    [
      "opens at most maxScheduleMs ahead of its entry",
      [null, null, "OPENS_TOO_LATE"],
      (d) => offered((w) => ({ openMs: w.next().timeMs + params.maxScheduleMs + d })),
    ],
    [
      "commitMs ≥ minCommitMs",
      ["WINDOW_OUT_OF_RANGE", null, null],
      (d) => offered(() => ({ commitMs: params.minCommitMs + d })),
    ],
    [
      "commitMs ≤ maxCommitMs",
      [null, null, "WINDOW_OUT_OF_RANGE"],
      (d) => offered(() => ({ commitMs: params.maxCommitMs + d })),
    ],
    [
      "revealMs ≥ minRevealMs",
      ["WINDOW_OUT_OF_RANGE", null, null],
      (d) => offered(() => ({ revealMs: params.minRevealMs + d })),
    ],
    [
      "revealMs ≤ maxRevealMs",
      [null, null, "WINDOW_OUT_OF_RANGE"],
      (d) => offered(() => ({ revealMs: params.maxRevealMs + d })),
    ],
    [
      "a lot lasts lotSlackMs beyond the windows from its entry",
      ["LOT_LAPSES_BEFORE_CLOSE", null, null],
      (d) => offered((w) => ({ lot: lot(w.next().timeMs + windows + d) })),
    ],
    [
      "a lot lasts lotSlackMs beyond the windows from its opening",
      ["LOT_LAPSES_BEFORE_CLOSE", null, null],
      (d) => offered((w) => ({ openMs: w.timeMs + 9000, lot: lot(w.timeMs + 9000 + windows + d) })),
    ],
    [
      "the highest lockup reaches the reserve",
      ["LOCKUP_BELOW_RESERVE", null, null],
      (d) => offered(() => ({ reserve: 500n, lockups: [9n, 500n + BigInt(d)] })),
    ],
    [
      "a hidden reserve's bond is the highest lockup",
      ["BOND_TOO_SMALL", null, null],
      (d) => offered(() => ({ lockups: [9n, 1000n], reserveHash: salt("r"), bond: 1000n + BigInt(d) })),
    ],
    [
      "the bond, the deposit and the fee are free",
      [null, null, "FUNDS_TOO_LOW"],
      (d) =>
        offered((w) => {
          w.ledger.put(STANDINGS, agent("sue"), RATED);
          return { bond: w.free("sue") - FEE - DEPOSIT + BigInt(d) };
        }),
    ],
    [
      "the bond is lockable: a newcomer's is four fifths of what it owns",
      [null, null, "LOCKABLE_TOO_LOW"],
      (d) => offered((w) => ({ bond: (w.free("sue") * 4n) / 5n + BigInt(d) })),
    ],
    [
      "a seller has at most 256 auctions that have not ended",
      [null, "TOO_MANY_AUCTIONS", "TOO_MANY_AUCTIONS"],
      (d) =>
        offered((w) => {
          const { unfinished } = w.ledger.table(AUCTIONS).index;
          const mine = { phase: { kind: "scheduled" }, creator: agent("sue") } as Auction;
          for (let i = 0; i < MAX_UNFINISHED_PER_CREATOR + d; i++) unfinished.set(`auction ${i}`, mine);
          return {};
        }),
    ],
    [
      "a bond is one of at most 256 locks",
      [null, "TOO_MANY_LOCKS", "TOO_MANY_LOCKS"],
      (d) =>
        offered((w) => {
          fillLocks(w, "sue", MAX_LOCKS + d);
          return { bond: 1n };
        }),
    ],
  ]);
});

describe("a bid", () => {
  /** An open auction with a bid of ann's, and what the next entry would say of an operation. */
  const asked = (ask: (world: World, id: AuctionId) => Operation): string | null => {
    const world = market();
    const id = world.create("sue", { lockups: [1000n, 3000n] });
    world.entry([world.op("ann", world.commit(id, "ann", 500n, 1000n))]);
    return refusal(world, ask(world, id));
  };
  const HALF = Math.floor(MAX_COMMITS / 2);
  const SLOT = market().ledger.params.revealCapacity;
  /** What becomes of bob's bid in an auction with so many commits, beside another's in the same slot. */
  const priced = (commits: number, fee: bigint, beside = 0): string | null => {
    const world = market();
    const id = world.create("sue", { lockups: [1000n], commitMs: 2000 });
    const other = world.create("dan", { lockups: [1000n], commitMs: 2000 });
    world.entry();
    for (const [one, count] of [[id, commits] as const, [other, beside] as const]) {
      world.ledger.change(AUCTIONS, one, (auction) => {
        auction.commits = count;
      });
    }
    return refusal(world, world.op("bob", world.commit(id, "bob", 500n, 1000n), 0, fee));
  };
  const revealed = (amount: bigint): string | null => {
    const world = market();
    const id = world.create("sue");
    world.entry([world.op("ann", world.commit(id, "ann", amount, 1000n))]);
    world.until(id, "reveal");
    return refusal(world, world.reveal(id, "ann", amount));
  };
  const opened = (reserve: bigint): string | null => {
    const world = market();
    const id = world.nextAuctionId("sue");
    const { network } = world.ledger;
    const reserveHash = hiddenReserveHash(network, id, reserve, salt("sue"));
    world.create("sue", { reserve: 500n, lockups: [9n, 1000n], bond: 1000n, reserveHash });
    world.until(id, "reveal");
    return refusal(
      world,
      selfProving(network, { kind: "openReserve", auction: id, reserve, salt: salt("sue") }),
    );
  };
  table([
    [
      "its lockup and fee are free",
      ["FUNDS_TOO_LOW", null, null],
      (d) =>
        asked((w, id) => {
          unseen(accountOf(w, "bob")).free = 1000n + FEE + BigInt(d);
          return w.op("bob", w.commit(id, "bob", 500n, 1000n));
        }),
    ],
    [
      "what it replaces counts as free",
      ["FUNDS_TOO_LOW", null, null],
      (d) =>
        asked((w, id) => {
          unseen(accountOf(w, "ann")).free = 2000n + FEE + BigInt(d);
          return w.op("ann", w.commit(id, "ann", 500n, 3000n));
        }),
    ],
    [
      "its lockup is one of at most 256 locks",
      [null, "TOO_MANY_LOCKS", "TOO_MANY_LOCKS"],
      (d) =>
        asked((w, id) => {
          fillLocks(w, "bob", MAX_LOCKS + d);
          return w.op("bob", w.commit(id, "bob", 500n, 1000n));
        }),
    ],
    [
      "a bond under its auction's id is one of these, and is not what it replaces",
      [null, "TOO_MANY_LOCKS", "TOO_MANY_LOCKS"],
      (d) =>
        asked((w, id) => {
          addLock(w, "bob", { id, reason: "bond" });
          fillLocks(w, "bob", MAX_LOCKS - 1 + d);
          return w.op("bob", w.commit(id, "bob", 500n, 1000n));
        }),
    ],
    [
      "one that replaces another needs no further lock",
      [null, null, null],
      (d) =>
        asked((w, id) => {
          fillLocks(w, "ann", MAX_LOCKS - 1 + d);
          return w.op("ann", w.commit(id, "ann", 500n, 1000n));
        }),
    ],
    [
      "past half of its auction's room its fee is twice the least",
      ["REVEAL_ROOM_FEE_TOO_LOW", null, null],
      (d) => priced(HALF, 2n * FEE + BigInt(d)),
    ],
    [
      "up to half the least fee is enough",
      [null, "REVEAL_ROOM_FEE_TOO_LOW", "REVEAL_ROOM_FEE_TOO_LOW"],
      (d) => priced(HALF + d, FEE),
    ],
    [
      "a sixteenth beyond half its fee is four times the least",
      [null, "REVEAL_ROOM_FEE_TOO_LOW", "REVEAL_ROOM_FEE_TOO_LOW"],
      (d) => priced(HALF + Math.ceil(MAX_COMMITS / ROOM_FEE_STEPS) + d, 2n * FEE),
    ],
    [
      "in the last sixteenth its fee is 256 times the least, and no more",
      ["REVEAL_ROOM_FEE_TOO_LOW", null, null],
      (d) => priced(MAX_COMMITS - 1, 256n * FEE + BigInt(d)),
    ],
    [
      "half of its slot's room costs the least fee",
      [null, "REVEAL_ROOM_FEE_TOO_LOW", "REVEAL_ROOM_FEE_TOO_LOW"],
      (d) => priced(1, FEE, SLOT / 2 - 1 + d),
    ],
    [
      "a slot takes as many as it has room for",
      [null, "REVEAL_CAPACITY_EXCEEDED", "REVEAL_CAPACITY_EXCEEDED"],
      (d) => priced(1, 256n * FEE, SLOT - 1 + d),
    ],
    ["is at most its lockup", [null, null, "BID_ABOVE_LOCKUP"], (d) => revealed(1000n + BigInt(d))],
    [
      "a reserve that is opened reaches the public one",
      ["RESERVE_BELOW_PUBLIC", null, null],
      (d) => opened(500n + BigInt(d)),
    ],
    [
      "a reserve that is opened can be bid",
      [null, null, "RESERVE_ABOVE_LOCKUP"],
      (d) => opened(1000n + BigInt(d)),
    ],
  ]);
});

describe("an outcome", () => {
  const bid = (name: string, amount: bigint) => ({
    bidder: agent(name),
    amount,
    units: null,
    standing: 5_000,
    salt: salt(name),
  });
  const winnerOf = (reserve: bigint, ...amounts: bigint[]): string => {
    const { winner, price } = vickrey(
      salt("id"),
      reserve,
      amounts.map((one, i) => bid(`b${i}`, one)),
    );
    const index = winner === null ? -1 : amounts.findIndex((_, i) => toHex(agent(`b${i}`)) === toHex(winner));
    return `${index < 0 ? "nobody" : `b${index}`} for ${price}`;
  };
  const lapsing = (toMs: number): string => {
    const terms = offer({ lot: { capability: "x", units: 1, fromMs: null, toMs } });
    const commit = {
      bidder: agent("b"),
      lockup: 1000n,
      standing: null,
      opening: { bid: { amount: 70n, units: null }, salt: salt("b") },
    };
    const { outcome, depositBurned } = settlementOf(
      { id: salt("id"), terms, openedReserve: null },
      [commit],
      5000,
      DEPOSIT,
      { lienBp: 0 },
    );
    return `${outcome}${depositBurned === DEPOSIT ? ", the deposit burns" : ""}`;
  };
  table([
    [
      "a bid reaches the reserve",
      ["nobody for 0", "b0 for 50", "b0 for 50"],
      (d) => winnerOf(50n, 50n + BigInt(d)),
    ],
    [
      "the second bid is the price from the reserve on",
      ["b0 for 50", "b0 for 50", "b0 for 51"],
      (d) => winnerOf(50n, 90n, 50n + BigInt(d)),
    ],
    [
      "the higher bid wins, and equals pay their amount",
      ["b0 for 49", "b1 for 50", "b1 for 50"],
      (d) => winnerOf(0n, 50n, 50n + BigInt(d)),
    ],
    [
      "a lot has lapsed if it ends when REVEAL is due",
      ["void, the deposit burns", "void, the deposit burns", "done"],
      (d) => lapsing(5000 + d),
    ],
  ]);
});

describe("a phase", () => {
  const watch = { openedAt: 1, openedMs: 0, epoch: 0, outagesMs: 0, plannedMs: 0 } as const;

  /** A world at height 3 or 4 with an auction in a phase of the test's choice; four seats, so F = 1. */
  function placed(make: (world: World, auction: Auction) => Auction["phase"]): {
    world: World;
    id: AuctionId;
  } {
    const world = market();
    const id = world.create("sue");
    world.entry();
    world.entry();
    const auction = auctionOf(world.ledger, id)!;
    world.ledger.change(AUCTIONS, id, (one) => {
      one.phase = make(world, auction);
    });
    return { world, id };
  }
  const phaseAfter = (
    { world, id }: { world: World; id: AuctionId },
    options: Parameters<World["entry"]>[1] = {},
  ) => {
    world.entry([], options);
    return auctionOf(world.ledger, id)!.phase;
  };
  /** OPEN, whose close is `byMs` after the next entry; leaders 0 and 1 have known it. */
  const open = (byMs: number, more: object = {}) =>
    placed((w) => ({
      kind: "open",
      ...watch,
      leaders: [0, 1],
      closeMs: w.next().timeMs + byMs,
      extensions: 0,
      ...more,
    }));
  /** The same of REVEAL; ann's commit is not revealed, or it would end at once. */
  const reveal = (byMs: number | null, more: object = {}) =>
    placed((w, { id }) => {
      w.entry([w.op("ann", w.commit(id, "ann", 500n, 1000n))]);
      const closeMs = byMs === null ? null : w.next().timeMs + byMs;
      return { kind: "reveal", ...watch, leaders: [0, 1], closeMs, ...more };
    });
  const kindAfter = (...of: Parameters<typeof phaseAfter>): string => phaseAfter(...of).kind;
  const leadersAfter = (...of: Parameters<typeof phaseAfter>): unknown => {
    const phase = phaseAfter(...of);
    return "leaders" in phase ? phase.leaders : phase.kind;
  };
  const LEADERS = [[], [0], [0, 1], [0, 1, 2]];
  /** F more or less. */
  const leadersAround = (d: number): readonly number[] => LEADERS[1 + d]!;

  table([
    [
      "opens by ledger time",
      ["scheduled", "open", "open"],
      (d) => {
        const world = market();
        const id = world.create("sue", { openMs: world.timeMs + 900 });
        world.entry([], { afterMs: 850 + d });
        return world.phase(id);
      },
    ],
    ["OPEN closes by ledger time", ["reveal", "reveal", "open"], (d) => kindAfter(open(d))],
    ["REVEAL closes by ledger time", ["unsold", "unsold", "reveal"], (d) => kindAfter(reveal(d))],
    [
      "OPEN closes when more than F leaders have known it",
      ["open", "open", "reveal"],
      (d) => kindAfter(open(-9, { leaders: leadersAround(d) }), { leader: 0 }),
    ],
    [
      "a leader counts from the close on",
      [[0, 3], [0, 3], [0]],
      (d) => leadersAfter(open(d, { leaders: [0] }), { leader: 3 }),
    ],
    [
      "REVEAL's window begins with more than F leaders",
      [null, "set", "set"],
      (d) => {
        const phase = phaseAfter(reveal(null, { leaders: leadersAround(d) }), { leader: d === 1 ? 2 : 3 });
        return (
          phase.kind === "reveal" && (phase.closeMs === null && phase.leaders.length <= 1 ? null : "set")
        );
      },
    ],
    [
      "no more than F + 1 leaders are counted",
      [[3], [0, 3], [0, 1]],
      // A full lane keeps OPEN from closing, so that it can be asked.
      (d) => {
        const at = open(-9, { leaders: leadersAround(d) });
        at.world.congest({ fullRun: 9 });
        return leadersAfter(at, { leader: 3 });
      },
    ],
    [
      "a leader knew the phase that it had executed the opening of",
      [[0], [0, 3], [0, 3]],
      (d) => leadersAfter(open(-9, { leaders: [0], openedAt: 3 }), { leader: 3, execHeight: 3 + d }),
    ],
    [
      "a leader that executed no more than its parent attests nothing",
      [[0], [0], [0, 3]],
      (d) => {
        const at = open(-9, { leaders: [0] });
        return leadersAfter(at, { leader: 3, execHeight: at.world.execHeight + d });
      },
    ],
    [
      "leaders of another epoch do not count",
      ["open", "reveal", "open"],
      (d) => {
        const at = open(-9, { epoch: 1 });
        return kindAfter(at, { epoch: 1 + d });
      },
    ],
    [
      "a lane that was full for more than F entries keeps OPEN open",
      ["reveal", "reveal", "open"],
      (d) => {
        const at = open(-9);
        at.world.congest({ fullRun: 1 + d });
        return kindAfter(at);
      },
    ],
    [
      "reveals that filled a lane within the last F + 1 entries keep REVEAL open",
      ["reveal", "reveal", "unsold"],
      (d) => {
        const at = reveal(-9);
        at.world.congest({ revealsFullAt: at.world.next().height - (2 + d) });
        return kindAfter(at);
      },
    ],
    [
      "a gap beyond an outage's moves the close by it",
      [0, 0, 1],
      (d) => {
        const at = open(-9);
        const gapMs = outageMs(at.world.ledger.params) + d;
        // Without an outage it closes: 50 ms of the gap were due already.
        const phase = phaseAfter(at, { afterMs: gapMs });
        return phase.kind === "open" && at.world.ledger.clock.outagesMs === gapMs ? 1 : 0;
      },
    ],
  ]);

  it.each([
    [MAX_EXTENSIONS - 1, "open"],
    [MAX_EXTENSIONS, "reveal"],
  ] as const)("a full lane extends OPEN at most eight times: %d", (extensions, kind) => {
    const at = open(-9, { extensions });
    at.world.congest({ fullRun: 9 });
    expect(kindAfter(at)).toBe(kind);
  });

  it("reveals that never filled a lane keep nothing open, in the first entries either", () => {
    const world = market();
    const id = world.create("sue");
    world.ledger.change(AUCTIONS, id, (auction) => {
      auction.phase = { kind: "reveal", ...watch, leaders: [0, 1], closeMs: world.timeMs };
    });
    expect(world.next().height).toBe(2);
    expect(kindAfter({ world, id })).toBe("unsold");
  });

  it("reveals that filled a lane keep nothing open in which everything is shown", () => {
    const at = reveal(9);
    const { world, id } = at;
    world.ledger.change(AUCTIONS, id, (auction) => {
      auction.reveals = auction.commits;
    });
    world.congest({ revealsFullAt: world.height });
    expect(kindAfter(at)).not.toBe("reveal");
  });

  it("a lane is full from 950 critical operations on", () => {
    const runAfter = (count: number): number => {
      const world = market();
      const op = world.op("ann", world.commit(salt("none"), "ann", 1n, 1n), 1);
      world.entry(Array.from({ length: count }, () => op));
      return world.ledger.one(CONGESTION).fullRun;
    };
    expect([-1, 0, 1].map((d) => runAfter(CRITICAL_OPS * 0.95 + d))).toEqual([0, 1, 1]);
  });

  it("an entry is full of openings from 950 on, whether they show bids or a reserve", () => {
    const bidders = Array.from({ length: CRITICAL_OPS }, (_, i) => `b${i}`);
    const world = new World({ names: ["sue", ...bidders] });
    const id = world.nextAuctionId("sue");
    const { network } = world.ledger;
    const reserveHash = hiddenReserveHash(network, id, 500n, salt("sue"));
    world.create("sue", { commitMs: 5000, bond: 1000n, reserveHash });
    world.entry(bidders.map((name) => world.op(name, world.commit(id, name, 500n, 1000n))));
    const congestions = [-1, 0, 1].map((d) => {
      const shown = unseen(auctionOf(world.ledger, id)!);
      shown.openedReserve = null;
      shown.phase = {
        kind: "reveal",
        openedAt: 2,
        openedMs: 0,
        epoch: 0,
        leaders: [],
        outagesMs: 0,
        closeMs: null,
        plannedMs: 0,
      };
      const count = CRITICAL_OPS * 0.95 + d - 1;
      for (const name of bidders) unseen(commitOf(world.ledger, id, agent(name))!).opening = null;
      shown.reveals = 0;
      const opened = selfProving(network, {
        kind: "openReserve",
        auction: id,
        reserve: 500n,
        salt: salt("sue"),
      });
      world.congest({ revealsFullAt: 0 });
      world.entry([opened, ...bidders.slice(0, count).map((name) => world.reveal(id, name, 500n))]);
      return world.ledger.one(CONGESTION).revealsFullAt === world.height;
    });
    expect(congestions).toEqual([false, true, true]);
  });
});

describe("an entry", () => {
  interface Asked {
    readonly timeMs?: number;
    readonly maxOps?: number;
    readonly maxBytes?: number;
  }
  /** How many of the operations, each of 300 bytes, a leader includes. */
  const included = (world: World, ops: readonly Operation[], asked: Asked = {}): readonly Operation[] => {
    const { timeMs = world.timeMs + 1, maxOps = 2000, maxBytes = 1 << 20 } = asked;
    const limits = { timeMs, executedMs: timeMs, maxOps, maxBytes, inFlight: [], judgeEvidence };
    return packEntry(
      ops.map((operation) => ({ operation, size: 300 })),
      world.ledger,
      limits,
    ).map(({ operation }) => operation);
  };
  const transfer = { kind: "transfer", to: agent("sue"), amount: 1n } as const;
  const flood = (world: World) => Array.from({ length: 20 }, (_, i) => world.op("ann", transfer, i));
  const four = (world: World) => ["ann", "bob", "cid", "dan"].map((name) => world.op(name, transfer));
  const order = (world: World, ops: readonly Operation[]) =>
    included(world, ops).map((op) => ops.indexOf(op));

  table([
    [
      "an account has a sixteenth of a lane's operations",
      [9, 10, 10],
      (d) => {
        const w = market();
        return included(w, flood(w), { maxOps: 2 * (160 + d) }).length;
      },
    ],
    [
      "an account has a sixteenth of a lane's bytes",
      [1, 2, 2],
      (d) => {
        const w = market();
        return included(w, flood(w), { maxBytes: 2 * (16 * 600 + d) }).length;
      },
    ],
    [
      "an entry has its operations",
      [3, 4, 4],
      (d) => {
        const w = market();
        return included(w, four(w), { maxOps: 4 + d }).length;
      },
    ],
    [
      "an entry has its bytes",
      [3, 4, 4],
      (d) => {
        const w = market();
        return included(w, four(w), { maxBytes: 1200 + d }).length;
      },
    ],
    [
      "includes whom the fee is free",
      [0, 1, 1],
      (d) => {
        const w = market();
        unseen(accountOf(w, "ann")).free = FEE + BigInt(d);
        return included(w, [w.op("ann", transfer)]).length;
      },
    ],
    [
      "includes a bid from its auction's opening on",
      [0, 1, 1],
      (d) => {
        const w = market();
        const openMs = w.timeMs + 900;
        const id = w.create("sue", { openMs });
        return included(w, [w.op("ann", w.commit(id, "ann", 5n, 1000n))], { timeMs: openMs + d }).length;
      },
    ],
    [
      "includes an account's next nonce",
      [0, 1, 0],
      (d) => {
        const w = market();
        w.entry([w.op("ann", transfer)]);
        return included(w, [w.op("ann", transfer, d)]).length;
      },
    ],
    [
      "a fee of twice the least is of a higher class",
      [
        [0, 1],
        [1, 0],
        [1, 0],
      ],
      (d) => {
        const w = market();
        return order(w, [w.op("bob", transfer), w.op("ann", transfer, 0, 2n * FEE + BigInt(d))]);
      },
    ],
    [
      "a reveal stands before a commit while its window closes within a slot of the entry",
      [
        [0, 1],
        [0, 1],
        [1, 0],
      ],
      (d) => {
        const w = market();
        const [own, other] = ["sue", "dan"].map((creator) => w.create(creator, { commitMs: 5000 })) as [
          AuctionId,
          AuctionId,
        ];
        w.entry([w.op("ann", w.commit(own, "ann", 500n, 1000n))]);
        const since = { openedAt: 2, openedMs: 0, epoch: 0, leaders: [], outagesMs: 0, plannedMs: 0 };
        const closeMs = w.timeMs + 1 + w.ledger.params.revealSlotMs + d;
        w.ledger.change(AUCTIONS, own, (auction) => {
          auction.phase = { kind: "reveal", ...since, closeMs };
        });
        return order(w, [w.reveal(own, "ann", 500n), w.op("bob", w.commit(other, "bob", 500n, 1000n))]);
      },
    ],
    [
      "of reveals, those whose window closes sooner come first, and equals as they were seen",
      [
        [1, 0],
        [0, 1],
        [0, 1],
      ],
      (d) => {
        const w = market();
        const ids = ["sue", "dan"].map((creator) => w.create(creator, { commitMs: 5000 }));
        w.entry(ids.map((id, i) => w.op("ann", w.commit(id, "ann", 500n, 1000n), i)));
        ids.forEach((id, i) => {
          const closeMs = w.timeMs + 900 + i * d;
          const since = { openedAt: 2, openedMs: 0, epoch: 0, leaders: [], outagesMs: 0, plannedMs: 0 };
          w.ledger.change(AUCTIONS, id, (auction) => {
            auction.phase = { kind: "reveal", ...since, closeMs };
          });
        });
        return order(
          w,
          ids.map((id) => w.reveal(id, "ann", 500n)),
        );
      },
    ],
  ]);
});

describe("admission", () => {
  const judged = (nonce: number, free: bigint): string => {
    const world = market();
    const account = unseen(accountOf(world, "ann"));
    account.nonces = { ...account.nonces, bulk: 5 };
    account.free = free;
    const transfer = { kind: "transfer", to: agent("sue"), amount: 1n } as const;
    const { ledger, timeMs } = world;
    return judgeAdmission(ledger, world.op("ann", transfer, nonce - 5), timeMs, judgeEvidence).kind;
  };
  table([
    ["ignores a nonce that is used up", ["ignore", "accept", "accept"], (d) => judged(5 + d, FEE)],
    [
      "keeps for later what is beyond the window of nonces",
      ["accept", "later", "later"],
      (d) => judged(5 + NONCE_WINDOW + d, FEE),
    ],
    [
      "keeps for later whose fee is not free",
      ["later", "accept", "accept"],
      (d) => judged(5, FEE + BigInt(d)),
    ],
  ]);
});
