// History is read by places: pages follow each other without gap or repetition while new rows come and old ones go, and
// a row that cannot be read says what makes it again.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { limitHistory } from "../../node/history-limit.js";
import { readMovements } from "../../node/history-reader.js";
import { type HistoryQuestion, readHistory, subjectsLike } from "../../node/kept-history.js";
import { openStore } from "../../node/store/level-store.js";
import { memoryStore } from "../../node/store/memory-store.js";
import type { Store } from "../../node/store/store.js";
import { encode, toHex, utf8 } from "../../src/base/index.js";
import { historyBegins } from "../../src/peer/history/history.js";
import { keptPrice } from "../../src/peer/history/price.js";
import {
  historyBeginKey,
  historyPlaces,
  historyRows,
  movementsOf,
  placeOf,
  type Write,
} from "../../src/peer/index.js";
import { idOf } from "../peer/cluster.js";
import { CULPRITS_AGENT, traded } from "../worlds/traded.js";
import { testFolder } from "./folder.js";

const CAPABILITIES = ["gpu", "gpu.hour", "cpu"];

/** The rows of an entry in which auctions of these capabilities found their prices. */
function priced(height: number, capabilities: readonly string[]): Write[] {
  return capabilities.flatMap((capability, i): Write[] => {
    const row = { timeMs: height, auction: new Uint8Array(32).fill(i), capability, units: 1, bids: 1 };
    const value = encode(keptPrice, { ...row, direction: "sell", format: "vickrey", price: BigInt(height) });
    const place = placeOf(height, i);
    return [
      { kind: "put", key: historyRows("price") + place, value },
      { kind: "put", key: historyPlaces("price", `capability/${capability}`) + place, value: utf8("") },
    ];
  });
}

const entry = fc.array(fc.constantFrom(...CAPABILITIES), { maxLength: 3 });
const work = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("entry" as const), capabilities: entry }),
    fc.record({ kind: fc.constant("page" as const), limit: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ kind: fc.constant("limit" as const), keep: fc.double({ min: 0.3, max: 1, noNaN: true }) }),
  ),
  { minLength: 10, maxLength: 60 },
);

test.each([null, "capability/gpu" as const])(
  "a reader of %s sees each row once that was there when it began, whatever comes and goes",
  async (subject) => {
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { minLength: 5, maxLength: 30 }), work, async (begin, steps) => {
        const store = memoryStore();
        await store.write(historyBegins(1));
        let height = 0;
        const all: string[] = [];
        const grow = async (capabilities: readonly string[]) => {
          height++;
          await store.write(priced(height, capabilities));
          capabilities.forEach((one, i) => {
            if (subject === null || subject === `capability/${one}`) all.push(placeOf(height, i));
          });
        };
        for (const capabilities of begin) await grow(capabilities);
        const wanted = [...all].reverse();
        const seen: string[] = [];
        let least = 1;
        const page = async (limit: number) => {
          const before: string | null = seen.at(-1) ?? placeOf(begin.length + 1, 0);
          const { from, rows } = await readHistory(store, "price", { subject, before, limit });
          least = Math.max(least, from);
          seen.push(...rows.map(({ place }) => place));
          return rows.length;
        };
        for (const step of steps) {
          if (step.kind === "entry") await grow(step.capabilities);
          else if (step.kind === "page") await page(step.limit);
          else await limitHistory(store, "price", Math.floor((await sizeOf(store)) * step.keep));
        }
        while ((await page(3)) > 0);
        // Rows that went before their turn came are missing at the end, and nowhere else.
        expect(seen).toEqual(wanted.slice(0, seen.length));
        for (const lost of wanted.slice(seen.length)) expect(Number(lost.split(".")[0])).toBeLessThan(least);
      }),
      { numRuns: 60 },
    );
  },
);

const sizeOf = (store: Store) => store.sizeOf({ gte: "history/price/", lt: "history/price0" });

