// The books of a gateway: reservations, charges, and what is found of them.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Level } from "level";
import { expect, test } from "vitest";
import { Books } from "../../../../node/gateway/books/books.js";
import { sealRow } from "../../../../node/store/row-seal.js";
import { utf8 } from "../../../../src/base/index.js";
import { testFolder } from "../../folder.js";
import { FaultyDisk } from "./faulty-disk.js";
import { NOON_MS, reservation, spent } from "./reservations.js";

const DAY_MS = 86_400_000;

test("what runs is spent at its reservation, what has ended at its charge, and what never reached the upstream not at all", async () => {
  const books = await Books.open(new FaultyDisk(), NOON_MS);
  const seen = (who: string) => books.spent(who, "day", NOON_MS);
  await books.begin(reservation("r1"));
  await books.begin(reservation("r2", { payers: ["agent:ada"] }));
  expect([seen("session:a"), seen("agent:ada"), seen("agent:bob")]).toEqual([150, 300, 0]);
  books.end({ id: "r1", end: "answered", spent: spent(90, 10), atMs: NOON_MS });
  expect([seen("session:a"), seen("agent:ada")]).toEqual([100, 250]);
  books.end({ id: "r2", end: "failed", spent: null, atMs: NOON_MS });
  expect([seen("session:a"), seen("agent:ada")]).toEqual([100, 100]);
  expect(books.counts).toEqual({ running: 0, cut: 0 });
  expect(await books.recent(10)).toMatchObject([
    { id: "r2", cost: 0, used: null, end: "failed" },
    { id: "r1", cost: 100, reserved: 150, used: { inputTokens: 90, outputTokens: 10 }, end: "answered" },
  ]);
  await books.close();
});

test("an answer that costs more than was set aside is charged all the same, and an end is heard once", async () => {
  const books = await Books.open(new FaultyDisk(), NOON_MS);
  await books.begin(reservation("r1"));
  for (const _ of "123") books.end({ id: "r1", end: "answered", spent: spent(900, 100), atMs: NOON_MS });
  books.progress("r1", spent(5_000, 5_000), NOON_MS);
  books.end({ id: "other", end: "answered", spent: spent(1, 1), atMs: NOON_MS });
  expect(books.spent("agent:ada", "all", NOON_MS)).toBe(1_000);
  expect(await books.recent(10)).toHaveLength(1);
  await books.close();
});

test("what an answer has cost already is set aside, also where that is more than was thought", async () => {
  const books = await Books.open(new FaultyDisk(), NOON_MS);
  const seen = () => [books.spent("agent:ada", "day", NOON_MS), books.setAside("agent:ada")];
  await books.begin(reservation("r1"));
  books.progress("r1", spent(100, 20), NOON_MS);
  expect(seen()).toEqual([150, 150]);
  books.progress("r1", spent(100, 900), NOON_MS);
  expect(seen()).toEqual([1_000, 1_000]);
  books.end({ id: "r1", end: "left", spent: spent(100, 901), atMs: NOON_MS });
  expect(seen()).toEqual([1_001, 0]);
  await books.close();
});

test("nothing that is set aside is lost, however much it is", async () => {
  const books = await Books.open(new FaultyDisk(), NOON_MS);
  const most = Number.MAX_SAFE_INTEGER;
  await books.begin(reservation("r1", { cost: most }));
  await books.begin(reservation("r2", { cost: 150 }));
  await books.begin(reservation("r3", { cost: most }));
  expect([books.setAside("agent:ada"), books.spent("agent:ada", "day", NOON_MS)]).toEqual([most, most]);
  for (const id of ["r1", "r3"]) books.end({ id, end: "failed", spent: null, atMs: NOON_MS });
  expect(books.setAside("agent:ada")).toBe(150);
  await books.close();
});

test("whatever an upstream claims, the books can be read again, and what is no whole number never comes in", async () => {
  const disk = new FaultyDisk();
  const books = await Books.open(disk, NOON_MS);
  const most = {
    used: { inputTokens: Number.MAX_SAFE_INTEGER, outputTokens: 0 },
    cost: Number.MAX_SAFE_INTEGER,
  };
  for (const id of ["r1", "r2"]) {
    await books.begin(reservation(id));
    books.end({ id, end: "answered", spent: most, atMs: NOON_MS });
  }
  await books.begin(reservation("r3"));
  for (const bad of [0.5, -1, Number.NaN, 2 ** 53]) {
    await expect(books.begin(reservation("r4", { cost: bad }))).rejects.toThrow("whole");
    expect(() => books.progress("r3", { ...most, cost: bad }, NOON_MS)).toThrow("whole");
    expect(() => books.end({ id: "r3", end: "answered", spent: most, atMs: bad })).toThrow("whole");
  }
  await books.written();
  const next = await Books.open(new FaultyDisk(new Map(disk.platter)), NOON_MS);
  expect(next.spent("agent:ada", "day", NOON_MS)).toBe(Number.MAX_SAFE_INTEGER);
  expect(next.counts.cut).toBe(1);
});

