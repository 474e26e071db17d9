// Books on a disk that refuses: what they do meanwhile, and that nothing is charged twice or lost when it works again.
import fc from "fast-check";
import { expect, test } from "vitest";
import { Books, type BooksEvent, type BooksRules } from "../../../../node/gateway/books/books.js";
import { FaultyDisk } from "./faulty-disk.js";
import { NOON_MS, reservation, spent } from "./reservations.js";

/** Nothing is tried again but by a test's own word. */
const NEVER_MS = 1_000_000;

async function opened(rules: Partial<BooksRules> = {}) {
  const disk = new FaultyDisk();
  const books = await Books.open(disk, NOON_MS, { mendMs: NEVER_MS, ...rules });
  const events: BooksEvent["kind"][] = [];
  books.listen(({ kind }) => events.push(kind));
  const spentNow = (who = "agent:ada") => books.spent(who, "day", NOON_MS);
  /** What the next process would find. */
  const again = async () => {
    const next = await Books.open(new FaultyDisk(new Map(disk.platter)), NOON_MS);
    return {
      cut: next.counts.cut,
      spent: next.spent("agent:ada", "day", NOON_MS),
      records: await next.recent(1_000),
    };
  };
  return { disk, books, events, spentNow, again };
}

const REFUSED = { code: "BOOKS_UNWRITABLE", why: expect.any(String), fix: expect.any(String) };

test.each(["whole", "half"] as const)(
  "G39 failing closed, nothing begins and what runs ends; when the disk works again, all of it is there once (%s refused)",
  async (refuses) => {
    const { disk, books, events, spentNow, again } = await opened();
    await books.begin(reservation("r1"));
    disk.refuses = refuses;
    await expect(books.begin(reservation("r2"))).rejects.toMatchObject(REFUSED);
    const { writes } = disk;
    await expect(books.begin(reservation("r3"))).rejects.toMatchObject(REFUSED);
    expect(disk.writes).toBe(writes);
    expect(spentNow()).toBe(150);
    books.progress("r1", spent(100, 20), NOON_MS);
    books.end({ id: "r1", end: "answered", spent: spent(100, 30), atMs: NOON_MS });
    expect(spentNow()).toBe(130);
    expect((await books.recent(5)).map(({ id }) => id)).toEqual(["r1"]);
    expect(await books.find("r1")).toHaveLength(1);
    expect(books.health).toMatchObject({ trouble: REFUSED, lostRecords: 0 });
    expect(await books.mend()).toBe(false);
    disk.refuses = "no";
    expect(await books.mend()).toBe(true);
    expect(books.health).toEqual({ trouble: null, kept: 0, lostRecords: 0 });
    expect(events).toEqual(["booksUnwritable", "booksWritable"]);
    await books.begin(reservation("r4"));
    books.end({ id: "r4", end: "answered", spent: spent(1, 0), atMs: NOON_MS });
    await books.written();
    expect(await again()).toMatchObject({
      cut: 0,
      spent: 131,
      records: [{ id: "r4" }, { id: "r1", cost: 130 }],
    });
  },
);

test("G39 failing open, requests pass and are counted in memory, and all of it is written when the disk works again", async () => {
  const { disk, books, events, spentNow, again } = await opened({ fail: "open" });
  disk.refuses = "whole";
  for (const id of ["r1", "r2", "r3"]) await books.begin(reservation(id));
  books.end({ id: "r1", end: "answered", spent: spent(100, 10), atMs: NOON_MS });
  books.progress("r2", spent(100, 40), NOON_MS);
  expect(spentNow()).toBe(110 + 2 * 150);
  expect(events).toEqual(["booksUnwritable"]);
  expect(await again()).toEqual({ cut: 0, spent: 0, records: [] });
  disk.refuses = "no";
  expect(await books.mend()).toBe(true);
  expect(await again()).toMatchObject({ cut: 2, spent: 110 + 140 + 100 });
  for (const id of ["r2", "r3"]) books.end({ id, end: "answered", spent: spent(100, 50), atMs: NOON_MS });
  await books.written();
  expect(await again()).toMatchObject({ cut: 0, spent: 410 });
  expect(spentNow()).toBe(410);
});

