// A restored peer goes on as a running one: whatever happened before, and in whatever order its rows are read.
import fc from "fast-check";
import { expect, it } from "vitest";
import { toHex } from "../../src/base/index.js";
import { ACCOUNTS, commitRows, type Ledger } from "../../src/ledger/index.js";
import { AUCTIONS, COMMITS, executeEntry, packEntry, restoreLedger } from "../../src/market/index.js";
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
      for (const entry of entries) {
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
        for (const [i, { status }] of outcome.receipts.entries()) tell(`${ops[i]!.body.kind} ${status}`);
        if (outcome.forgotten.length > 0) tell("forgotten");
        if (outcome.releases.length > 0) tell("released");
        if (entry.afterMs >= 9000) tell("outage");
        if (!entry.restores) continue;
        twin = restored(world, rows);
        expect(derived(twin)).toEqual(derived(world.ledger));
      }
    }),
    { numRuns: 25, seed: 20_261_125, endOnFailure: true },
  );
  // What it has not met it has not tried.
  const wanted = ["done", "unsold", "void", "outage", "forgotten", "commit applied", "reveal applied"];
  const further = [
    "openReserve applied",
    "cancel applied",
    "transfer applied",
    "grant applied",
    "evidence applied",
    "bond applied",
    "unbond applied",
    "unbond refused",
    "released",
  ];
  expect([...wanted, ...further].filter((what) => !seen.has(what))).toEqual([]);
});
