// The store on disk keeps the contract of every store, and what only a disk can break.
// Scenarios 3 and 4 of spec/scenarios.
import { chmod, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Level } from "level";
import { expect, test } from "vitest";
import { storeErrorOf } from "../../node/store/error.js";
import { isDamaged } from "../../node/store/journal.js";
import { openStore } from "../../node/store/level-store.js";
import { utf8 } from "../../src/base/index.js";
import { testFolder } from "./folder.js";
import { all, guard, put, storeContract } from "./store-contract.js";

storeContract("level store", async () => openStore(await testFolder()));

test("level store: rows and guard are there after closing and opening", async () => {
  const folder = await testFolder();
  const first = await openStore(folder);
  await first.write([guard("g1"), put("a", "1")]);
  await first.write([guard("g2"), put("b", "2")]);
  await first.close();
  const second = await openStore(folder);
  expect(second.guard()).toEqual({ kind: "record", record: utf8("g2") });
  expect(await all(second.rows(""))).toEqual([
    ["a", "1"],
    ["b", "2"],
  ]);
  await second.close();
});

test("level store: a second opening of one folder is refused as locked, with a fix", async () => {
  const folder = await testFolder();
  const first = await openStore(folder);
  await expect(openStore(folder)).rejects.toMatchObject({
    name: "StoreError",
    code: "STORE_LOCKED",
    fix: expect.stringContaining("--home"),
  });
  await first.close();
  await (await openStore(folder)).close();
});

test("level store: a folder with a missing or damaged part is refused as corrupt", async () => {
  for (const damage of [
    (rows: string) => writeFile(join(rows, "CURRENT"), "MANIFEST-999999\n"),
    (rows: string) => writeFile(join(rows, "CURRENT"), "nonsense"),
    async (rows: string) => {
      const name = (await readFile(join(rows, "CURRENT"), "utf8")).trim();
      await writeFile(join(rows, name), new Uint8Array(50).fill(0x41));
    },
  ]) {
    const folder = await testFolder();
    const store = await openStore(folder);
    await store.write([put("a", "1")]);
    await store.close();
    await damage(join(folder, "rows"));
    await expect(openStore(folder)).rejects.toMatchObject({ code: "STORE_CORRUPT" });
  }
});

/** A store of so many batches, each synced, and the path of its journal. */
async function journalOf(batches: number): Promise<{ folder: string; journal: string; bytes: Uint8Array }> {
  const folder = await testFolder();
  const store = await openStore(folder);
  for (let i = 0; i < batches; i++)
    await store.write([put(`vote/${i}`, `signed ${i}`), put("seq", String(i))]);
  await store.close();
  const name = (await readdir(join(folder, "rows"))).find((one) => one.endsWith(".log"))!;
  const journal = join(folder, "rows", name);
  return { folder, journal, bytes: new Uint8Array(await readFile(journal)) };
}

const turned = (bytes: Uint8Array, at: number, bit: number): Uint8Array => {
  const other = bytes.slice();
  other[at]! ^= 1 << bit;
  return other;
};

test("level store: a synced batch never vanishes in silence: a turned bit amid the journal is refused as corrupt", async () => {
  const { folder, journal, bytes } = await journalOf(5);
  expect(isDamaged(bytes)).toBe(false);
  const last = Buffer.from(bytes).lastIndexOf("vote/4");
  const before = Buffer.from(bytes).lastIndexOf("signed 3") + "signed 3".length;
  for (let at = 0; at < before; at++) expect(isDamaged(turned(bytes, at, at % 8)), `byte ${at}`).toBe(true);
  await writeFile(journal, turned(bytes, Buffer.from(bytes).indexOf("signed 2"), 3));
  await expect(openStore(folder)).rejects.toMatchObject({ code: "STORE_CORRUPT" });
  // Of the last batch nobody can tell whether a crash tore it: it counts as never written.
  await writeFile(journal, turned(bytes, last, 3));
  const store = await openStore(folder);
  expect(await store.get("vote/4")).toBeNull();
  expect(await store.get("seq")).toEqual(utf8("3"));
  await store.close();
});

