// Vectors of an auction's course: tables of entries with the phase that each leaves, and what the end means for money.
import { describe, expect, it } from "vitest";
import { LOCAL_TESTNET_PARAMS } from "../../src/ledger/index.js";
import {
  type AuctionId,
  type AuctionTerms,
  auctionOf,
  CONGESTION,
  depositOf,
  hiddenReserveHash,
  type Operation,
  type Phase,
  selfProving,
  settlementOf,
} from "../../src/market/index.js";
import { congestionAfter } from "../../src/market/packing/congestion.js";
import { plain, vectors } from "../vectors.js";
import { agent, type EntryOptions, offer, START_MS, salt, World } from "./world.js";

interface Step extends EntryOptions {
  /** operations of the critical lane in the entry, and applied reveals of all auctions */
  readonly critical?: number;
  readonly reveals?: number;
  readonly ops?: (world: World, auction: AuctionId) => readonly Operation[];
}

interface Course {
  readonly name: string;
  readonly seats?: number;
  readonly terms?: (world: World, auction: AuctionId) => Partial<AuctionTerms>;
  /** those after the entry that creates the auction */
  readonly steps: readonly Step[];
}

const AMOUNTS: Readonly<Record<string, bigint>> = { ann: 500n, bob: 300n };
const bids = (...names: readonly string[]): Step => ({
  ops: (world, auction) =>
    names.map((name) => world.op(name, world.commit(auction, name, AMOUNTS[name]!, 1000n))),
});
const shows = (...names: readonly string[]): Step => ({
  ops: (world, auction) => names.map((name) => world.reveal(auction, name, AMOUNTS[name]!)),
});
const opensReserve: Step = {
  ops: ({ ledger: { network } }, auction) => [
    selfProving(network, { kind: "openReserve", auction, reserve: 400n, salt: salt("reserve") }),
  ],
};
const hides: Course["terms"] = ({ ledger: { network } }, auction) => ({
  reserveHash: hiddenReserveHash(network, auction, 400n, salt("reserve")),
  bond: 1000n,
});
const led = (leader: number, more: Step = {}): Step => ({ leader, ...more });
const after = (afterMs: number, more: Step = {}): Step => ({ afterMs, ...more });
const times = (count: number, step: Step): readonly Step[] => Array<Step>(count).fill(step);

/** Beyond max(10 · idleMs, 20 · deltaMs) = 8000 ms. */
const OUTAGE_MS = 9000;
/** OPEN with two commits, then its close has come and one leader has seen it. */
const BID: readonly Step[] = [bids("ann", "bob"), after(1000, led(0))];
/** The same, with the second leader after the close; then the entry that enters REVEAL, whose leader knows nothing yet. */
const CLOSED: readonly Step[] = [...BID, led(1), led(2)];
/** Two leaders that knew REVEAL: its window runs. */
const RUNNING: readonly Step[] = [...CLOSED, led(3), led(0)];

