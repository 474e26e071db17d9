// Whatever a gateway's process does not live to write: each request is charged once, no less than it is known to have used.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Books } from "../../../../node/gateway/books/books.js";
import type { Changes } from "../../../../node/gateway/books/disk.js";
import type { Record } from "../../../../node/gateway/books/record.js";
import { WINDOWS } from "../../../../node/gateway/books/windows.js";
import { FaultyDisk, type Platter } from "./faulty-disk.js";
import { NOON_MS, reservation, spent } from "./reservations.js";

const HOUR_MS = 3_600_000;
const PAYERS = [["session:a", "agent:ada"], ["session:b", "agent:ada"], ["agent:bob"]] as const;

/** One thing that happens; a request is meant by its place among those that were ever begun. */
type Step =
  | { readonly kind: "begin"; readonly payers: number; readonly isAwaited: boolean }
  | { readonly kind: "progress"; readonly which: number; readonly tokens: number }
  | { readonly kind: "end"; readonly which: number; readonly tokens: number; readonly isReached: boolean }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "written" }
  /** the process ends at the n-th write from here, before it or behind it; the clock may have been set back meanwhile */
  | { readonly kind: "crash"; readonly writes: number; readonly isBehind: boolean; readonly restMs: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("begin" as const), payers: fc.nat(2), isAwaited: fc.boolean() }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("progress" as const), which: fc.nat(50), tokens: fc.nat(60) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("end" as const),
      which: fc.nat(50),
      tokens: fc.nat(60),
      isReached: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.nat(30 * HOUR_MS) }) },
  { weight: 2, arbitrary: fc.constant({ kind: "written" as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("crash" as const),
      writes: fc.nat(4),
      isBehind: fc.boolean(),
      restMs: fc.integer({ min: -HOUR_MS, max: 30 * HOUR_MS }),
    }),
  },
);

/** What the world saw of a request. */
interface Seen {
  readonly id: string;
  /** it may have been sent */
  isBegun: boolean;
  /** costs of which each may be the charge: the last is the one that is certain once everything is written */
  readonly may: number[];
  isOver: boolean;
  /** of a process that has ended: what it had not written is not written any more */
  isPast: boolean;
}

/** Turns of the event loop in which a disk in memory writes what it is given. */
const settle = async () => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};

interface Told {
  readonly seen: readonly Seen[];
  readonly records: readonly Record[];
  readonly books: Books;
  readonly platter: Platter;
  readonly nowMs: number;
}

/** Plays a story on disks of a kind, and lets the last process end before it is judged by the next. */
async function play(steps: readonly Step[], diskOn: (platter: Platter) => FaultyDisk): Promise<Told> {
  const platter: Platter = new Map();
  const seen: Seen[] = [];
  let nowMs = NOON_MS;
  let disk = diskOn(platter);
  let books = await Books.open(disk, nowMs);
  const crash = async ({
    writes,
    isBehind,
    restMs,
  }: {
    writes: number;
    isBehind: boolean;
    restMs: number;
  }) => {
    disk.writesLeft = writes;
    disk.diesBehind = isBehind;
    // Only what is still to be written can be torn.
    await settle();
    disk.writesLeft = 0;
    nowMs = Math.max(NOON_MS, nowMs + restMs);
    disk = diskOn(platter);
    for (const one of seen) one.isOver = one.isPast = true;
    books = await Books.open(disk, nowMs);
  };
  for (const one of steps) {
    const which =
      one.kind === "progress" || one.kind === "end" ? seen[one.which % (seen.length || 1)] : undefined;
    switch (one.kind) {
      case "begin": {
        const request: Seen = {
          id: `r${seen.length}`,
          isBegun: false,
          may: [100],
          isOver: false,
          isPast: false,
        };
        seen.push(request);
        const begun = books.begin(reservation(request.id, { payers: PAYERS[one.payers]!, atMs: nowMs }));
        void begun.then(() => {
          request.isBegun = true;
        });
        if (one.isAwaited) await settle();
        break;
      }
      case "progress": {
        if (which === undefined || which.isOver) break;
        const cost = Math.max(...which.may) + one.tokens;
        which.may.push(cost);
        books.progress(which.id, { used: { inputTokens: 100, outputTokens: cost - 100 }, cost }, nowMs);
        break;
      }
      case "end": {
        if (which === undefined || which.isOver) break;
        which.isOver = true;
        const cost = Math.max(...which.may) + one.tokens;
        which.may.push(one.isReached ? cost : 0);
        const paid = one.isReached ? spent(100, cost - 100) : null;
        books.end({ id: which.id, end: "answered", spent: paid, atMs: nowMs });
        break;
      }
      case "wait":
        nowMs += one.ms;
        break;
      case "written":
        void books.written();
        await settle();
        for (const { may, isPast } of seen) if (!isPast) may.splice(0, may.length - 1);
        break;
      case "crash":
        await crash(one);
        break;
    }
  }
  await crash({ writes: 0, isBehind: false, restMs: 0 });
  const records = await books.recent(1_000);
  return { seen, records, books, platter, nowMs };
}

