// Room for reveals: who finds it, who cannot take it all, what it costs to try, and that what was let in is revealed.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Hex, toHex } from "../../src/base/index.js";
import {
  type Draft,
  ENTRY_BYTES,
  ENTRY_OPS,
  LOCAL_TESTNET_PARAMS,
  MAX_COMMITS,
  MAX_LOCKS,
  newClock,
  type Params,
  PUBLIC_PARAMS,
} from "../../src/ledger/index.js";
import {
  AUCTIONS,
  type Auction,
  auctionOf,
  encodeOperation,
  hasShortWindows,
  newAuction,
  type Operation,
  type Phase,
  packEntry,
  RevealLoad,
  roomFeeIn,
  shortageIn,
} from "../../src/market/index.js";
import { agent, FEE, judgeEvidence, offer, salt, World } from "./world.js";

const SETS = [
  ["the local testnet's", LOCAL_TESTNET_PARAMS],
  ["a public network's", PUBLIC_PARAMS],
] as const;
const network = { chain: salt("chain"), market: salt("market") };
const HUNDRED_CREDITS = 100_000_000n;

let made = 0;

interface Like {
  readonly creator?: string;
  readonly beginsMs?: number;
  readonly commitMs?: number;
  readonly revealMs: number;
  readonly waiting?: number;
}

/** An auction that takes commits, with so many of them. */
function openAuction({
  creator: seller = "sue",
  beginsMs = 0,
  commitMs = 500,
  revealMs,
  waiting = 0,
}: Like): Draft<Auction> {
  const terms = offer({ commitMs, revealMs });
  const auction = newAuction(network, agent(seller), made++, terms, { height: 1, timeMs: 0 }, newClock());
  return { ...auction, commits: waiting, phase: openUntil(beginsMs) };
}

const openUntil = (closeMs: number): Phase => ({
  kind: "open",
  openedAt: 1,
  openedMs: 0,
  epoch: 0,
  leaders: [],
  outagesMs: 0,
  closeMs,
  extensions: 0,
});

/** What keeps one more commit out, in a ledger whose log never stood still. */
const shortage = (revealLoad: RevealLoad, auction: Auction, params: Params) =>
  shortageIn(revealLoad, newClock(), params, auction);

/** The least fee of one more commit there. */
const fee = (revealLoad: RevealLoad, auction: Auction, params: Params): bigint =>
  roomFeeIn(revealLoad, newClock(), params, auction);

/** Commits that an auction takes before it is refused one; they stay. */
function filled(
  load: RevealLoad,
  auction: Draft<Auction>,
  params: Params,
  most = Number.POSITIVE_INFINITY,
): number {
  let count = 0;
  load.set(toHex(auction.id), auction);
  while (count < most && shortage(load, auction, params) === null) {
    auction.commits++;
    load.set(toHex(auction.id), auction);
    count++;
  }
  return count;
}

const usual = (p: Params, seller: string, beginsMs = 0): Draft<Auction> =>
  openAuction({ creator: seller, beginsMs, commitMs: p.defaultCommitMs, revealMs: p.defaultRevealMs });