const COURSES: readonly Course[] = [
  { name: "every bid is shown: REVEAL ends at once", steps: [...RUNNING, shows("ann", "bob"), {}] },
  {
    name: "every bid is shown before the window runs: REVEAL ends when two leaders have known it",
    steps: [...CLOSED, { ...shows("ann", "bob"), leader: 3 }, led(0), led(1)],
  },
  {
    name: "a bid is withheld: REVEAL runs out, and two leaders know that",
    steps: [...RUNNING, shows("ann"), after(1149, led(1)), after(1, led(2)), led(2), led(3), led(0)],
  },
  { name: "nobody bids", steps: [{}, after(1000, led(0)), led(1), led(2), led(3), led(0), led(1)] },
  {
    name: "it is announced for later",
    terms: () => ({ openMs: START_MS + 1000 }),
    steps: [after(900), after(49), after(1), bids("ann"), after(949), after(1), led(3), led(0)],
  },
  {
    name: "it was to open in the past",
    terms: () => ({ openMs: START_MS - 5000 }),
    steps: [{}, bids("ann")],
  },
  {
    name: "a leader counts once, and only if its header shows that it knew the phase and more than its parent",
    steps: [
      ...CLOSED,
      led(0, { execHeight: 4 }),
      led(1, { execHeight: 5 }),
      led(2, { execHeight: 5 }),
      led(1, { execHeight: 6 }),
      led(2, { execHeight: 7 }),
    ],
  },
  {
    name: "leaders before a finite close do not count",
    steps: [
      bids("ann"),
      led(0),
      led(1),
      led(2),
      after(700, led(0)),
      after(50, led(1)),
      after(50, led(2)),
      led(3),
      led(0),
    ],
  },
  {
    name: "another epoch forgets the leaders, and keeps a close",
    steps: [
      ...BID,
      led(1, { epoch: 1 }),
      led(2, { epoch: 1 }),
      led(3, { epoch: 1 }),
      led(0, { epoch: 1 }),
      led(1, { epoch: 2 }),
      led(2, { epoch: 2 }),
    ],
  },
  {
    name: "a hidden reserve holds REVEAL open until it is shown",
    terms: hides,
    steps: [...RUNNING, shows("ann", "bob"), {}, opensReserve, {}],
  },
  {
    name: "a hidden reserve that nobody opens: REVEAL runs out",
    terms: hides,
    steps: [...RUNNING, shows("ann", "bob"), after(1200, led(1)), led(2), led(3)],
  },
  {
    name: "full lanes put off the close, eight times at most",
    steps: [
      bids("ann"),
      led(3, { afterMs: 900, critical: 950 }),
      led(0, { afterMs: 50, critical: 1000 }),
      led(1, { critical: 950 }),
      ...times(5, led(2, { critical: 950 })),
      ...times(5, led(3, { critical: 950 })),
    ],
  },
  {
    name: "one full lane less than needed, then one too few operations, put off nothing",
    steps: [
      bids("ann"),
      led(3, { critical: 950 }),
      led(0, { afterMs: 1000, critical: 949 }),
      led(1, { critical: 950 }),
      led(2, { critical: 950 }),
    ],
  },
  {
    name: "lanes full of reveals hold REVEAL open",
    steps: [
      ...RUNNING,
      shows("ann"),
      after(1200, led(1)),
      led(2, { critical: 950, reveals: 950 }),
      ...times(3, {}),
    ],
  },
  {
    name: "lanes full of reveals hold no REVEAL in which every bid is shown",
    steps: [...RUNNING, { ...shows("ann", "bob"), critical: 950, reveals: 950 }, {}],
  },
  {
    name: "949 reveals hold nothing",
    steps: [...RUNNING, shows("ann"), after(1200, led(1)), led(2, { critical: 1000, reveals: 949 }), {}],
  },
  {
    name: "an outage moves a close that lies ahead",
    steps: [bids("ann"), after(OUTAGE_MS), after(700, led(0)), after(200, led(1)), led(2), led(3), led(0)],
  },
  {
    name: "a gap of exactly the limit is no outage",
    steps: [bids("ann"), after(8000, led(0)), led(1), led(2)],
  },
  {
    name: "an outage after the close moves nothing",
    steps: [...BID, after(OUTAGE_MS, led(1)), led(2)],
  },
  {
    name: "an outage while REVEAL's window runs",
    steps: [...RUNNING, shows("ann"), after(OUTAGE_MS, led(1)), after(1150, led(2)), led(3), led(0)],
  },
  {
    name: "four outages in a row, the fifth gap runs",
    terms: () => ({ commitMs: 20_000 }),
    steps: [bids("ann"), ...times(5, after(OUTAGE_MS)), after(7000), after(4000, led(0)), led(1), led(2)],
  },
  {
    name: "after 80 s of live time one more outage",
    terms: () => ({ commitMs: 200_000 }),
    steps: [
      bids("ann"),
      ...times(4, after(OUTAGE_MS)),
      ...times(10, after(8000)),
      after(OUTAGE_MS),
      after(OUTAGE_MS),
    ],
  },
  {
    name: "a lone seat tolerates nobody, and waits for one leader",
    seats: 1,
    steps: [
      { ...bids("ann"), leader: 0 },
      after(1000, led(0)),
      led(0),
      led(0),
      { ...shows("ann"), leader: 0 },
      led(0),
    ],
  },
  {
    name: "seven seats tolerate two, and wait for three leaders",
    seats: 7,
    steps: [
      ...BID,
      led(1),
      led(2),
      led(3),
      led(4),
      led(5),
      led(6),
      led(0),
      { ...shows("ann", "bob"), leader: 1 },
      led(2),
    ],
  },
  {
    name: "the lot has lapsed when REVEAL was due: void",
    terms: () => ({ lot: { capability: "gpu.a100", units: 1, fromMs: null, toMs: START_MS + 7300 } }),
    steps: [
      ...BID,
      after(5500, led(1)),
      led(2),
      led(3),
      led(0),
      shows("ann"),
      after(1200, led(1)),
      led(2),
      led(3),
    ],
  },
  {
    name: "the lot lapses only while REVEAL waits for its leaders: sold",
    terms: () => ({ lot: { capability: "gpu.a100", units: 1, fromMs: null, toMs: START_MS + 7300 } }),
    steps: [...RUNNING, shows("ann"), after(1200, led(1)), after(5000, led(2)), led(3)],
  },
];