test("G39 a disk that stays full takes memory up to a bound: then records are lost, and said to be, and sums are not", async () => {
  const { disk, books, spentNow, again } = await opened({ fail: "open", mostKept: 50 });
  disk.refuses = "whole";
  for (let i = 0; i < 1_000; i++) {
    await books.begin(reservation(`r${i}`));
    books.end({ id: `r${i}`, end: "answered", spent: spent(1, 0), atMs: NOON_MS });
    expect(books.health.kept).toBeLessThanOrEqual(60);
  }
  const { lostRecords } = books.health;
  expect(lostRecords).toBeGreaterThan(900);
  disk.refuses = "no";
  expect(await books.mend()).toBe(true);
  const { spent: found, records } = await again();
  expect([found, spentNow(), records.length]).toEqual([1_000, 1_000, 1_000 - lostRecords]);
});

test("books that cannot write what they found cut off do not open, unless they fail open", async () => {
  const { disk, books } = await opened();
  await books.begin(reservation("r1"));
  const full = () => Object.assign(new FaultyDisk(new Map(disk.platter)), { refuses: "whole" as const });
  await expect(Books.open(full(), NOON_MS, { mendMs: NEVER_MS })).rejects.toMatchObject(REFUSED);
  const open = await Books.open(full(), NOON_MS, { mendMs: NEVER_MS, fail: "open" });
  const events: string[] = [];
  open.listen(({ kind }) => events.push(kind));
  expect([open.counts.cut, open.spent("agent:ada", "day", NOON_MS), events]).toEqual([
    1,
    100,
    ["booksUnwritable"],
  ]);
  expect(await open.close()).toBeGreaterThan(0);
});

test("the disk is tried again by itself", async () => {
  const { disk, books } = await opened({ mendMs: 1 });
  const written = new Promise<void>((resolve) =>
    books.listen(({ kind }) => {
      if (kind === "booksWritable") resolve();
    }),
  );
  disk.refuses = "whole";
  await expect(books.begin(reservation("r1"))).rejects.toMatchObject(REFUSED);
  disk.refuses = "no";
  await written;
  await books.begin(reservation("r2"));
  expect(await books.close()).toBe(0);
});

/** Steps of a story with refusals; a request is meant by its place among those that run. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("begin" as const), isAwaited: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("end" as const), which: fc.nat(20), tokens: fc.nat(50) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("progress" as const), which: fc.nat(20) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("disk" as const),
      refuses: fc.constantFrom("no", "whole", "half"),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: "mend" as const }) },
);

test("G39 whatever a disk refuses in between: once it works again, each request that was let go is charged once, and no other", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 40 }),
      fc.constantFrom("open" as const, "closed" as const),
      async (steps, fail) => {
        const { disk, books, again } = await opened({ fail });
        const running: string[] = [];
        const charges = new Map<string, number>();
        const begun: Promise<void>[] = [];
        let count = 0;
        for (const one of steps) {
          const id =
            one.kind === "end" || one.kind === "progress"
              ? running[one.which % (running.length || 1)]
              : undefined;
          if (one.kind === "begin") {
            const next = `r${count++}`;
            const now = books.begin(reservation(next)).then(
              () => void running.push(next),
              () => undefined,
            );
            begun.push(now);
            if (one.isAwaited) await now;
          } else if (one.kind === "end" && id !== undefined) {
            running.splice(running.indexOf(id), 1);
            charges.set(id, 100 + one.tokens);
            books.end({ id, end: "answered", spent: spent(100, one.tokens), atMs: NOON_MS });
          } else if (one.kind === "progress" && id !== undefined) books.progress(id, spent(100, 7), NOON_MS);
          else if (one.kind === "disk") disk.refuses = one.refuses as "no";
          else if (one.kind === "mend") await books.mend();
        }
        await Promise.all(begun);
        disk.refuses = "no";
        expect(await books.mend()).toBe(true);
        await books.written();
        for (const id of running) books.end({ id, end: "answered", spent: spent(100, 1), atMs: NOON_MS });
        for (const id of running) charges.set(id, 101);
        await books.written();
        const found = await again();
        expect(found.cut).toBe(0);
        expect(new Map(found.records.map(({ id, cost }) => [id, cost]))).toEqual(charges);
        const sum = [...charges.values()].reduce((a, b) => a + b, 0);
        expect([found.records.length, found.spent, books.spent("agent:ada", "day", NOON_MS)]).toEqual([
          charges.size,
          sum,
          sum,
        ]);
      },
    ),
    { numRuns: 150 },
  );
});
