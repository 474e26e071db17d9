// What of its log a peer lets go of: nothing that anybody may still need, and in the end all else (spec/persistence#P8).
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Ledger } from "../../src/ledger/index.js";
import { AUCTIONS, type AuctionTerms, createLedger, newAuction, SLASHES } from "../../src/market/index.js";
import { type Conduct, HONEST_CONDUCT } from "../../src/peer/conduct.js";
import { Effects } from "../../src/peer/effects.js";
import { KEPT_LOG_KEY, LOG_PREFIX, OWN_STRETCH_PREFIX, type Peer } from "../../src/peer/index.js";
import { KeptLog, readStretch } from "../../src/peer/kept-log.js";
import type { Header } from "../../src/quorum/index.js";
import { genesisOf, idOf, LOT } from "./cluster.js";

const RETAIN_MS = 10_000;
const KEEP_TERMS = 4;
const TERMS: AuctionTerms = {
  format: { kind: "vickrey" },
  direction: "sell",
  lot: LOT,
  reserve: 0n,
  lockups: [10n],
  openMs: 0,
  commitMs: 1000,
  revealMs: 1000,
  bond: 0n,
  reserveHash: null,
  standingWeight: null,
  deliverMs: 0,
  settleMs: 0,
  value: null,
};

const step = fc.record({
  gapMs: fc.constantFrom(1, 50, 400, 3000),
  /** how far behind the header its leader had executed */
  lag: fc.constantFrom(1, 1, 1, 2, 5, 40),
  does: fc.constantFrom(
    "nothing",
    "nothing",
    "nothing",
    "create",
    "forget",
    "own",
    "slash",
    "restart",
    "archive",
  ),
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** A peer's log on a disk that a map stands for, and what must be on it by the dullest of reckonings. */
class Disk {
  readonly ledger: Ledger = createLedger(genesisOf(1, ["sue"], { retainMs: RETAIN_MS }));
  readonly heights = new Set<number>();
  readonly times: number[] = [this.ledger.genesis.timeMs];
  readonly rows = new Map<string, Uint8Array>();
  readonly owned: (readonly [number, number])[] = [];
  readonly slashed: number[] = [];
  kept = KeptLog.restore(null, new Map())!;
  prunes = true;
  execHeight = 0;
  mostGone = 0;
  private auctions = 0;

  constructor(private readonly conduct: Pick<Conduct, "attestedBy">) {}

  get tip(): number {
    return this.times.length - 1;
  }

  take({ gapMs, lag, does }: Step): void {
    if (does === "archive") this.prunes = !this.prunes;
    if (does === "restart") this.restart();
    const height = this.tip + 1;
    const timeMs = this.times[height - 1]! + gapMs;
    this.times.push(timeMs);
    this.execHeight = Math.max(this.execHeight, height - lag);
    const header = { height, timeMs, execHeight: this.execHeight } as Header;
    const effects = new Effects();
    this.change(does, height, effects);
    this.heights.add(height);
    this.kept.prune(this.peer(), header, effects);
    const before = this.heights.size;
    for (const write of effects.ready(null).persist) {
      if (write.kind === "put") this.rows.set(write.key, write.value);
      else if (write.kind === "delete" && write.key.startsWith(LOG_PREFIX))
        this.heights.delete(Number(write.key.slice(LOG_PREFIX.length)));
      else if (write.kind === "delete") this.rows.delete(write.key);
    }
    this.mostGone = Math.max(this.mostGone, before - this.heights.size);
  }

  private change(does: Step["does"], height: number, effects: Effects): void {
    const { ledger } = this;
    if (does === "create") {
      const at = { height, timeMs: this.times[height]! };
      const made = newAuction(ledger.network, idOf("sue"), this.auctions++, TERMS, at, ledger.clock);
      ledger.put(AUCTIONS, made.id, made);
    }
    if (does === "forget") {
      const [oldest] = ledger.table(AUCTIONS).values();
      if (oldest !== undefined) ledger.table(AUCTIONS).delete(oldest.id);
    }
    if (does === "own" && height > 3) {
      this.owned.push([height - 3, height]);
      this.kept.keepStretch(height - 3, height, true, effects);
    }
    if (does === "slash") {
      this.slashed.push(height);
      const slash = { type: "E1", agent: idOf("sue"), key: idOf("sue"), epoch: 0, term: height } as const;
      ledger.put(SLASHES, [idOf("sue"), 0, height, "A"], { ...slash, height, timeMs: 0, due: 0n, taken: 0n });
    }
  }

  private restart(): void {
    const stretches = [...this.rows]
      .filter(([key]) => key.startsWith(OWN_STRETCH_PREFIX))
      .map(([key, value]) => readStretch(key, value)!);
    this.kept = KeptLog.restore(this.rows.get(KEPT_LOG_KEY) ?? null, new Map(stretches))!;
  }

  private peer(): Peer {
    const config = { keepTerms: KEEP_TERMS, prunesLog: this.prunes };
    return {
      ledger: this.ledger,
      config,
      conduct: { ...HONEST_CONDUCT, ...this.conduct },
    } as unknown as Peer;
  }

  /** What is missing that somebody may need; null: nothing. */
  fault(): string | null {
    const { tip, heights, kept } = this;
    const timeMs = this.times[tip]!;
    for (let height = 1; height <= tip; height++) {
      if (heights.has(height)) continue;
      if (height >= kept.from) return `a gap at ${height}`;
      if (this.times[height]! > timeMs - RETAIN_MS) return `${height} is younger than the ledger's memory`;
      for (const { createdAt } of this.ledger.table(AUCTIONS).values())
        if (height >= createdAt) return `${height} is of an auction that the state has`;
      if (this.owned.some(([from, to]) => from <= height && height <= to))
        return `${height} is of an own auction`;
      if (this.slashed.includes(height)) return `${height} has the evidence of a slash`;
    }
    // Who takes the newest attested state finds the log below it, which proves it, and all above.
    if (kept.from > Math.max(1, this.execHeight - KEEP_TERMS + 1))
      return `from ${kept.from}: no state is attested behind it but ${this.execHeight}`;
    return this.mostGone > 64 ? `${this.mostGone} rows went with one entry` : null;
  }
}

function faultOf(
  steps: readonly Step[],
  conduct: Pick<Conduct, "attestedBy"> = HONEST_CONDUCT,
): string | null {
  const disk = new Disk(conduct);
  for (const one of steps) {
    disk.take(one);
    const fault = disk.fault();
    if (fault !== null) return fault;
  }
  return null;
}

const steps = fc.array(step, { minLength: 40, maxLength: 160 });

describe("the log on a peer's disk", () => {
  it("has all that somebody may need, whatever lags, restarts, is created, slashed or forgotten", () => {
    fc.assert(
      fc.property(steps, (taken) => {
        expect(faultOf(taken)).toBeNull();
      }),
      { numRuns: 60 },
    );
  });

  it("shrinks to what somebody may need, and stays so", () => {
    const disk = new Disk(HONEST_CONDUCT);
    const quiet: Step = { gapMs: 50, lag: 1, does: "nothing" };
    for (let i = 0; i < 50; i++) disk.take({ ...quiet, does: i % 10 === 5 ? "own" : "nothing" });
    for (let i = 0; i < 1500; i++) disk.take(quiet);
    const own = new Set(
      disk.owned.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => from + i)),
    );
    const young = (RETAIN_MS + RETAIN_MS / 16) / quiet.gapMs;
    expect(disk.heights.size).toBeLessThanOrEqual(young + own.size + 3);
    expect(disk.heights.size).toBeGreaterThanOrEqual(RETAIN_MS / quiet.gapMs + own.size - 1);
    // What has been passed by is not remembered beside it.
    expect([...disk.rows.keys()].filter((key) => key.startsWith(OWN_STRETCH_PREFIX))).toEqual([]);
  });

  it("is let go of in parts by a peer that was an archive, however much it is", () => {
    const disk = new Disk(HONEST_CONDUCT);
    const quiet: Step = { gapMs: 400, lag: 1, does: "nothing" };
    disk.prunes = false;
    for (let i = 0; i < 3000; i++) disk.take(quiet);
    expect(disk.heights.size).toBe(3000);
    disk.prunes = true;
    for (let i = 0; i < 200; i++) disk.take(quiet);
    expect([disk.mostGone, disk.fault()]).toEqual([64, null]);
    expect(disk.heights.size).toBeLessThan(60);
  });

  it("mutant: a peer that takes its tip for attested is seen", () => {
    // Of a hundred stories one shows it: which do, the seed says.
    const stories = fc.sample(steps, { numRuns: 800, seed: 1 });
    const seen = stories.map((taken) => faultOf(taken, { attestedBy: ({ height }) => height }));
    expect(seen.some((fault) => fault?.includes("no state is attested"))).toBe(true);
  });
});