/** How an ended phase looks here: what it means for money has vectors of its own. */
const courseOf = (phase: Phase): unknown => {
  if (!("endedMs" in phase)) return phase;
  const { kind, endedAt, endedMs, dueMs } = phase;
  return { kind, endedAt, endedMs, dueMs };
};

/** Lives through a course with the market's own rules. */
function lived({ name, seats = 4, terms, steps }: Course): unknown {
  const world = new World({ names: ["sue", "ann", "bob"], seats });
  const auction = world.nextAuctionId("sue");
  const chosen = terms?.(world, auction) ?? {};
  const { openMs, commitMs, revealMs, reserveHash, lot } = offer(chosen);
  const entries = [{ ops: () => [world.op("sue", offer(chosen))] }, ...steps].map((step: Step) => {
    const at = world.next(step);
    const before = { ...world.ledger.one(CONGESTION) };
    const ops = step.ops?.(world, auction) ?? [];
    const { receipts } = world.entry(ops, step);
    for (const [i, { code }] of receipts.entries())
      expect([name, at.height, i, code]).toEqual([name, at.height, i, null]);
    const { critical = 0, reveals = 0 } = step;
    world.congest(congestionAfter(before, at.height, critical, reveals));
    const { commits, reveals: shown, openedReserve, phase } = auctionOf(world.ledger, auction)!;
    const { height, timeMs, leader, epoch, execHeight } = at;
    return {
      ...{ height, timeMs, leader, epoch, execHeight, critical, reveals },
      auction: { commits, reveals: shown, reserveOpened: openedReserve !== null },
      phase: courseOf(phase),
      clock: { ...world.ledger.clock },
    };
  });
  return {
    name,
    genesisMs: START_MS,
    tolerance: world.tolerance,
    terms: { openMs, commitMs, revealMs, hidesReserve: reserveHash !== null, lotToMs: lot.toMs },
    entries,
  };
}

interface PhaseVectors {
  readonly courses: readonly {
    name: string;
    entries: readonly { phase: { kind: string; extensions?: number } }[];
  }[];
}

describe("phases.json", () => {
  const { idleMs, deltaMs } = LOCAL_TESTNET_PARAMS;
  const file = vectors<PhaseVectors>("phases", () => ({
    about:
      "Each course is one auction, created by the first entry, height 1, whose parent is genesis (execHeight 0). `critical`: operations of the critical lane in the entry; `reveals`: applied reveals of all auctions in it. `auction`, `phase`, `clock`: as they are after the entry; commits, reveals and reserveOpened are given, phase and clock follow.",
    params: { idleMs, deltaMs },
    courses: COURSES.map(lived),
  }));

  it("holds every phase and every way from one to the next", () => {
    const kinds = file.courses.map(({ entries }) => entries.map(({ phase }) => phase.kind));
    expect(new Set(kinds.flat())).toEqual(new Set(["scheduled", "open", "reveal", "done", "unsold", "void"]));
    const extensions = file.courses.flatMap(({ entries }) =>
      entries.map(({ phase }) => phase.extensions ?? 0),
    );
    expect(Math.max(...extensions)).toBe(8);
  });
});

interface Ended {
  readonly name: string;
  readonly terms?: Partial<AuctionTerms>;
  readonly openedReserve?: bigint;
  readonly dueMs?: number;
  /** by bidder: its amount, or null if it is not opened */
  readonly bids: readonly (bigint | null)[];
}

const hidden = { reserveHash: salt("hidden"), bond: 1000n };
const until = (toMs: number) => ({ lot: { capability: "gpu.a100", units: 1, fromMs: null, toMs } });

