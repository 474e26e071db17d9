// The log of own auctions is kept up to a limit: the oldest goes first, and what others may need never does.
import { expect, test } from "vitest";
import { limitOwnLog } from "../../node/own-log-limit.js";
import { openStore } from "../../node/store/level-store.js";
import { memoryStore } from "../../node/store/memory-store.js";
import type { Store } from "../../node/store/store.js";
import { logKey } from "../../src/peer/index.js";
import { testFolder } from "./folder.js";

const FROM = 3000;
const BYTES = 1000;
/** Bytes that no compression makes less of. */
const noise = (seed: number) =>
  Uint8Array.from({ length: BYTES }, (_, i) => Math.abs(Math.sin(seed * 7919 + i * 104729) * 1e9) & 255);

const none = (): boolean => false;

async function filled(store: Store): Promise<Store> {
  for (let height = 1; height <= FROM + 100; height++) {
    if (height % 2 === 0 && height < FROM) continue;
    await store.write([{ kind: "put", key: logKey(height), value: noise(height) }]);
  }
  return store;
}

async function heightsIn(store: Store): Promise<number[]> {
  const heights: number[] = [];
  for await (const key of store.keys({ gte: "log/", lt: "log0" })) heights.push(Number(key.slice(4)));
  return heights;
}

test.each([
  ["memory", async () => memoryStore()],
  ["disk", async () => openStore(await testFolder())],
])(
  "%s: the oldest goes until the rest is within the limit, and no more when it is looked at again",
  async (_, open) => {
    const store = await filled(await open());
    await store.compact();
    const before = await heightsIn(store);
    expect(await limitOwnLog(store, FROM, 10_000_000, none)).toBe(0);
    const limit = 500 * BYTES;
    const gone = await limitOwnLog(store, FROM, limit, none);
    const after = await heightsIn(store);
    expect(after).toEqual(before.slice(gone));
    expect(after.filter((height) => height >= FROM)).toHaveLength(101);
    const kept = after.filter((height) => height < FROM).length;
    expect(kept).toBeGreaterThan(350);
    expect(kept).toBeLessThanOrEqual(560);
    expect(await limitOwnLog(store, FROM, limit, none)).toBeLessThan(60);
    await limitOwnLog(store, FROM, 0, none);
    expect((await heightsIn(store))[0]).toBeGreaterThanOrEqual(FROM - 120);
    expect((await heightsIn(store)).filter((height) => height >= FROM)).toHaveLength(101);
    await store.close();
  },
);

test("entries with the evidence of a slash stay, whatever the limit", async () => {
  const store = await filled(memoryStore());
  const shown = new Set([1, 7, FROM - 1]);
  await limitOwnLog(store, FROM, 0, (height) => shown.has(height));
  expect((await heightsIn(store)).filter((height) => height < FROM)).toEqual([...shown]);
  expect(await limitOwnLog(store, FROM, 0, (height) => shown.has(height))).toBe(0);
});