test("level store: a journal that a crash cut short anywhere opens with the batches before", async () => {
  const { bytes } = await journalOf(4);
  for (let end = 0; end <= bytes.length; end++) {
    expect(isDamaged(bytes.subarray(0, end)), `cut at ${end}`).toBe(false);
    const zeroed = bytes.slice();
    zeroed.fill(0, Math.max(end, Buffer.from(bytes).lastIndexOf("vote/3")));
    expect(isDamaged(zeroed)).toBe(false);
  }
});

test("level store: a row that is not what was written is refused as corrupt, not handed out", async () => {
  const folder = await testFolder();
  const store = await openStore(folder);
  await store.write([put("quorum/own/1", "ack a")]);
  await store.close();
  const database = new Level<string, Uint8Array>(join(folder, "rows"), { valueEncoding: "view" });
  const sealed = (await database.get("quorum/own/1"))!;
  for (const [key, value] of [
    ["quorum/own/1", turned(sealed, 4, 0)],
    ["quorum/own/2", sealed],
    ["quorum/own/1", sealed.slice(0, 3)],
  ] as const) {
    await database.batch([{ type: "put", key, value }]);
    await database.close();
    const again = await openStore(folder);
    await expect(again.get(key)).rejects.toMatchObject({ code: "STORE_CORRUPT" });
    await expect(all(again.rows(key))).rejects.toMatchObject({ code: "STORE_CORRUPT" });
    await again.close();
    await database.open();
  }
  await database.close();
});

test("level store: a folder that is a file, and one that may not be read, say so", async () => {
  const folder = await testFolder();
  await writeFile(join(folder, "file"), "");
  await expect(openStore(join(folder, "file"))).rejects.toMatchObject({
    name: "StoreError",
    code: "STORE_IO",
  });
  if (process.getuid?.() === 0) return; // to root nothing is denied
  await chmod(folder, 0o500);
  await expect(openStore(join(folder, "made"))).rejects.toMatchObject({ code: "STORE_DENIED" });
});

test("level store: a guard without its database and a database without its guard can be told apart", async () => {
  const folder = await testFolder();
  const first = await openStore(folder);
  await first.write([guard("g"), put("a", "1")]);
  await first.close();
  await rm(join(folder, "rows"), { recursive: true });
  const bare = await openStore(folder);
  expect(bare.guard().kind).toBe("record");
  expect(await all(bare.rows(""))).toEqual([]);
  await bare.write([put("a", "1")]);
  await bare.close();
  await rm(join(folder, "votes.guard"));
  const unguarded = await openStore(folder);
  expect(unguarded.guard().kind).toBe("missing");
  expect(await unguarded.get("a")).not.toBeNull();
  await unguarded.close();
});

test("errors of the system are told as what, why and how to mend it", () => {
  const told = (message: string, code?: string) => {
    const {
      code: type,
      what,
      why,
      fix,
    } = storeErrorOf("could not x", "/p", Object.assign(new Error(message), { code }));
    expect({ what, why }).toEqual({ what: "could not x", why: message });
    expect(fix).toContain("/p");
    return type;
  };
  expect(told("IO error: /p/3.log: No space left on device", "LEVEL_IO_ERROR")).toBe("STORE_FULL");
  expect(told("ENOSPC: no space left on device, write", "ENOSPC")).toBe("STORE_FULL");
  expect(told("IO error: /p/3.log: Disk quota exceeded", "LEVEL_IO_ERROR")).toBe("STORE_FULL");
  expect(told("EACCES: permission denied, open", "EACCES")).toBe("STORE_DENIED");
  expect(told("Corruption: bad block", "LEVEL_CORRUPTION")).toBe("STORE_CORRUPT");
  expect(told("IO error: /p/000005.ldb: No such file or directory", "LEVEL_IO_ERROR")).toBe("STORE_CORRUPT");
  expect(told("IO error: /p/3.log: Input/output error", "LEVEL_IO_ERROR")).toBe("STORE_IO");
});