describe("a limit", () => {
  test.each([
    ["memory", async () => memoryStore()],
    ["disk", async () => openStore(await testFolder())],
  ])(
    "%s: the oldest go with all that leads to them, and it is told from where on nothing is missing",
    async (_, open) => {
      const store = await open();
      await store.write(historyBegins(1));
      for (let height = 1; height <= 2000; height++) await store.write(priced(height, ["gpu", "cpu"]));
      await store.compact();
      const bytes = await sizeOf(store);
      expect(await limitHistory(store, "price", bytes)).toBe(0);
      const gone = await limitHistory(store, "price", Math.floor(bytes / 2));
      expect(gone).toBeGreaterThan(1000);
      const ask = async (question: Partial<HistoryQuestion>) =>
        readHistory(store, "price", { subject: null, before: null, limit: 10_000, ...question });
      const { from, rows } = await ask({});
      expect(rows).toHaveLength(4000 - gone);
      expect(rows.filter(({ place }) => Number(place.split(".")[0]) >= from)).toHaveLength(2 * (2001 - from));
      expect(from).toBe(Math.floor((gone + 1) / 2) + 1);
      for (const one of ["gpu", "cpu"] as const)
        expect((await ask({ subject: `capability/${one}` })).rows.length).toBeGreaterThanOrEqual(2001 - from);
      expect((await ask({ before: placeOf(3, 0) })).rows, "a cursor that is gone").toEqual([]);
      await store.close();
    },
  );

  test("goes on behind a row that cannot be read", async () => {
    const store = memoryStore();
    await store.write([
      ...historyBegins(1),
      ...priced(1, ["gpu"]),
      ...priced(2, ["gpu"]),
      ...priced(3, ["gpu"]),
    ]);
    await store.write([{ kind: "put", key: historyRows("price") + placeOf(1, 0), value: utf8("?") }]);
    expect(await limitHistory(store, "price", 0)).toBe(3);
    const page = await readHistory(store, "price", { subject: "capability/gpu", before: null, limit: 9 });
    expect(page).toEqual({ from: 4, rows: [] });
  });
});

test("a place below where history begins that leads nowhere takes no row's room on a page", async () => {
  const store = memoryStore();
  await store.write([...historyBegins(10), ...[1, 2, 3].flatMap((height) => priced(height, ["gpu"]))]);
  await store.write([{ kind: "delete", key: historyRows("price") + placeOf(2, 0) }]);
  const page = await readHistory(store, "price", { subject: "capability/gpu", before: null, limit: 2 });
  expect(page.rows.map(({ place }) => place)).toEqual([placeOf(3, 0), placeOf(1, 0)]);
});

describe("a row of history that cannot be read", () => {
  const { host } = traded();
  const all: Question = { subject: null, before: null, limit: 50 };
  type Question = Parameters<typeof readHistory>[2];
  const first = (prefix: string) => [...host.rows.keys()].filter((key) => key.startsWith(prefix)).sort()[0]!;
  const price = first(historyRows("price"));

  test.each<[string, string, (store: Store) => Promise<unknown>]>([
    ["a price", price, (store) => readHistory(store, "price", all)],
    ["a slash", first(historyRows("slash")), (store) => readHistory(store, "slash", all)],
    ["where it begins", historyBeginKey("price"), (store) => readHistory(store, "price", all)],
    [
      "a movement",
      first(movementsOf(toHex(idOf("ann")))),
      (store) => readMovements(store, toHex(idOf("ann")), null, 50),
    ],
  ])("%s: says so, and what makes it again", async (_, key, read) => {
    const folder = await testFolder();
    const store = await openStore(folder);
    await store.write([...host.rows].map(([one, value]) => ({ kind: "put", key: one, value })));
    await read(store);
    const told = { code: "HISTORY_DAMAGED", fix: expect.stringContaining("mabeam db rebuild") };
    await store.write([{ kind: "put", key, value: utf8("no row") }]);
    await expect(read(store), "other bytes").rejects.toMatchObject(told);
    await store.close();
    const { Level } = await import("level");
    const raw = new Level<string, Uint8Array>(`${folder}/rows`, { valueEncoding: "view" });
    await raw.put(key, host.rows.get(key)!);
    await raw.close();
    const again = await openStore(folder);
    await expect(read(again), "a broken seal").rejects.toMatchObject(told);
    await again.close();
  });

  test("one that is missing is told as well, where its place is asked for", async () => {
    const store = memoryStore();
    await store.write([...host.rows].map(([key, value]) => ({ kind: "put", key, value })));
    await store.write([{ kind: "delete", key: price }]);
    const question = { ...all, subject: "capability/gpu.hour" } as const;
    await expect(readHistory(store, "price", question)).rejects.toMatchObject({ code: "HISTORY_DAMAGED" });
  });

  test("subjects that begin so are found, each once", async () => {
    const store = memoryStore();
    await store.write([...host.rows].map(([key, value]) => ({ kind: "put", key, value })));
    expect(await subjectsLike(store, "price", "capability/gpu", 5)).toEqual([
      "capability/gpu",
      "capability/gpu.hour",
    ]);
    expect(await subjectsLike(store, "price", "capability/gpu", 1)).toEqual(["capability/gpu"]);
    expect(await subjectsLike(store, "slash", `agent/${CULPRITS_AGENT.slice(0, 8)}`, 5)).toHaveLength(1);
  });
});