describe.each(SETS)("with %s parameters", (_, params) => {
  const { revealCapacity: capacity, revealSlotMs } = params;

  it("a lone auction takes half of the room at the least fee, which is 2,000 bids and more", () => {
    const load = new RevealLoad(params);
    const lone = usual(params, "sue");
    expect(filled(load, lone, params, capacity / 2)).toBe(capacity / 2);
    expect(fee(load, usual(params, "sid"), params)).toBe(2n * params.minFee);
    lone.commits--;
    load.set(toHex(lone.id), lone);
    expect(fee(load, usual(params, "sid"), params)).toBe(params.minFee);
    expect(capacity / 2).toBeGreaterThanOrEqual(2000);
  });

  it("past half a place costs twice as much with each sixteenth that is taken, for whoever sells", () => {
    const load = new RevealLoad(params);
    const lone = usual(params, "other");
    const asked: bigint[] = [];
    for (let taken = 0; taken < capacity; taken += capacity / 16) {
      lone.commits = taken;
      load.set(toHex(lone.id), lone);
      asked.push(fee(load, usual(params, "sue"), params) / params.minFee);
      lone.commits += capacity / 16 - 1;
      load.set(toHex(lone.id), lone);
      expect(fee(load, usual(params, "sid"), params) / params.minFee).toBe(asked.at(-1));
    }
    expect(asked).toEqual([1n, 1n, 1n, 1n, 1n, 1n, 1n, 1n, 2n, 4n, 8n, 16n, 32n, 64n, 128n, 256n]);
  });

  it("what is suggested pays for a place a sixteenth of the room later", () => {
    const load = new RevealLoad(params);
    const lone = usual(params, "other");
    const suggested = (taken: number): bigint => {
      lone.commits = taken;
      load.set(toHex(lone.id), lone);
      return roomFeeIn(load, newClock(), params, usual(params, "sue"), true) / params.minFee;
    };
    const half = capacity / 2;
    const step = capacity / 16;
    expect([half - step - 1, half - step, half - 1, half, capacity - 1].map(suggested)).toEqual([
      1n,
      2n,
      2n,
      4n,
      256n,
    ]);
  });

  it("an auction that takes no bids has no price", () => {
    const idle = { ...usual(params, "sue"), phase: { kind: "scheduled" } } as Auction;
    expect(fee(new RevealLoad(params), idle, params)).toBe(params.minFee);
  });

  it("an auction's own bidders are room of the same price: to fill it costs a hundred credits", () => {
    const lone = usual(params, "sue");
    let paid = 0n;
    for (lone.commits = 0; lone.commits < MAX_COMMITS; lone.commits++) {
      paid += fee(new RevealLoad(params), lone, params);
    }
    expect(paid).toBeGreaterThanOrEqual(HUNDRED_CREDITS);
  });

  it("past half nothing is for auctions with longer windows than twice the usual", () => {
    const load = new RevealLoad(params);
    filled(load, usual(params, "other"), params, capacity / 2);
    const { defaultCommitMs, defaultRevealMs } = params;
    const windows = { creator: "sue", commitMs: 2 * defaultCommitMs, revealMs: 2 * defaultRevealMs };
    expect(hasShortWindows(openAuction(windows), params)).toBe(true);
    expect(hasShortWindows(openAuction({ ...windows, commitMs: windows.commitMs + 1 }), params)).toBe(false);
    expect(hasShortWindows(openAuction({ ...windows, revealMs: windows.revealMs + 1 }), params)).toBe(false);
    const patient = openAuction({ creator: "sue", commitMs: 3 * defaultCommitMs, revealMs: defaultRevealMs });
    expect(shortage(load, patient, params)).toEqual({
      full: "half",
      waiting: capacity / 2,
      capacity: capacity / 2,
      untilMs: revealSlotMs,
    });
  });

  it("all of it can be taken, and a refusal says until when", () => {
    const load = new RevealLoad(params);
    expect(filled(load, usual(params, "other"), params)).toBe(capacity);
    expect(shortage(load, usual(params, "sue"), params)).toEqual({
      full: "all",
      waiting: capacity,
      capacity,
      untilMs: revealSlotMs,
    });
    // Whose window begins in the next slot finds room.
    expect(shortage(load, usual(params, "sue", revealSlotMs - 1), params)).not.toBeNull();
    expect(shortage(load, usual(params, "sue", revealSlotMs), params)).toBeNull();
  });

  it("what is revealed makes room; so does the end", () => {
    const load = new RevealLoad(params);
    const first = usual(params, "other");
    filled(load, first, params);
    first.reveals = 5;
    expect(filled(load, first, params)).toBe(5);
    first.phase = { kind: "unsold", endedAt: 9, endedMs: 9, burned: 0n, dueMs: 9 };
    load.set(toHex(first.id), first);
    expect(load.levels[0]!.has(0)).toBe(false);
  });

  it("long windows never keep a usual one out, however many are full", () => {
    const load = new RevealLoad(params);
    for (
      let revealMs = 4 * Math.max(revealSlotMs, params.defaultRevealMs);
      revealMs <= params.maxRevealMs;
    ) {
      const patient = openAuction({ creator: `s${revealMs}`, revealMs, waiting: 200_000_000 });
      load.set(toHex(patient.id), patient);
      expect(shortage(load, patient, params)).not.toBeNull();
      revealMs *= 2;
    }
    // Unlawfully many, and yet nothing of it stands in the stretch of a usual window.
    expect(load.around(usual(params, "sue"), newClock())[0]).toMatchObject({ waiting: 0 });
    const lawful = new RevealLoad(params);
    for (let revealMs = 4 * revealSlotMs; revealMs <= params.maxRevealMs; revealMs *= 2) {
      const patient = openAuction({ creator: `s${revealMs}`, revealMs });
      const rooms = lawful.around(patient, newClock()).map((one) => one.capacity / 2 - one.waiting);
      patient.commits = Math.min(...rooms);
      lawful.set(toHex(patient.id), patient);
      expect(shortage(lawful, patient, params)).toMatchObject({ full: "half" });
    }
    expect(filled(lawful, usual(params, "sue"), params)).toBe(capacity);
  });

  it("a window is counted in the longest slots that it fills, by where it begins", () => {
    const load = new RevealLoad(params);
    const shortest = (like: Like) => load.around(openAuction(like), newClock())[0]!;
    const capacities = [-1, 0, 1].map((d) => shortest({ revealMs: 2 * revealSlotMs + d }).capacity);
    expect(capacities).toEqual([capacity, 2 * capacity, 2 * capacity]);
    const begins = [-1, 0, 1].map((d) => shortest({ revealMs: 1200, beginsMs: revealSlotMs + d }).fromMs);
    expect(begins).toEqual([0, revealSlotMs, revealSlotMs]);
  });

  it("windows that begin together share a slot, whether an outage came before or after their auctions opened", () => {
    const load = new RevealLoad(params);
    const outagesMs = 7 * revealSlotMs;
    const beginsMs = 3 * revealSlotMs + 5;
    const before = openAuction({ revealMs: 1200, beginsMs, waiting: 2 });
    const after = openAuction({ creator: "dan", revealMs: 1200, waiting: 3 });
    after.phase = { ...openUntil(beginsMs + outagesMs), outagesMs } as Phase;
    load.set(toHex(before.id), before);
    load.set(toHex(after.id), after);
    const clock = { ...newClock(), outagesMs };
    const slots = [before, after].map((one) => load.around(one, clock)[0]!);
    expect(slots.map(({ waiting }) => waiting)).toEqual([5, 5]);
    expect(slots.map(({ fromMs }) => fromMs)).toEqual([10 * revealSlotMs, 10 * revealSlotMs]);
  });

  it("a window that begins late weighs where it was to begin: nothing moves into a slot that it paid nothing for", () => {
    const world = new World({ names: ["sue", "ann"], params: { ...params, requireByzantine: "no" } });
    const { revealLoad } = world.ledger.table(AUCTIONS).index;
    const { defaultCommitMs: commitMs, defaultRevealMs: revealMs, idleMs } = params;
    const endMs = Math.ceil((world.timeMs + 2 * commitMs) / revealSlotMs) * revealSlotMs;
    const id = world.create("sue", { openMs: endMs - commitMs - 2 * idleMs, commitMs, revealMs });
    while (world.phase(id) !== "open") world.entry([], { afterMs: idleMs });
    const place = () => revealLoad.around(auctionOf(world.ledger, id)!, world.ledger.clock)[0]!;
    world.entry([world.op("ann", world.commit(id, "ann", 500n, 1000n))], { afterMs: idleMs });
    expect(place()).toMatchObject({ toMs: endMs, waiting: 1 });
    while (world.phase(id) !== "reveal") world.entry([], { afterMs: idleMs });
    expect(world.timeMs).toBeGreaterThanOrEqual(endMs);
    expect(place()).toMatchObject({ toMs: endMs, waiting: 1 });
    expect(shortage(revealLoad, usual(params, "dan", endMs), params)).toBeNull();
    expect(revealLoad.around(usual(params, "dan", endMs), newClock())[0]).toMatchObject({ waiting: 0 });
  });

  it("a bidder cannot hold an eighth: it has too few locks", () => {
    expect(MAX_LOCKS).toBeLessThanOrEqual(capacity / 8);
  });

  /** What the commits cost that keep the auction from one more, if it takes them at all. */
  function priceToFill(load: RevealLoad, own: Draft<Auction>, victim: Auction): bigint {
    let paid = 0n;
    load.set(toHex(own.id), own);
    while (shortage(load, victim, params) === null && shortage(load, own, params) === null) {
      // Bidders of many own auctions: none of them fills up.
      paid += roomFeeIn(load, newClock(), params, { ...own, commits: 0 });
      own.commits++;
      load.set(toHex(own.id), own);
    }
    return paid;
  }

  it("to keep one usual auction from bids costs a hundred credits in fees, whatever windows are used", () => {
    const usualMs = params.defaultRevealMs;
    for (const revealMs of [params.minRevealMs, usualMs, 2 * usualMs]) {
      const load = new RevealLoad(params);
      const victim = usual(params, "sue");
      const own = openAuction({ creator: "evil", commitMs: params.minCommitMs, revealMs });
      expect(priceToFill(load, own, victim)).toBeGreaterThanOrEqual(HUNDRED_CREDITS);
      expect(shortage(load, victim, params)).not.toBeNull();
    }
  });

  it("nor does it cost less beside others who hold half of the room anyhow", () => {
    const load = new RevealLoad(params);
    filled(load, usual(params, "honest crowd"), params, capacity / 2);
    const victim = usual(params, "sue");
    const own = usual(params, "evil");
    expect(priceToFill(load, own, victim)).toBeGreaterThanOrEqual(HUNDRED_CREDITS);
  });
});