const ENDS: readonly Ended[] = [
  { name: "sold at the second price", bids: [500n, 300n] },
  { name: "sold at the reserve", bids: [500n] },
  { name: "sold at a tie", bids: [500n, 500n, 20n] },
  { name: "the highest bid is not opened: its lockup burns, and it sets no price", bids: [500n, null, 300n] },
  { name: "no bid is opened", bids: [null, null] },
  { name: "nobody bids", bids: [] },
  { name: "every bid is under the reserve, one is not opened", bids: [9n, 8n, null] },
  {
    name: "a hidden reserve is opened, and pays as the second price",
    terms: hidden,
    openedReserve: 400n,
    bids: [500n, 300n],
  },
  {
    name: "a hidden reserve is opened, and no bid reaches it",
    terms: hidden,
    openedReserve: 600n,
    bids: [500n, 300n],
  },
  {
    name: "a hidden reserve is not opened: the bond burns, the public one applies",
    terms: hidden,
    bids: [500n],
  },
  { name: "a hidden reserve is not opened, and nobody bids", terms: hidden, bids: [] },
  { name: "a bond without a hidden reserve returns", terms: { bond: 700n }, bids: [null] },
  {
    name: "void: the lot ends when REVEAL was due; the deposit burns",
    terms: until(5000),
    dueMs: 5000,
    bids: [500n, null],
  },
  { name: "sold: the lot ends a millisecond later", terms: until(5001), dueMs: 5000, bids: [500n, null] },
  {
    name: "unsold, though the lot has lapsed: without a valid bid nothing is void",
    terms: until(5000),
    dueMs: 9000,
    bids: [9n],
  },
  {
    name: "void, with a hidden reserve that was not opened",
    terms: { ...hidden, ...until(5000) },
    dueMs: 5000,
    bids: [500n],
  },
  { name: "the price takes a whole lockup", bids: [1000n, 1000n] },
  {
    name: "three hours of windows: a deposit of three parts",
    terms: { commitMs: 7_200_000, revealMs: 1, ...until(1) },
    dueMs: 1,
    bids: [50n],
  },
];

const ID = salt("an auction");

function settled({ name, terms, openedReserve, dueMs = 0, bids }: Ended): unknown {
  const whole = offer(terms);
  const deposit = depositOf(whole, 0, LOCAL_TESTNET_PARAMS);
  const commits = bids.map((amount, i) => ({
    bidder: agent(`bidder ${i}`),
    lockup: 1000n,
    standing: null,
    opening: amount === null ? null : { bid: { amount, units: null }, salt: salt(`${name} ${i}`) },
  }));
  const { reserve, bond, reserveHash, lot } = whole;
  return {
    name,
    auction: ID,
    terms: { reserve, bond, hidesReserve: reserveHash !== null, lotToMs: lot.toMs },
    openedReserve: openedReserve ?? null,
    dueMs,
    deposit,
    commits,
    settlement: settlementOf(
      { id: ID, terms: whole, openedReserve: openedReserve ?? null },
      commits,
      dueMs,
      deposit,
      LOCAL_TESTNET_PARAMS,
    ),
  };
}

interface SettlementVectors {
  readonly cases: readonly {
    name: string;
    commits: readonly { lockup: string }[];
    settlement: { outcome: string; burned: string; shares: readonly Record<string, string>[] };
  }[];
}

describe("settlement.json", () => {
  const file = vectors<SettlementVectors>("settlement", () => ({
    about:
      "What the end of REVEAL means for money. `opening` null: the commit was not opened. `reserve` is the one that applied; `shares` are in the order of `commits`; each share's paid + returned + burned is its lockup.",
    cases: ENDS.map(settled),
  }));

  it("holds every outcome, and shares that sum to their lockups", () => {
    expect(new Set(file.cases.map(({ settlement }) => settlement.outcome))).toEqual(
      new Set(["done", "unsold", "void"]),
    );
    for (const { name, commits, settlement } of file.cases) {
      const sums = settlement.shares.map(
        ({ paid, returned, burned }) => BigInt(paid!) + BigInt(returned!) + BigInt(burned!),
      );
      expect(plain(sums), name).toEqual(commits.map(({ lockup }) => lockup));
    }
  });
});
