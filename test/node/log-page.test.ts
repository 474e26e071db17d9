// A page of the log ends in a certificate, fits a frame, and is as long as it can be.
import fc from "fast-check";
import { expect, test } from "vitest";
import { LogPage, type LogPageMessage } from "../../node/store/log-page.js";
import { readLogPage } from "../../node/store/log-reader.js";
import { memoryStore } from "../../node/store/memory-store.js";
import { decode, encode, utf8, ZERO_HASH } from "../../src/base/index.js";
import { logKey } from "../../src/peer/keyspace.js";
import {
  type Certificate,
  type Header,
  type LogEntry,
  logEntry,
  MAX_ANSWER_BYTES,
  MAX_DESCENDANTS,
  MAX_FRAME_BYTES,
  MAX_OP_BYTES,
  MAX_SEATS,
  quorumMessage,
} from "../../src/quorum/index.js";

const GREAT = Number.MAX_SAFE_INTEGER - 10_000;

/** A header as long as headers get, at `GREAT + height`. */
const headerAt = (height: number): Header => ({
  v: 1,
  chain: ZERO_HASH,
  market: ZERO_HASH,
  epoch: 0xffffffff,
  setHash: ZERO_HASH,
  term: GREAT,
  leader: 127,
  height: GREAT + height,
  parent: ZERO_HASH,
  parentTerm: GREAT,
  timeMs: GREAT,
  opsRoot: ZERO_HASH,
  opsCount: 0xffff,
  opsBytes: 0xffffffff,
  justifyHash: ZERO_HASH,
  execHeight: GREAT,
  execRoot: ZERO_HASH,
  kind: "seal",
  nextSetHash: ZERO_HASH,
});

const certOf = (height: number, seats = 1): Certificate => ({
  type: "commit",
  epoch: 0xffffffff,
  setHash: ZERO_HASH,
  term: GREAT + height,
  entryId: ZERO_HASH,
  signers: Array.from({ length: seats }, (_, i) => i),
  sigs: Array.from({ length: seats }, () => new Uint8Array(64)),
});

interface Shape {
  readonly certified?: boolean;
  readonly opBytes?: number;
  readonly skips?: number;
}

const entryOf = (height: number, { certified = true, opBytes = 0, skips = 0 }: Shape = {}): LogEntry => {
  const ops: Uint8Array[] = [];
  for (let left = opBytes; left > 0; left -= MAX_OP_BYTES)
    ops.push(new Uint8Array(Math.min(left, MAX_OP_BYTES)));
  const skip = certOf(0, MAX_SEATS);
  return {
    header: headerAt(height),
    ops,
    justification: Array.from({ length: skips }, () => skip),
    cert: certified ? certOf(height, MAX_SEATS) : null,
  };
};

function pageOf(shapes: readonly Shape[], max: number): LogPageMessage {
  const page = new LogPage(max);
  for (const [i, shape] of shapes.entries()) {
    const entry = entryOf(i + 1, shape);
    if (!page.take(entry, encode(logEntry, entry).length)) break;
  }
  return page.message();
}

const heights = (page: LogPageMessage) => ({
  entries: page.entries.map(({ header }) => header.height - GREAT),
  descendants: page.descendants.map(({ height }) => height - GREAT),
  cert: page.cert === null ? null : page.cert.term - GREAT,
});

const YES: Shape = {};
const NO: Shape = { certified: false };

test("a page that ends in a certified entry has no descendants", () => {
  expect(heights(pageOf([NO, YES, YES], 2))).toEqual({ entries: [1, 2], descendants: [], cert: 2 });
  expect(heights(pageOf([YES], 64))).toEqual({ entries: [1], descendants: [], cert: 1 });
});

test("after its last entry a page goes on by headers to the first certificate, and no further", () => {
  expect(heights(pageOf([NO, NO, NO, YES, YES], 2))).toEqual({
    entries: [1, 2],
    descendants: [3, 4],
    cert: 4,
  });
});

test("entries that nothing within reach proves are given back", () => {
  expect(heights(pageOf([YES, YES, NO, NO], 64))).toEqual({ entries: [1, 2], descendants: [], cert: 2 });
  expect(heights(pageOf([NO, NO], 64))).toEqual({ entries: [], descendants: [], cert: null });
  expect(heights(pageOf([], 64))).toEqual({ entries: [], descendants: [], cert: null });
  const far = Array.from({ length: MAX_DESCENDANTS + 3 }, () => NO);
  expect(heights(pageOf([YES, ...far, YES], 2))).toEqual({ entries: [1], descendants: [], cert: 1 });
  expect(heights(pageOf([YES, ...far.slice(3), YES], 2)).cert).toBe(MAX_DESCENDANTS + 2);
});