describe("the sums", () => {
  interface Story {
    readonly creator: number;
    readonly beginsMs: number;
    readonly revealMs: number;
    readonly commits: number;
    readonly reveals: number;
    readonly ends: boolean;
  }
  const params: Params = { ...LOCAL_TESTNET_PARAMS, maxRevealMs: 300_000 };
  const story: fc.Arbitrary<Story> = fc.record({
    creator: fc.nat(2),
    beginsMs: fc.nat(400_000),
    revealMs: fc.oneof(fc.integer({ min: 1200, max: 300_000 }), fc.constantFrom(59_999, 60_000, 240_000)),
    commits: fc.nat(9),
    reveals: fc.nat(9),
    ends: fc.boolean(),
  });

  /** Slots as intervals, each auction held against each: what a stretch is, without levels or places. */
  function naive(auctions: readonly Auction[], of: Auction): readonly number[] {
    const beginsMs = ({ phase }: Auction): number =>
      phase.kind === "open" ? phase.closeMs : phase.kind === "reveal" ? phase.plannedMs : -1;
    const lengths = [30_000, 60_000, 120_000, 240_000];
    const lengthOf = ({ terms }: Auction): number =>
      lengths.filter((ms) => ms <= terms.revealMs).at(-1) ?? lengths[0]!;
    const running = auctions.filter((one) => beginsMs(one) >= 0);
    const within = (lengthMs: number, one: Auction): boolean => {
      const fromMs = beginsMs(of) - (beginsMs(of) % lengthMs);
      return beginsMs(one) >= fromMs && beginsMs(one) < fromMs + lengthMs && lengthOf(one) <= lengthMs;
    };
    const sum = (some: readonly Auction[]): number =>
      some.reduce((n, one) => n + one.commits - one.reveals, 0);
    return lengths
      .filter((ms) => ms >= lengthOf(of))
      .map((ms) => sum(running.filter((one) => within(ms, one))));
  }

  it("are those of a walk over all auctions, in whatever order these came to be so", () => {
    fc.assert(
      fc.property(fc.array(story, { minLength: 1, maxLength: 12 }), (stories) => {
        const load = new RevealLoad(params);
        const auctions = stories.map(({ creator: seller, beginsMs, revealMs, commits }) => {
          const one = openAuction({ creator: `s${seller}`, beginsMs, revealMs });
          for (let i = 0; i < commits; i++) {
            one.commits++;
            load.set(toHex(one.id), one);
          }
          return one;
        });
        stories.forEach(({ beginsMs, reveals, ends }, i) => {
          const one = auctions[i]!;
          // REVEAL begins later than it was to: extensions, outages, missing leaders. Its slot stays.
          const openedMs = beginsMs + (i % 3) * 20_000;
          if (reveals > 0) {
            one.phase = {
              kind: "reveal",
              openedAt: 2,
              openedMs,
              epoch: 0,
              leaders: [],
              outagesMs: 0,
              closeMs: null,
              plannedMs: beginsMs,
            };
            one.reveals = Math.min(reveals, one.commits);
          }
          if (ends) one.phase = { kind: "unsold", endedAt: 3, endedMs: 3, burned: 0n, dueMs: 3 };
          load.set(toHex(one.id), one);
        });
        for (const one of auctions) {
          if (one.phase.kind === "unsold") continue;
          const stretches = load.around(one, newClock());
          expect(stretches.map(({ waiting }) => waiting)).toEqual(naive(auctions, one));
        }
        const again = new RevealLoad(params);
        for (const one of [...auctions].reverse()) again.set(toHex(one.id), one);
        expect(again).toEqual(load);
        for (const one of auctions) {
          one.phase = { kind: "unsold", endedAt: 4, endedMs: 4, burned: 0n, dueMs: 4 };
          load.set(toHex(one.id), one);
        }
        expect(load).toEqual(new RevealLoad(params));
      }),
      { numRuns: 300 },
    );
  });
});

