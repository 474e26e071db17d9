// The sign guard: whatever a crash tears, the newest record that was promised stays readable.
import { readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { GuardFile } from "../../node/store/guard-file.js";
import { decodeSlot, encodeSlot, MAX_GUARD_RECORD_BYTES, SLOT_BYTES } from "../../node/store/guard-slot.js";
import { utf8 } from "../../src/base/index.js";
import { testFolder } from "./folder.js";

async function written(...records: readonly string[]): Promise<{ path: string; bytes: Uint8Array }> {
  const path = join(await testFolder(), "votes.guard");
  const file = await GuardFile.open(path);
  for (const record of records) await file.write(utf8(record));
  await file.close();
  return { path, bytes: new Uint8Array(await readFile(path)) };
}

test("guard: the newest record is read after any number of writes", async () => {
  for (let count = 1; count <= 5; count++) {
    const { path } = await written(...Array.from({ length: count }, (_, i) => `record ${i + 1}`));
    expect((await GuardFile.open(path)).read()).toEqual({ kind: "record", record: utf8(`record ${count}`) });
  }
});

test("guard: writing goes on in the right slot after opening again", async () => {
  const { path } = await written("one", "two");
  for (const text of ["three", "four"]) {
    const file = await GuardFile.open(path);
    await file.write(utf8(text));
    await file.close();
    expect((await GuardFile.open(path)).read()).toEqual({ kind: "record", record: utf8(text) });
  }
  const bytes = await readFile(path);
  expect(bytes.length).toBe(2 * SLOT_BYTES);
  expect(decodeSlot(bytes.subarray(0, SLOT_BYTES))).toEqual({ sequence: 3, record: utf8("three") });
});

test("guard: a write torn at any byte leaves the record before it, or is whole", async () => {
  const { path, bytes: before } = await written("first", "second, and longer than the first");
  const { bytes: after } = await written("first", "second, and longer than the first", "third");
  const changed = before.findIndex((byte, i) => byte !== after[i]);
  const last =
    before.length - 1 - [...before].reverse().findIndex((byte, i) => byte !== after[after.length - 1 - i]);
  expect(changed).toBeGreaterThanOrEqual(0);
  expect(last).toBeLessThan(SLOT_BYTES);
  for (const cut of [...Array(last + 2).keys(), SLOT_BYTES]) {
    const torn = Uint8Array.from(before);
    torn.set(after.subarray(0, cut));
    await writeFile(path, torn);
    const expected = cut > last ? "third" : "second, and longer than the first";
    expect((await GuardFile.open(path)).read(), `cut at ${cut}`).toEqual({
      kind: "record",
      record: utf8(expected),
    });
  }
});

test("guard: of a write, any part may reach the disk in any order", () => {
  const record = fc.uint8Array({ maxLength: MAX_GUARD_RECORD_BYTES });
  fc.assert(
    fc.property(record, record, fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }), (a, b, sectors) => {
      const old = encodeSlot({ sequence: 1, record: a });
      const fresh = encodeSlot({ sequence: 3, record: b });
      const mixed = Uint8Array.from(old);
      sectors.forEach((landed, i) => {
        if (landed) mixed.set(fresh.subarray(i * 512, (i + 1) * 512), i * 512);
      });
      const read = decodeSlot(mixed);
      if (read !== null) expect([a, b]).toContainEqual(read.record);
      if (read?.sequence === 3) expect(read.record).toEqual(b);
    }),
  );
});

test("guard: one turned bit anywhere in a slot is noticed", () => {
  const slot = encodeSlot({ sequence: 7, record: utf8("a vote") });
  const meaningful = 16 + "a vote".length + 32;
  for (let bit = 0; bit < meaningful * 8; bit++) {
    const turned = Uint8Array.from(slot);
    turned[bit >> 3]! ^= 1 << (bit & 7);
    expect(decodeSlot(turned), `bit ${bit}`).toBeNull();
  }
});

test("guard: missing, corrupt and written are three answers", async () => {
  const folder = await testFolder();
  const path = join(folder, "votes.guard");
  expect((await GuardFile.open(path)).read()).toEqual({ kind: "missing" });
  for (const bytes of [new Uint8Array(0), new Uint8Array(2 * SLOT_BYTES), new Uint8Array(100).fill(7)]) {
    await writeFile(path, bytes);
    const file = await GuardFile.open(path);
    expect(file.read()).toEqual({ kind: "corrupt" });
    await file.write(utf8("again"));
    await file.close();
    expect((await GuardFile.open(path)).read()).toEqual({ kind: "record", record: utf8("again") });
  }
});

test("guard: a file that was never renamed into place is no guard", async () => {
  const { path, bytes } = await written("one");
  const folder = await testFolder();
  await writeFile(join(folder, "votes.guard.new"), bytes);
  expect((await GuardFile.open(join(folder, "votes.guard"))).read()).toEqual({ kind: "missing" });
  expect((await GuardFile.open(path)).read().kind).toBe("record");
});

test("guard: a record of the greatest size fits, one byte more is a bug", async () => {
  const file = await GuardFile.open(join(await testFolder(), "votes.guard"));
  await file.write(new Uint8Array(MAX_GUARD_RECORD_BYTES).fill(1));
  await expect(file.write(new Uint8Array(MAX_GUARD_RECORD_BYTES + 1))).rejects.toThrow(
    "guard record of 2049 bytes",
  );
  expect(file.read()).toEqual({ kind: "record", record: new Uint8Array(MAX_GUARD_RECORD_BYTES).fill(1) });
  await file.close();
});

test("guard: two writes at one time are a bug", async () => {
  const file = await GuardFile.open(join(await testFolder(), "votes.guard"));
  const first = file.write(utf8("one"));
  await expect(file.write(utf8("two"))).rejects.toThrow("one writer at a time");
  await first;
  expect(file.read()).toEqual({ kind: "record", record: utf8("one") });
});

test.runIf(process.platform === "linux")("guard: a full disk is an accident with a name", async () => {
  const folder = await testFolder();
  await symlink("/dev/full", join(folder, "votes.guard.new"));
  const file = await GuardFile.open(join(folder, "votes.guard"));
  await expect(file.write(utf8("one"))).rejects.toMatchObject({ name: "StoreError", code: "STORE_FULL" });
  expect(file.read()).toEqual({ kind: "missing" });
});