test("the fullest page that there can be fits a frame, and reads back", () => {
  const shapes: Shape[] = [{ certified: false, opBytes: 16 * MAX_OP_BYTES, skips: 50 }];
  for (let i = 1; i < MAX_DESCENDANTS; i++) shapes.push(NO);
  const page = pageOf([...shapes, YES], 64);
  expect(page.entries).toHaveLength(1);
  expect(page.entries[0]!.justification).toHaveLength(50);
  expect(page.descendants).toHaveLength(MAX_DESCENDANTS);
  const bytes = encode(quorumMessage, page);
  expect(bytes.length).toBeLessThanOrEqual(MAX_FRAME_BYTES);
  expect(decode(quorumMessage, bytes, MAX_FRAME_BYTES)).toMatchObject({ ok: true });
});

test("an entry whose justification is too long for a frame goes without it", () => {
  const page = pageOf([{ opBytes: 16 * MAX_OP_BYTES, skips: 300 }, YES], 64);
  expect(page.entries.map(({ justification, ops }) => [justification.length, ops.length])).toEqual([[0, 16]]);
  expect(encode(quorumMessage, page).length).toBeLessThanOrEqual(MAX_FRAME_BYTES);
});

test("any page fits a frame, ends in the certificate it names, and holds one more entry only at its peril", () => {
  const shape = fc.record({
    certified: fc.boolean(),
    opBytes: fc.constantFrom(0, 1000, 200_000, 16 * MAX_OP_BYTES),
    skips: fc.constantFrom(0, 0, 3, 260),
  });
  fc.assert(
    fc.property(fc.array(shape, { maxLength: 12 }), fc.integer({ min: 1, max: 8 }), (shapes, max) => {
      const page = pageOf(shapes, max);
      expect(encode(quorumMessage, page).length).toBeLessThanOrEqual(MAX_FRAME_BYTES);
      const { entries, descendants, cert } = heights(page);
      const all = [...entries, ...descendants];
      expect(all).toEqual(all.map((_, i) => i + 1));
      expect(entries.length).toBeLessThanOrEqual(max);
      expect(cert).toBe(all.length === 0 ? null : all.length);
      for (const height of descendants.slice(0, -1)) expect(shapes[height - 1]!.certified).toBe(false);
      const sizes = shapes.map((one, i) => encode(logEntry, entryOf(i + 1, one)).length);
      const fitting = sizes.slice(0, max).findIndex((_, i) => {
        return i > 0 && sizes.slice(0, i + 1).reduce((a, b) => a + b) > MAX_ANSWER_BYTES;
      });
      const most = fitting === -1 ? Math.min(max, shapes.length) : fitting;
      const provable = shapes.findLastIndex(({ certified }) => certified) + 1;
      expect(entries.length).toBe(Math.min(most, provable));
    }),
    { numRuns: 60 },
  );
});

test("the log is served from its rows, from any height, and from nothing else", async () => {
  const store = memoryStore();
  const rows = Array.from({ length: 70 }, (_, i) => {
    const entry = { ...entryOf(i + 1), header: { ...headerAt(0), height: i + 1 } };
    return { kind: "put", key: logKey(i + 1), value: encode(logEntry, entry) } as const;
  });
  await store.write([
    ...rows,
    { kind: "put", key: "log0", value: utf8("x") },
    { kind: "put", key: "a", value: utf8("x") },
  ]);
  const served = async (from: number, max: number) =>
    (await readLogPage(store, from, max)).entries.map(({ header }) => header.height);
  expect(await served(3, 2)).toEqual([3, 4]);
  expect(await served(70, 64)).toEqual([70]);
  expect(await served(71, 64)).toEqual([]);
  expect((await served(1, 1000)).length).toBe(64);
});

test("a damaged row and a gap are corruption of the store, a log that begins later is not", async () => {
  const entry = (height: number) => encode(logEntry, { ...entryOf(1), header: { ...headerAt(0), height } });
  const storeOf = async (rows: readonly [number, Uint8Array][]) => {
    const store = memoryStore();
    await store.write(rows.map(([height, value]) => ({ kind: "put", key: logKey(height), value })));
    return store;
  };
  const damaged = await storeOf([
    [1, entry(1)],
    [2, entry(2).slice(1)],
  ]);
  await expect(readLogPage(damaged, 1, 64)).rejects.toMatchObject({ code: "STORE_CORRUPT" });
  expect((await readLogPage(damaged, 1, 1)).entries).toHaveLength(1);
  const gap = await storeOf([
    [5, entry(5)],
    [7, entry(7)],
  ]);
  await expect(readLogPage(gap, 5, 64)).rejects.toMatchObject({ code: "STORE_CORRUPT" });
  expect((await readLogPage(gap, 1, 64)).entries).toEqual([]);
});
