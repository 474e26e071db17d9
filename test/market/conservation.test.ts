// Conservation (spec/money#A5): a hundred thousand random operations of every kind make and lose no money, and leave nothing behind.
import fc from "fast-check";
import { expect, it } from "vitest";
import { ACCOUNTS, BUDGETS, OUTLAYS } from "../../src/ledger/index.js";
import {
  AUCTIONS,
  COMMITS,
  DIRECTIONS,
  type EntryOutcome,
  FORMATS,
  factsOf,
  type Operation,
  STANDINGS,
  TALLIES,
  TRADES,
} from "../../src/market/index.js";
import { RULEBOOK } from "../../src/market/subjects.js";
import { auditBudgets, auditMoney, auditObligations, auditRows } from "./obligations.js";
import { Story, stories } from "./story.js";

/** What the stories came by: a law that nothing tries says nothing. */
class Met {
  readonly counts = new Map<string, number>();
  operations = 0;

  private add(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  count({ world }: Story, ops: readonly Operation[], outcome: EntryOutcome): void {
    const { receipts, phaseChanges, settlements, trades, expired, releases } = outcome;
    this.operations += ops.length;
    for (const [i, { status }] of receipts.entries()) this.add(`${ops[i]!.body.kind} ${status}`);
    for (const fact of receipts.flatMap(factsOf))
      if (fact.kind === "bonded" && fact.debtPaid > 0n) this.add("a debt is paid");
    for (const { to } of phaseChanges) this.add(to);
    for (const { auction, outcome: end } of settlements) {
      const { format, direction, deliverMs } = world.ledger.get(AUCTIONS, auction)!.terms;
      if (end === "done") this.add(`${format.kind} ${direction} ${deliverMs > 0 ? "delivered" : "at once"}`);
    }
    for (const { trade } of trades.ended) {
      const { auction, buyer, state } = trade;
      this.add(state.cause);
      const { penalty } = state;
      if (penalty !== null && penalty.taken > 0n) this.add("a penalty");
      const backing = world.ledger.get(OUTLAYS, [auction, buyer]);
      if (backing !== null && backing.backedIn !== null) this.add("a trade by a budget");
    }
    for (const _ of expired) this.add("a budget expires");
    for (const _ of releases) this.add("stake is free");
  }

  /** What came less often than so many times. */
  rarer(than: number, wanted: readonly string[]): readonly string[] {
    return wanted.filter((what) => (this.counts.get(what) ?? 0) < than);
  }
}

function auditAll(story: Story): void {
  auditMoney(story.world, story.minted);
  auditObligations(story.world);
  auditRows(story.world);
  auditBudgets(story.world);
}

/** Everybody has gone, all deadlines and times have passed: what is left is accounts with what is theirs. */
function auditEnd(story: Story): void {
  const { ledger } = story.world;
  for (const table of [AUCTIONS, COMMITS, TRADES, TALLIES, OUTLAYS, BUDGETS, STANDINGS])
    expect([table.name, ledger.table(table as typeof AUCTIONS).size]).toEqual([table.name, 0]);
  for (const { locks, liens, deposits, unbonding } of ledger.table(ACCOUNTS).values()) {
    expect([locks.size, deposits, unbonding]).toEqual([0, 0n, []]);
    expect([...liens.values()].every(({ kind }) => kind === "seat")).toBe(true);
  }
}

const KINDS = Object.keys(RULEBOOK);
const ENDS = [
  "accepted",
  "unopposed",
  "failed",
  "timedOut",
  "upheld",
  "rejected",
  "hung",
  "done",
  "unsold",
  "void",
];
const FORMS = Object.keys(FORMATS).flatMap((format) =>
  DIRECTIONS.flatMap((direction) => [`${format} ${direction} delivered`, `${format} ${direction} at once`]),
);

it("no money is made or lost, everything that is not free is owed, and at the end nothing is left", () => {
  const met = new Met();
  fc.assert(
    fc.property(stories, (entries) => {
      const story = new Story();
      for (const entry of entries) {
        const { ops, outcome } = story.live(entry);
        met.count(story, ops, outcome);
        auditAll(story);
      }
      // The longest wait for the last deed of all to be recent no more.
      for (let i = 0; i < 22; i++) {
        met.count(story, [], story.pass());
        auditAll(story);
      }
      auditEnd(story);
    }),
    { numRuns: 380, endOnFailure: true },
  );
  expect(met.operations).toBeGreaterThan(100_000);
  const tried = KINDS.flatMap((kind) => [`${kind} applied`, `${kind} refused`]);
  expect(met.rarer(100, tried)).toEqual([]);
  expect(met.rarer(30, [...ENDS, ...FORMS])).toEqual([]);
  expect(
    met.rarer(50, [
      "a penalty",
      "a debt is paid",
      "a trade by a budget",
      "a budget expires",
      "stake is free",
    ]),
  ).toEqual([]);
});