test("a payer who is named twice pays once", async () => {
  const books = await Books.open(new FaultyDisk(), NOON_MS);
  await books.begin(reservation("r1", { payers: ["agent:ada", "agent:ada"] }));
  expect(books.spent("agent:ada", "day", NOON_MS)).toBe(150);
  books.end({ id: "r1", end: "answered", spent: spent(10, 0), atMs: NOON_MS });
  expect(books.spent("agent:ada", "day", NOON_MS)).toBe(10);
  await books.close();
});

test("requests are found by the beginning of their ids, running or over, and the last come first", async () => {
  const books = await Books.open(new FaultyDisk(), NOON_MS);
  for (const id of ["req_a-1", "req_a-2", "req_b-1"]) await books.begin(reservation(id));
  books.end({ id: "req_a-1", end: "failed", spent: spent(1, 0), atMs: NOON_MS });
  books.end({ id: "req_b-1", end: "answered", spent: spent(2, 0), atMs: NOON_MS + 1 });
  const ids = async (prefix: string) => (await books.find(prefix)).map(({ id }) => id);
  expect(await ids("req_a")).toEqual(["req_a-2", "req_a-1"]);
  expect(await ids("req_b-1")).toEqual(["req_b-1"]);
  expect(await ids("req_c")).toEqual([]);
  expect((await books.recent(1)).map(({ id }) => id)).toEqual(["req_b-1"]);
  await books.close();
});

test("a charge belongs to the window in which it ends", async () => {
  const books = await Books.open(new FaultyDisk(), NOON_MS);
  await books.begin(reservation("r1"));
  const morrowMs = NOON_MS + DAY_MS;
  expect(books.spent("agent:ada", "day", morrowMs)).toBe(150);
  books.end({ id: "r1", end: "answered", spent: spent(10, 0), atMs: morrowMs });
  expect(books.spent("agent:ada", "day", NOON_MS)).toBe(0);
  expect(books.spent("agent:ada", "day", morrowMs)).toBe(10);
  expect(books.spent("agent:ada", "week", morrowMs)).toBe(10);
  await books.close();
});

test("requests that begin together are written together", async () => {
  const disk = new FaultyDisk();
  const books = await Books.open(disk, NOON_MS);
  await Promise.all(Array.from({ length: 100 }, (_, i) => books.begin(reservation(`r${i}`))));
  expect(disk.writes).toBeLessThanOrEqual(2);
  expect([...disk.platter.keys()].filter((key) => key.startsWith("open/"))).toHaveLength(100);
  await books.close();
});

test("old records go, a few with each that comes, and their ids with them; sums stay", async () => {
  const disk = new FaultyDisk();
  const books = await Books.open(disk, NOON_MS, { pruning: { mostRecords: 20, mostAgeMs: 10 * DAY_MS } });
  const pass = async (i: number, atMs: number) => {
    await books.begin(reservation(`r${String(i).padStart(3, "0")}`, { atMs }));
    const before = disk.platter.size;
    books.end({ id: `r${String(i).padStart(3, "0")}`, end: "answered", spent: spent(1, 0), atMs });
    await books.written();
    expect(before - disk.platter.size).toBeLessThanOrEqual(8);
  };
  for (let i = 0; i < 150; i++) await pass(i, NOON_MS);
  const count = (kind: string) => [...disk.platter.keys()].filter((key) => key.startsWith(kind)).length;
  expect([count("done/"), count("id/")]).toEqual([20, 20]);
  expect(await books.find("r129")).toEqual([]);
  expect(await books.find("r130")).toHaveLength(1);
  for (let i = 150; i < 160; i++) await pass(i, NOON_MS + 10 * DAY_MS);
  expect(count("done/")).toBe(20);
  for (let i = 160; i < 170; i++) await pass(i, NOON_MS + 10 * DAY_MS + 1);
  expect(count("done/")).toBe(20);
  for (let i = 170; i < 180; i++) await pass(i, NOON_MS + 21 * DAY_MS);
  expect([count("done/"), count("id/")]).toEqual([10, 10]);
  expect(books.spent("agent:ada", "all", NOON_MS)).toBe(180);
  await books.close();
});

