// What a store has promised is there after kill -9 and on a full disk: real processes, real files.
import { expect, test } from "vitest";
import { openStore } from "../../node/store/level-store.js";
import { type Child, startChild } from "./child.js";
import { testFolder } from "./folder.js";
import { all } from "./store-contract.js";

/** Reads the child's promises until `enough` of them, or its end; returns the last one. */
async function promises(child: Child, enough: number): Promise<number> {
  expect(await child.line()).toBe("open");
  let last = -1;
  for (let count = 0; count < enough; count++) {
    const line = await child.line();
    if (line === null || line.startsWith("failed")) break;
    last = Number(line);
  }
  return last;
}

/** The store holds whole batches 0..n−1, and the guard is at most one ahead of them. Returns n. */
async function judge(path: string): Promise<number> {
  const store = await openStore(path);
  const a = await all(store.rows("a/"));
  const b = await all(store.rows("b/"));
  const seq = Number(new TextDecoder().decode((await store.get("seq"))!));
  const guard = store.guard();
  await store.close();
  expect(a.map(([key]) => key.slice(2)).sort()).toEqual(b.map(([key]) => key.slice(2)).sort());
  expect(b.length).toBe(seq + 1);
  if (guard.kind !== "record") throw new Error(`the guard is ${guard.kind}`);
  const signed = Number(new TextDecoder().decode(guard.record));
  expect([seq, seq + 1]).toContain(signed);
  return seq + 1;
}

test("after kill -9 in the middle of writes every promised batch is there, whole, with its guard", async () => {
  const folder = await testFolder();
  let next = 0;
  for (const enough of [1, 40, 150]) {
    const child = startChild("write-batches", [folder, String(next), "3000"]);
    const last = await promises(child, enough);
    await child.kill();
    const count = await judge(folder);
    expect(last).toBeGreaterThanOrEqual(next);
    expect(count).toBeGreaterThan(last);
    next = count;
  }
});

test.runIf(process.platform !== "win32")(
  "on a full disk the batch is refused with a name, so is every later one, and what was promised is there",
  async () => {
    const folder = await testFolder();
    const child = startChild("write-batches", [folder, "0", "30000"], { maxFileKib: 300 });
    expect(await child.line()).toBe("open");
    let last = -1;
    for (let line = await child.line(); line !== null; line = await child.line()) {
      if (line.startsWith("failed")) expect(line).toBe("failed STORE_FULL true");
      else last = Number(line);
    }
    expect(await child.ended()).toBe(0);
    expect(last).toBeGreaterThan(3);
    expect(await judge(folder)).toBe(last + 1);
  },
);
