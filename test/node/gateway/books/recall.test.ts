// What was used before a start: limits and fairness are told, by clocks that may have been set meanwhile.
import { expect, test } from "vitest";
import { Books } from "../../../../node/gateway/books/books.js";
import { FaultyDisk } from "./faulty-disk.js";
import { NOON_MS, reservation, spent } from "./reservations.js";

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;

/** Books in which requests ended at such moments, and others run, when the process ends. */
async function leftAt(ends: readonly number[], running: readonly number[] = []): Promise<FaultyDisk> {
  const disk = new FaultyDisk();
  const books = await Books.open(disk, NOON_MS);
  for (const [i, atMs] of ends.entries()) {
    await books.begin(reservation(`r${i}`, { atMs }));
    books.end({ id: `r${i}`, end: "answered", spent: spent(i + 1, 0), atMs });
  }
  for (const [i, atMs] of running.entries())
    await books.begin(reservation(`c${i}`, { atMs, flow: "agent:bob" }));
  await books.written();
  return disk;
}

const agos = async (disk: FaultyDisk, nowMs: number): Promise<readonly (readonly number[])[]> => {
  const books = await Books.open(disk, nowMs);
  const past = await books.recallable(MINUTE_MS, nowMs);
  return [...past].reverse().map(({ agoMs, use }) => [agoMs / SECOND_MS, use.inputTokens]);
};

test("G16 what ended within the last window is recalled, in order, and nothing at its edge", async () => {
  const disk = await leftAt([0, 1, 30, 55].map((s) => NOON_MS + s * SECOND_MS));
  expect(await agos(disk, NOON_MS + 61 * SECOND_MS)).toEqual([
    [6, 4],
    [31, 3],
  ]);
  expect(await agos(disk, NOON_MS + 60 * SECOND_MS)).toEqual([
    [5, 4],
    [30, 3],
    [59, 2],
  ]);
  expect(await agos(disk, NOON_MS + 300 * SECOND_MS)).toEqual([]);
});

test("G16 what was cut off counts as it was set aside, until its window is over since the gateway was last known to live", async () => {
  const disk = await leftAt([NOON_MS + 50 * SECOND_MS], [NOON_MS, NOON_MS + 40 * SECOND_MS]);
  const nowMs = NOON_MS + 70 * SECOND_MS;
  const books = await Books.open(disk, nowMs);
  expect(books.counts).toEqual({ running: 0, cut: 2 });
  const past = await books.recallable(MINUTE_MS, nowMs);
  const cut = { flow: "agent:bob", use: { inputTokens: 100, outputTokens: 50 }, agoMs: 20 * SECOND_MS };
  expect(past).toMatchObject([{ flow: "agent:ada", use: { inputTokens: 1, outputTokens: 0 } }, cut, cut]);
  expect(await books.recallable(MINUTE_MS, nowMs + 40 * SECOND_MS)).toEqual([]);
  // What is charged is what is known to have been used, at the time at which it was.
  expect((await books.recent(2)).map(({ end, cost, endedMs }) => [end, cost, endedMs])).toEqual([
    ["cut", 100, NOON_MS + 50 * SECOND_MS],
    ["cut", 100, NOON_MS + 50 * SECOND_MS],
  ]);
});

test("G16 a second start within the window recalls the same, and charges nothing again", async () => {
  const disk = await leftAt([], [NOON_MS]);
  const first = await Books.open(disk, NOON_MS + SECOND_MS);
  const second = await Books.open(disk, NOON_MS + 2 * SECOND_MS);
  expect(second.counts.cut).toBe(0);
  expect(await second.recallable(MINUTE_MS, NOON_MS + 2 * SECOND_MS)).toMatchObject([
    { agoMs: 2 * SECOND_MS },
  ]);
  expect(second.spent("agent:ada", "all", NOON_MS)).toBe(first.spent("agent:ada", "all", NOON_MS));
});

test("a clock that was set back makes nothing younger than it is, and nothing older than a window comes back", async () => {
  const before = [0, 100, 110].map((s) => NOON_MS + s * SECOND_MS);
  // Down at 110 s, up again an hour earlier: at least what lies between two records has gone by.
  const disk = await leftAt(before);
  expect(await agos(disk, NOON_MS - 3_600 * SECOND_MS)).toEqual([
    [0, 3],
    [10, 2],
  ]);
  // Set back while it ran: of the leap nobody knows how long it took.
  const leapt = await leftAt([...before, NOON_MS, NOON_MS + 5 * SECOND_MS]);
  expect(await agos(leapt, NOON_MS + 6 * SECOND_MS)).toEqual([
    [1, 5],
    [6, 4],
    [6, 3],
    [16, 2],
  ]);
});

test("a clock that was set forward charges what was cut off in the window in which it ran", async () => {
  const disk = await leftAt([], [NOON_MS]);
  const weekMs = 7 * 86_400_000;
  const books = await Books.open(disk, NOON_MS + weekMs);
  expect(books.spent("agent:ada", "day", NOON_MS + weekMs)).toBe(0);
  expect(books.spent("agent:ada", "day", NOON_MS)).toBe(100);
  const back = await Books.open(await leftAt([], [NOON_MS]), NOON_MS - weekMs);
  expect(back.spent("agent:ada", "day", NOON_MS - weekMs)).toBe(100);
});

test("what never reached the upstream is not recalled", async () => {
  const books = await Books.open(new FaultyDisk(), NOON_MS);
  await books.begin(reservation("r1"));
  books.end({ id: "r1", end: "failed", spent: null, atMs: NOON_MS });
  expect(await books.recallable(MINUTE_MS, NOON_MS)).toEqual([]);
});
