// The standing row (spec/standing#row): what is recent, how long a row stays, and what rules read of it.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/base/index.js";
import { commitRows, type Ledger, periodOf, untouchedRows } from "../../src/ledger/index.js";
import {
  commitOf,
  createLedger,
  DEEDS,
  type Deed,
  forgetStandings,
  historyOf,
  isBlocked,
  recordDeed,
  restoreLedger,
  STANDINGS,
  type Standing,
  standingScore,
  VIOLATIONS,
} from "../../src/market/index.js";
import { agent, genesisFor, START_MS, World } from "./world.js";

const GENESIS = genesisFor({ names: ["ann"] });
const { periodMs, ratingCap } = GENESIS.params;
const ANN = agent("ann");
const inPeriod = (period: number, ms = 0) => ({ timeMs: START_MS + period * periodMs + ms });
const rowOf = (ledger: Ledger, who = ANN): Standing | null => ledger.get(STANDINGS, who);
const scored = (score: number, blocked: "no" | "yes" = "no"): Standing => ({
  ...{ score, weight: 1_000, blocked },
  recent: [],
});

describe("a deed", () => {
  it("weighs as much as what was at stake, up to the cap", () => {
    const weights = [0n, 1n, 9_999n, 10_000n, ratingCap - 1n, ratingCap, ratingCap + 1n].map((atStake) => {
      const ledger = createLedger(GENESIS);
      recordDeed(ledger, ANN, "delivered", atStake, inPeriod(0));
      return rowOf(ledger)!.recent[0]!.delivered!;
    });
    expect(weights.map(({ weight }) => weight)).toEqual([0, 0, 0, 1, 999, 1000, 1000]);
    expect(new Set(weights.map(({ count }) => count))).toEqual(new Set([1]));
  });

  it("is counted by period and kind, and lets go of what is recent no more", () => {
    const happened = fc.record({
      deed: fc.constantFrom(...DEEDS),
      periods: fc.constantFrom(0, 0, 1, 3, 29, 30, 31),
      atStake: fc.bigInt({ min: 0n, max: 2n * ratingCap }),
      slashes: fc.constantFrom<0 | 1>(0, 1),
    });
    fc.assert(
      fc.property(fc.array(happened, { maxLength: 40 }), (story) => {
        const ledger = createLedger(GENESIS);
        const all: { period: number; deed: Deed; weight: number; slashes: number }[] = [];
        let period = 0;
        for (const { deed, periods, atStake, slashes } of story) {
          period += periods;
          recordDeed(ledger, ANN, deed, atStake, inPeriod(period, periodMs - 1), slashes);
          const capped = atStake < ratingCap ? atStake : ratingCap;
          all.push({ period, deed, weight: Number(capped / (ratingCap / 1000n)), slashes });
          const recent = all.filter((one) => period - one.period <= 30);
          const periodsOf = [...new Set(recent.map((one) => one.period))];
          const sum = (of: typeof all, what: "weight" | "slashes") => of.reduce((n, one) => n + one[what], 0);
          expect(rowOf(ledger)!.recent).toEqual(
            periodsOf.map((p) => {
              const inIt = recent.filter((one) => one.period === p);
              const tallies = DEEDS.map((kind) => {
                const of = inIt.filter((one) => one.deed === kind);
                return [kind, of.length === 0 ? null : { count: of.length, weight: sum(of, "weight") }];
              });
              return { period: p, slashes: sum(inIt, "slashes"), ...Object.fromEntries(tallies) };
            }),
          );
          const violations = recent.filter((one) => VIOLATIONS.some((kind) => kind === one.deed)).length;
          const history = { violations, slashes: sum(recent, "slashes") };
          expect(historyOf(ledger, ANN, inPeriod(period).timeMs)).toEqual(history);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("is recent for thirty periods, the thirtieth included, though nobody touched the row since", () => {
    const ledger = createLedger(GENESIS);
    recordDeed(ledger, ANN, "timeout", 1n, inPeriod(2, periodMs - 1), 1);
    const at = (period: number, ms: number) => historyOf(ledger, ANN, inPeriod(period, ms).timeMs);
    expect(at(32, periodMs - 1)).toEqual({ violations: 1, slashes: 1 });
    expect(at(33, 0)).toEqual({ violations: 0, slashes: 0 });
  });

  it("leaves a row of bounded size, whatever happens for however long", () => {
    const ledger = createLedger(GENESIS);
    for (let i = 0; i < 10_000; i++) {
      recordDeed(ledger, ANN, DEEDS[i % DEEDS.length]!, ratingCap, inPeriod(Math.floor(i / 25)), 1);
    }
    expect(rowOf(ledger)!.recent.length).toBe(31);
    expect(STANDINGS.encode(rowOf(ledger)!).length).toBeLessThan(4096);
  });
});

describe("a standing", () => {
  it("is the prior of whoever has no row, and is not blocked", () => {
    const ledger = createLedger(GENESIS);
    expect([standingScore(ledger, ANN), isBlocked(ledger, ANN)]).toEqual([5_000, false]);
  });

  it.each<[score: number, was: "no" | "yes", is: boolean]>([
    [2_999, "no", true],
    [3_000, "no", false],
    [3_001, "no", false],
    [3_499, "yes", true],
    [3_500, "yes", false],
    [3_501, "yes", false],
  ])("of %d, blocked before: %s, is blocked: %s", (score, was, is) => {
    const ledger = createLedger(GENESIS);
    ledger.put(STANDINGS, ANN, scored(score, was));
    recordDeed(ledger, ANN, "delivered", 1n, inPeriod(0));
    expect([standingScore(ledger, ANN), isBlocked(ledger, ANN)]).toEqual([score, is]);
  });

  it("is kept by a commit to a purchase that weighs it, as of when it is executed", () => {
    const w = new World({ names: ["ann", "bob", "sue"] });
    w.ledger.put(STANDINGS, ANN, scored(8_000));
    const id = w.create("sue", { direction: "buy", reserve: 1000n, standingWeight: 5_000 });
    w.entry(["ann", "bob"].map((name) => w.op(name, w.commit(id, name, 50n, 1000n))));
    const kept = ["ann", "bob"].map((name) => commitOf(w.ledger, id, agent(name))!.standing);
    expect(kept).toEqual([8_000, 5_000]);
  });
});

describe("a row of which nothing is recent", () => {
  it.each([
    [-1, true],
    [0, false],
    [1, false],
  ])("goes at the end of an entry %d ms from the thirty-first period after: stays %s", (beyondMs, stays) => {
    const w = new World({ names: ["ann"] });
    recordDeed(w.ledger, ANN, "timeout", 1n, inPeriod(2, 5));
    w.entry([], { afterMs: inPeriod(33, beyondMs).timeMs - w.timeMs });
    expect(rowOf(w.ledger) !== null).toBe(stays);
  });

  it("keeps its score where ratings made one, and comes up once", () => {
    const ledger = createLedger(GENESIS);
    ledger.put(STANDINGS, ANN, scored(2_000));
    recordDeed(ledger, ANN, "timeout", 1n, inPeriod(0));
    forgetStandings(ledger, inPeriod(31), 0);
    expect(rowOf(ledger)).toEqual(scored(2_000, "yes"));
    expect(ledger.table(STANDINGS).index.lapses.size).toBe(0);
  });

  it("goes in its turn: as many as operations were applied and 32 more, the longest lapsed first, then by agent", () => {
    const ledger = createLedger(GENESIS);
    const agents = Array.from({ length: 100 }, (_, i) => agent(`trader ${i}`));
    for (const [i, one] of agents.entries()) recordDeed(ledger, one, "failure", 1n, inPeriod(i % 3));
    commitRows(ledger);
    const order = [0, 1, 2].flatMap((period) =>
      agents
        .filter((_, i) => i % 3 === period)
        .map(toHex)
        .sort(),
    );
    let gone = 0;
    for (const applied of [0, 1, 7, 100]) {
      forgetStandings(ledger, inPeriod(40), applied);
      commitRows(ledger);
      gone = Math.min(gone + applied + 32, agents.length);
      expect(new Set(ledger.table(STANDINGS).keys())).toEqual(new Set(order.slice(gone)));
      expect(untouchedRows(ledger)).toEqual([]);
    }
    expect(ledger.table(STANDINGS).size).toBe(0);
  });

  it("is found alike by a restored peer", () => {
    const ledger = createLedger(GENESIS);
    for (let i = 0; i < 50; i++) recordDeed(ledger, agent(`trader ${i}`), "unrevealed", 1n, inPeriod(i % 7));
    const { root } = commitRows(ledger);
    const rows = [...ledger.tree.keys()].reverse().map((key) => [key, ledger.valueOf(key)!] as const);
    const twin = restoreLedger(GENESIS, rows, root);
    if (!twin.ok) throw new Error(twin.error.reason);
    for (const one of [ledger, twin.value]) forgetStandings(one, inPeriod(34), 0);
    const lapses = (of: Ledger) => of.table(STANDINGS).index.lapses.sorted();
    expect(lapses(twin.value)).toEqual(lapses(ledger));
    expect(commitRows(twin.value).root).toEqual(commitRows(ledger).root);
    expect(periodOf(ledger, inPeriod(34).timeMs)).toBe(34);
  });
});
