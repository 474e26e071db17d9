// Who may use a lease, by its own clock and by as much of the log as it has: never two at one instant.
import fc from "fast-check";
import { expect, it } from "vitest";
import { toHex } from "../../src/base/index.js";
import { commitRows, type Ledger, PRECISION_GROWTH, WINDOW_PARTS } from "../../src/ledger/index.js";
import {
  type AuctionId,
  createLedger,
  executeEntry,
  type Hold,
  leaseOf,
  type Operation,
  partsOf,
  type Shared,
  usableBy,
} from "../../src/market/index.js";
import { extraMs } from "../../src/quorum/voter/pacing.js";
import { agent, genesisFor, judgeEvidence, World } from "./world.js";

const PRECISION_MS = 100;
const NAMES = ["sue", "ann", "bob", "dep"];
const SHARED: Shared = { seller: agent("sue"), capability: "key.team" };
const OPTIONS = { names: NAMES, params: { precisionMs: PRECISION_MS, retainMs: 600_000 } };

it("an entry is never further ahead of honest clocks than the time that is kept from what another may take", () => {
  for (const failures of [0, 1, 5, 6, 7, 1000])
    expect(extraMs(PRECISION_MS, failures)).toBeLessThanOrEqual(PRECISION_GROWTH * PRECISION_MS);
  expect(extraMs(PRECISION_MS, 1000)).toBe(PRECISION_GROWTH * PRECISION_MS);
});

interface Logged {
  readonly ops: readonly Operation[];
  readonly at: ReturnType<World["next"]>;
}

/** A world that keeps its log, so that others may have a part of it. */
class LoggedWorld extends World {
  readonly log: Logged[] = [];

  override entry(ops: readonly Operation[] = [], options: Parameters<World["entry"]>[1] = {}) {
    this.log.push({ ops, at: this.next(options) });
    return super.entry(ops, options);
  }

  /** A window of one whole that begins and ends then, of which two have bought parts. */
  window(fromMs: number, toMs: number, parts: Readonly<Record<string, number>>): AuctionId {
    const lot = { capability: SHARED.capability, units: WINDOW_PARTS, fromMs, toMs };
    const id = this.create("sue", { format: { kind: "uniform" }, lot, reserve: 1n, lockups: [100_000n] });
    const bids = Object.entries(parts).map(([name, units]) => [name, { amount: 10n, units }] as const);
    this.entry(bids.map(([name, bid]) => this.op(name, this.commit(id, name, bid, 100_000n))));
    this.until(id, "reveal");
    this.entry(bids.map(([name, bid]) => this.reveal(id, name, bid)));
    this.until(id, "done");
    return id;
  }
}

/** A peer that has executed a part of a log. */
class Replica {
  readonly ledger: Ledger = createLedger(genesisFor(OPTIONS));
  private next = 0;

  /** What an agent has signed and does not know to be in the log. */
  saidBy(name: string): readonly Hold[] {
    return this.log
      .slice(this.next)
      .flatMap(({ ops }) => ops)
      .flatMap(({ authority, body }) =>
        body.kind === "hold" && toHex(authority!.from) === toHex(agent(name)) ? [body] : [],
      );
  }

  constructor(private readonly log: readonly Logged[]) {}

  /** Executes what it lacks of so many entries. */
  follow(count: number): void {
    for (; this.next < Math.min(count, this.log.length); this.next++) {
      const { at, ops } = this.log[this.next]!;
      executeEntry(this.ledger, { ...at, judgeEvidence }, ops);
      commitRows(this.ledger);
    }
  }
}

const skew = fc.integer({ min: -PRECISION_MS / 2, max: PRECISION_MS / 2 });
const step = fc.record({
  who: fc.constantFrom("ann", "bob", "dep"),
  lease: fc.constantFrom("ann", "bob"),
  isFirst: fc.boolean(),
  realMs: fc.constantFrom(10, 40, 200, 700),
  forMs: fc.constantFrom(100, 950, 1500, 4000),
  /** how far the entry's time is ahead of the clock of the member that judges it, of what it may be; less than 0: late */
  aheadMs: fc.integer({ min: -400, max: PRECISION_GROWTH * PRECISION_MS }),
  /** entries that each agent lacks */
  lags: fc.tuple(fc.nat(4), fc.nat(4), fc.nat(4)),
});
const story = fc.record({
  skews: fc.tuple(skew, skew, skew),
  steps: fc.array(step, { minLength: 20, maxLength: 60 }),
});

it("no two agents use one lease, nor parts of more than a whole, at one instant, whatever each has of the log", () => {
  let used = 0;
  let shared = 0;
  let passed = 0;
  fc.assert(
    fc.property(story, ({ skews, steps }) => {
      const world = new LoggedWorld(OPTIONS);
      const fromMs = world.timeMs + 14_000;
      const first = world.window(fromMs, fromMs + 6000, { ann: 600, bob: 300 });
      const second = world.window(fromMs + 6000, fromMs + 12_000, { ann: 300, bob: 600 });
      const users = ["ann", "bob", "dep"].map((name, i) => ({
        name,
        skewMs: skews[i]!,
        peer: new Replica(world.log),
      }));
      /** Who uses what at an instant: never one lease twice, nor more than a whole. */
      const usersAt = (ms: number) => {
        const now = users.map(({ name, skewMs, peer }) =>
          usableBy(peer.ledger, SHARED, agent(name), ms + skewMs, peer.saidBy(name)),
        );
        const names = now.flatMap((leases) =>
          leases.map(({ auction, owner }) => `${toHex(auction)}/${toHex(owner)}`),
        );
        expect(new Set(names).size).toBe(names.length);
        expect(now.reduce((sum, leases) => sum + partsOf(leases), 0)).toBeLessThanOrEqual(WINDOW_PARTS);
        return now.filter((leases) => leases.length > 0);
      };
      let realMs = Math.max(world.timeMs, fromMs - 2000);
      for (const { who, lease, isFirst, realMs: waitMs, forMs, aheadMs, lags } of steps) {
        realMs += waitMs;
        const timeMs = Math.max(world.timeMs + 1, realMs + aheadMs);
        // No member lets a time pass that is further ahead of its clock.
        if (timeMs <= realMs + PRECISION_GROWTH * PRECISION_MS) {
          const id = isFirst ? first : second;
          const found = leaseOf(world.ledger, id, agent(lease))!;
          const holder = found.row.holders[found.row.now]!.agent;
          const untilMs = Math.min(found.lot.toMs, timeMs + forMs);
          const deputies = who === lease && found.row.deputies.length === 0 ? [agent("dep")] : null;
          const body = { kind: "hold", auction: id, owner: agent(lease), untilMs, deputies } as const;
          const { receipts } = world.entry([world.op(who, body)], { afterMs: timeMs - world.timeMs });
          if (receipts[0]!.code === null && toHex(holder) !== toHex(agent(who))) passed++;
        }
        for (const [i, { peer }] of users.entries()) peer.follow(world.log.length - lags[i]!);
        const isUsed = usersAt(realMs);
        if (isUsed.length > 0) used++;
        if (isUsed.length > 1) shared++;
      }
      // What is known by now says nothing of an instant that is over.
      for (let ms = -PRECISION_MS; ms <= PRECISION_MS; ms += 7)
        if (fromMs + 6000 + ms >= realMs) usersAt(fromMs + 6000 + ms);
    }),
    { numRuns: 60 },
  );
  // What it has not met it has not tried.
  expect([used > 300, shared > 50, passed > 20]).toEqual([true, true, true]);
});