/** The first law that a story broke; null: none. */
function broken({ seen, records, books, platter, nowMs }: Told): string | null {
  for (const { id, isBegun, may } of seen) {
    const of = records.filter((one) => one.id === id);
    if (of.length > 1) return `${id} was charged ${of.length} times`;
    if (isBegun && of.length === 0) return `${id} was sent and never charged`;
    if (of.length === 1 && !may.includes(of[0]!.cost)) return `${id} was charged ${of[0]!.cost}, not ${may}`;
  }
  if ([...platter.keys()].some((key) => key.startsWith("open/")))
    return "something is open that does not run";
  for (const who of new Set(PAYERS.flat())) {
    const paid = records.filter((one) => one.payers.includes(who)).reduce((sum, { cost }) => sum + cost, 0);
    const all = books.spent(who, "all", nowMs);
    if (paid !== all) return `${who} has spent ${all} by the sums, ${paid} by the records`;
    for (const window of WINDOWS)
      if (books.spent(who, window, nowMs) > all) return `${who}: ${window} is above all`;
  }
  return null;
}

const stories = fc.array(step, { minLength: 1, maxLength: 40 });

test("each request is charged exactly once, at least its floor, never its reservation as well, and sums are those of the records", async () => {
  await fc.assert(
    fc.asyncProperty(stories, async (steps) => {
      expect(broken(await play(steps, (platter) => new FaultyDisk(platter)))).toBeNull();
    }),
    { numRuns: 120 },
  );
});

class Torn extends FaultyDisk {
  override async write(changes: Changes): Promise<void> {
    for (const one of changes) await super.write(new Map([one]));
  }
}

/** Disks that do what the books must not: each a bug that somebody could write, planted where its rows pass by. */
const MUTANTS: { readonly [bug: string]: (platter: Platter) => FaultyDisk } = {
  "an end leaves what was open": mutant((key, value) => !(key.startsWith("open/") && value === null)),
  "a record is not written": mutant((key) => !key.startsWith("done/")),
  "sums are not written": mutant((key) => !key.startsWith("payer/")),
  "what is begun is not written": mutant((key, value) => !(key.startsWith("open/") && value !== null)),
  "progress is not written": mutant(
    (key, value, platter) => !(value !== null && key.startsWith("open/") && platter.has(key)),
  ),
  "an end is more than one batch": (platter) => new Torn(platter),
};

function mutant(
  passes: (key: string, value: Uint8Array | null, platter: Platter) => boolean,
): (platter: Platter) => FaultyDisk {
  return (platter) =>
    new (class extends FaultyDisk {
      protected override passed(changes: Changes): Changes {
        return new Map([...changes].filter(([key, value]) => passes(key, value, platter)));
      }
    })(platter);
}

describe("a planted bug breaks a law:", () => {
  test.each(Object.entries(MUTANTS))("%s", async (_, diskOn) => {
    const told = await fc.check(
      fc.asyncProperty(stories, async (steps) => broken(await play(steps, diskOn)) === null),
      { numRuns: 300, seed: 1, endOnFailure: true },
    );
    expect(told.failed).toBe(true);
  });
});
