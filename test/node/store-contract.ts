// The laws of a store, for every store: a new one is held to them by one line in its test file.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Row, Store } from "../../node/store/store.js";
import { utf8 } from "../../src/base/index.js";
import type { Write } from "../../src/peer/ready.js";

export const put = (key: string, text: string): Write => ({ kind: "put", key, value: utf8(text) });
export const remove = (key: string): Write => ({ kind: "delete", key });
export const guard = (text: string): Write => ({ kind: "guard", record: utf8(text) });

export async function all(rows: AsyncIterable<Row>): Promise<[string, string][]> {
  const found: [string, string][] = [];
  for await (const { key, value } of rows) found.push([key, new TextDecoder().decode(value)]);
  return found;
}

/** @param open a new, empty store; the suite closes it */
export function storeContract(name: string, open: () => Promise<Store>): void {
  const law = (title: string, body: (store: Store) => Promise<void>) =>
    test(`${name}: ${title}`, async () => {
      const store = await open();
      try {
        await body(store);
      } finally {
        await store.close();
      }
    });

  law("what was written is read, what was not is null", async (store) => {
    await store.write([put("a", "1"), put("b", "")]);
    expect(await store.get("a")).toEqual(utf8("1"));
    expect(await store.get("b")).toEqual(new Uint8Array(0));
    expect(await store.get("c")).toBeNull();
  });

  law("the later of two writes to one key stands, also inside one batch", async (store) => {
    await store.write([put("a", "1"), put("a", "2"), put("b", "1"), remove("b"), remove("c"), put("c", "3")]);
    await store.write([put("a", "3"), remove("absent")]);
    expect(await all(store.range({}))).toEqual([
      ["a", "3"],
      ["c", "3"],
    ]);
  });

  law("rows of a prefix come in order, and nothing beside the prefix", async (store) => {
    const keys = ["log/10", "log/2", "log/~", "log0", "lo", "log", "log.", "log/"];
    await store.write(keys.map((key) => put(key, key)));
    expect((await all(store.rows("log/"))).map(([key]) => key)).toEqual(["log/", "log/10", "log/2", "log/~"]);
  });

  law("a range keeps its bounds, its limit and its direction", async (store) => {
    await store.write(["a", "b", "c", "d"].map((key) => put(key, key)));
    const keys = async (range: Parameters<Store["range"]>[0]) =>
      (await all(store.range(range))).map(([key]) => key);
    expect(await keys({ gte: "b", lt: "d" })).toEqual(["b", "c"]);
    expect(await keys({ gte: "b", limit: 1 })).toEqual(["b"]);
    expect(await keys({ lt: "d", reverse: true, limit: 2 })).toEqual(["c", "b"]);
    expect(await keys({ gte: "c", lt: "b" })).toEqual([]);
    expect(await keys({ limit: 0 })).toEqual([]);
    for (const range of [{ gte: "b", lt: "d" }, { lt: "d", reverse: true, limit: 2 }, { limit: 0 }, {}]) {
      const found: string[] = [];
      for await (const key of store.keys(range)) found.push(key);
      expect(found).toEqual(await keys(range));
    }
  });

  law("a range shows the store as it was when it was asked for", async (store) => {
    await store.write([put("a", "1"), put("b", "1")]);
    const before = store.rows("");
    await store.write([put("a", "2"), remove("b"), put("c", "2")]);
    expect(await all(before)).toEqual([
      ["a", "1"],
      ["b", "1"],
    ]);
  });

  law("a range may be left in the middle", async (store) => {
    await store.write([put("a", "1"), put("b", "1")]);
    for await (const row of store.rows("")) {
      expect(row.key).toBe("a");
      break;
    }
    await store.write([put("c", "1")]);
    expect(await store.get("c")).not.toBeNull();
  });

  law("bytes that were read are the caller's own", async (store) => {
    await store.write([put("a", "mine"), guard("mine")]);
    const record = store.guard();
    if (record.kind === "record") record.record.fill(0);
    const read = await store.get("a");
    expect(read).toEqual(utf8("mine"));
    expect(read?.constructor).toBe(Uint8Array);
    read!.fill(0);
    expect(await store.get("a")).toEqual(utf8("mine"));
    expect(store.guard()).toEqual({ kind: "record", record: utf8("mine") });
  });

  law("the guard is missing until it is written, then the last one written", async (store) => {
    expect(store.guard()).toEqual({ kind: "missing" });
    for (const text of ["one", "two", "three"]) {
      await store.write([guard(text), put("seq", text)]);
      expect(store.guard()).toEqual({ kind: "record", record: utf8(text) });
    }
    expect(await all(store.rows(""))).toEqual([["seq", "three"]]);
  });

  law("two guard records in one write are a bug, and nothing of it is written", async (store) => {
    await expect(async () => store.write([put("a", "1"), guard("1"), guard("2")])).rejects.toThrow(
      "one guard record",
    );
    expect(await store.get("a")).toBeNull();
    expect(store.guard()).toEqual({ kind: "missing" });
  });

  law("a key that would not sort as its bytes is a bug", async (store) => {
    for (const key of ["", "ü", "a\n", "\u{1f600}", "\x7f"]) {
      await expect(async () => store.write([put(key, "1")]), key).rejects.toThrow("printable ASCII");
    }
  });

  law("concurrent writes take effect in the order they were asked for", async (store) => {
    const writes = Array.from({ length: 50 }, (_, i) => [
      guard(`${i}`),
      put("last", `${i}`),
      put(`k${i}`, ""),
    ]);
    await Promise.all(writes.map((write) => store.write(write)));
    expect(await store.get("last")).toEqual(utf8("49"));
    expect(store.guard()).toEqual({ kind: "record", record: utf8("49") });
    expect(await all(store.rows("k"))).toHaveLength(50);
  });

  law("a closed store refuses, and closing twice is closing once", async (store) => {
    await store.write([put("a", "1")]);
    await store.close();
    await store.close();
    await expect(store.write([put("b", "1")])).rejects.toMatchObject({ name: "StoreError" });
    await expect(store.get("a")).rejects.toMatchObject({ name: "StoreError" });
  });

  test(`${name}: any history of batches leaves what a plain map would hold`, async () => {
    const key = fc.constantFrom("a", "a/", "a/1", "a/2", "b", "b ", "~");
    const write = fc.oneof(
      fc.tuple(key, fc.string({ maxLength: 8, unit: "grapheme-ascii" })).map(([at, text]) => put(at, text)),
      key.map(remove),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(write, { maxLength: 6 }), { maxLength: 8 }), async (batches) => {
        const store = await open();
        try {
          const model = new Map<string, string>();
          for (const batch of batches) {
            await store.write(batch);
            for (const one of batch) {
              if (one.kind === "put") model.set(one.key, new TextDecoder().decode(one.value));
              else if (one.kind === "delete") model.delete(one.key);
            }
          }
          const sorted = [...model].sort(([a], [b]) => (a < b ? -1 : 1));
          expect(await all(store.range({}))).toEqual(sorted);
          expect(await all(store.rows("a/"))).toEqual(sorted.filter(([at]) => at.startsWith("a/")));
          expect(await all(store.range({ reverse: true }))).toEqual(sorted.toReversed());
        } finally {
          await store.close();
        }
      }),
      { numRuns: 25 },
    );
  });
}
