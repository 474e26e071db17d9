// A restored peer goes on as a running one: whatever happened before, and in whatever order its rows are read.
import fc from "fast-check";
import { expect, it } from "vitest";
import { toHex } from "../../src/base/index.js";
import { ACCOUNTS, BUDGETS, commitRows, type Ledger, OUTLAYS } from "../../src/ledger/index.js";
import {
  AUCTIONS,
  COMMITS,
  executeEntry,
  type OperationKind,
  packEntry,
  restoreLedger,
  SLASHES,
  STANDINGS,
  TALLIES,
  TRADES,
} from "../../src/market/index.js";
import { Story, stories } from "./story.js";
import { judgeEvidence, type World } from "./world.js";

/** All that a ledger derives from its rows. */
const derived = (ledger: Ledger) => ({
  schedule: ledger.table(AUCTIONS).index.schedule.entries(),
  releases: ledger.table(ACCOUNTS).index.releases.sorted(),
  ended: ledger.table(AUCTIONS).index.ended.sorted(),
  unfinished: ledger.table(AUCTIONS).index.unfinished.sorted(),
  commits: ledger.table(COMMITS).index.byAuction.sorted(),
  load: ledger.table(AUCTIONS).index.revealLoad,
  deadlines: ledger.table(TRADES).index.deadlines.sorted(),
  trades: ledger.table(TRADES).index.byAuction.sorted(),
  over: ledger.table(TALLIES).index.over.sorted(),
  children: ledger.table(BUDGETS).index.children.sorted(),
  ends: ledger.table(BUDGETS).index.ends.sorted(),
  outlays: ledger.table(OUTLAYS).index.byAuction.sorted(),
  lapses: ledger.table(STANDINGS).index.lapses.sorted(),
  slashes: ledger.table(SLASHES).index.byAgent.sorted(),
});

/** A ledger of nothing but the rows, read backwards. */
function restored(world: World, rows: ReadonlyMap<string, Uint8Array>): Ledger {
  const result = restoreLedger(world.genesis, [...rows].reverse(), world.root);
  if (!result.ok) throw new Error(`${result.error.key}: ${result.error.reason}`);
  return result.value;
}

it("executes and packs as the running peer does, from whatever entry it was restored", () => {
  const seen = new Map<string, number>();
  const tell = (what: string): unknown => seen.set(what, (seen.get(what) ?? 0) + 1);
  fc.assert(
    fc.property(stories, (entries) => {
      const story = new Story();
      const { world } = story;
      const rows = new Map<string, Uint8Array>();
      for (const key of world.ledger.tree.keys()) rows.set(key, world.ledger.valueOf(key)!);
      let twin = restored(world, rows);
      for (const [i, entry] of entries.entries()) {
        const ops = story.operationsOf(entry.wishes);
        const options = story.optionsOf(entry);
        const at = { ...world.next(options), judgeEvidence };
        const candidates = ops.map((operation) => ({ operation, size: 300 }));
        const limits = {
          timeMs: at.timeMs,
          executedMs: world.timeMs,
          maxOps: 6,
          maxBytes: 1 << 20,
          inFlight: [],
          judgeEvidence,
        };
        expect(packEntry(candidates, twin, limits)).toEqual(packEntry(candidates, world.ledger, limits));
        const outcome = world.entry(ops, options, (writes) => {
          for (const [key, value] of writes) value === null ? rows.delete(key) : rows.set(key, value);
        });
        expect(executeEntry(twin, at, ops)).toEqual(outcome);
        expect(toHex(commitRows(twin).root)).toBe(toHex(world.root));
        for (const one of outcome.settlements) tell(one.outcome);
        for (const [nth, { status }] of outcome.receipts.entries()) tell(`${ops[nth]!.body.kind} ${status}`);
        if (outcome.forgotten.length > 0) tell("forgotten");
        if (outcome.releases.length > 0) tell("released");
        for (const { trade } of outcome.trades.ended) tell(trade.state.cause);
        if (outcome.expired.length > 0) tell("expired");
        if (entry.afterMs >= 9000) tell("outage");
        if (i % 3 !== 2) continue;
        twin = restored(world, rows);
        expect(derived(twin)).toEqual(derived(world.ledger));
      }
    }),
    { numRuns: 16, seed: 20_261_130, endOnFailure: true },
  );
  // What it has not met it has not tried.
  const kinds: readonly OperationKind[] = ["createAuction", "commit", "reveal", "openReserve", "cancel"];
  const others: readonly OperationKind[] = ["transfer", "grant", "evidence", "bond", "unbond"];
  const trades: readonly OperationKind[] = ["deliver", "accept", "fail", "dispute", "verdict"];
  const budgets: readonly OperationKind[] = ["openBudget", "closeBudget"];
  const leases: readonly OperationKind[] = ["hold", "usage"];
  const all = [...kinds, ...others, ...trades, ...budgets, ...leases];
  const ends = [
    "done",
    "unsold",
    "void",
    "accepted",
    "unopposed",
    "failed",
    "timedOut",
    "upheld",
    "rejected",
  ];
  const wanted = [...all.map((kind) => `${kind} applied`), ...ends, "hung", "outage", "released", "expired"];
  expect(wanted.filter((what) => !seen.has(what))).toEqual([]);
});