test("books are there after closing and opening, and another process is kept out of them", async () => {
  const folder = await testFolder();
  const first = await Books.open(folder, NOON_MS);
  await expect(Books.open(folder, NOON_MS)).rejects.toMatchObject({ code: "BOOKS_LOCKED", fix: /--home/ });
  await first.begin(reservation("r1"));
  first.end({ id: "r1", end: "answered", spent: spent(90, 10), atMs: NOON_MS });
  expect(await first.close()).toBe(0);
  const second = await Books.open(folder, NOON_MS);
  expect(second.spent("agent:ada", "month", NOON_MS)).toBe(100);
  expect(await second.find("r1")).toHaveLength(1);
  await second.begin(reservation("r2"));
  second.end({ id: "r2", end: "answered", spent: spent(1, 0), atMs: NOON_MS });
  expect((await second.recent(5)).map(({ id }) => id)).toEqual(["r2", "r1"]);
  await second.close();
});

test("callers that only clients name are forgotten when enough others came after them; agents never", async () => {
  const disk = new FaultyDisk();
  const books = await Books.open(disk, NOON_MS, { mostPassing: 10 });
  const pay = async (i: number, payers: readonly string[]) => {
    void books.begin(reservation(`r${i}`, { payers }));
    books.end({ id: `r${i}`, end: "answered", spent: spent(1, 0), atMs: NOON_MS + i });
  };
  await pay(0, ["session:first", "agent:ada"]);
  for (let i = 1; i <= 10; i++) await pay(i, [i % 2 ? `session:${i}` : `agent:ada/session:${i}`]);
  await books.written();
  expect(books.spent("session:first", "all", NOON_MS)).toBe(0);
  expect(books.spent("session:1", "all", NOON_MS)).toBe(1);
  expect(books.spent("agent:ada", "all", NOON_MS)).toBe(1);
  expect(disk.platter.has("payer/session:first")).toBe(false);
  await books.close();
});

test("a row that cannot be read stops the gateway before it serves anybody, and says what to do", async () => {
  const folder = await testFolder();
  const books = await Books.open(folder, NOON_MS);
  await books.begin(reservation("r1"));
  books.end({ id: "r1", end: "answered", spent: spent(1, 0), atMs: NOON_MS });
  await books.begin(reservation("r2"));
  await books.close();
  const level = new Level<string, Uint8Array>(folder, { valueEncoding: "view" });
  const json = (key: string, content: unknown) => sealRow(key, utf8(JSON.stringify(content)));
  const refused = async (key: string, value: Uint8Array, code: string) => {
    const whole = Uint8Array.from((await level.get(key))!);
    await level.put(key, value);
    await level.close();
    await expect(Books.open(folder, NOON_MS), key).rejects.toMatchObject({
      code,
      what: expect.stringContaining("books"),
      fix: expect.stringMatching(/move .* aside|another --home/),
    });
    await level.open();
    await level.put(key, whole);
  };
  for (const key of ["payer/agent:ada", "open/r2", "done/000000000000"]) {
    const turned = Uint8Array.from((await level.get(key))!);
    turned[3]! ^= 4;
    await refused(key, turned, "BOOKS_DAMAGED");
  }
  await refused("payer/agent:ada", Uint8Array.of(1, 2), "BOOKS_DAMAGED");
  await refused("payer/agent:ada", sealRow("payer/agent:ada", utf8("{")), "BOOKS_DAMAGED");
  for (const content of [null, {}, { v: 1 }, { v: 0, lastMs: 0, all: 0, day: [], week: [], month: [] }])
    await refused("payer/agent:ada", json("payer/agent:ada", content), "BOOKS_DAMAGED");
  await refused("open/r2", json("open/r2", { v: 2 }), "BOOKS_NEWER");
  await level.close();
  await (await Books.open(folder, NOON_MS)).close();
});

test("a folder that is a file says so", async () => {
  const folder = await testFolder();
  await writeFile(join(folder, "file"), "");
  await expect(Books.open(join(folder, "file"), NOON_MS)).rejects.toMatchObject({ name: "BooksError" });
});