describe("what was let in", () => {
  const LIMITS = { maxOps: ENTRY_OPS, maxBytes: ENTRY_BYTES, inFlight: [], judgeEvidence };

  /** The leader's choice among what waits; a faulty leader includes nothing. */
  function packed(world: World, waiting: ReadonlyMap<Hex, Operation>, afterMs: number): readonly Operation[] {
    const { timeMs, leader } = world.next({ afterMs });
    if (leader === 3) return [];
    const candidates = [...waiting.values()].map((operation) => ({
      operation,
      size: encodeOperation(operation).length,
    }));
    return packEntry(candidates, world.ledger, { ...LIMITS, timeMs, executedMs: timeMs }).map(
      ({ operation }) => operation,
    );
  }

  it("is revealed: no honest lockup burns, though others reveal, bid and pay all they can before it", () => {
    fc.assert(
      fc.property(
        fc.record({
          windows: fc.array(fc.constantFrom(1200, 2400, 40_000), { minLength: 2, maxLength: 3 }),
          gapMs: fc.integer({ min: 100, max: 1500 }),
          honest: fc.integer({ min: 1, max: 20 }),
        }),
        ({ windows, gapMs, honest }) => {
          const crowd = Array.from({ length: 700 }, (_, i) => `evil${i}`);
          const good = Array.from({ length: honest }, (_, i) => `good${i}`);
          const sellers = windows.map((_, i) => `seller${i}`);
          const world = new World({ names: [...crowd, ...good, ...sellers, "sue"] });
          const wanted = world.create("sue", { commitMs: 9000, revealMs: 1200 });
          const others = sellers.map((name, i) =>
            world.create(name, { commitMs: 9000, revealMs: windows[i]! }),
          );
          world.entry(good.map((name) => world.op(name, world.commit(wanted, name, 500n, 1000n))));
          for (const id of others) {
            const some = crowd.map((name) => world.op(name, world.commit(id, name, 500n, 1000n)));
            expect(world.entry(some).receipts.every((one) => one.code === null)).toBe(true);
          }
          const sink = world.create("sue", { commitMs: 80_000_000 });
          world.until(wanted, "reveal");
          const waiting = new Map<Hex, Operation>();
          let count = 0;
          const send = (op: Operation) => waiting.set((count++).toString(16), op);
          while (others.some((id) => world.phase(id) === "open")) world.entry();
          for (const id of others) for (const name of crowd) send(world.reveal(id, name, 500n));
          for (const name of good) send(world.reveal(wanted, name, 500n));
          // Commits and payments at a fee of the highest class, of everybody in each entry.
          const high = 64n * FEE;
          const flood = (): readonly Operation[] =>
            crowd.flatMap((name) =>
              [0, 1].flatMap((ahead) => [
                world.op(name, world.commit(sink, name, 1n, 1000n), ahead, high),
                world.op(name, { kind: "transfer", to: agent("sue"), amount: 1n }, ahead, high),
              ]),
            );
          while (world.phase(wanted) === "reveal") {
            const offered = new Map(waiting);
            for (const [i, op] of flood().entries()) offered.set(`flood ${i}`, op);
            const ops = new Set(packed(world, offered, gapMs));
            world.entry([...ops], { afterMs: gapMs });
            for (const [key, op] of waiting) if (ops.has(op)) waiting.delete(key);
          }
          expect(auctionOf(world.ledger, wanted)).toMatchObject({
            reveals: honest,
            phase: { kind: "done", burned: 0n },
          });
        },
      ),
      { numRuns: 2 },
    );
  });
});
