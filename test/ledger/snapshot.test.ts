// A state handed on row by row: whole and true, or refused at the first bucket that is not.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { utf8 } from "../../src/base/index.js";
import { Snapshot, SnapshotCheck, type SnapshotRow, StateTree } from "../../src/ledger/index.js";
import { bucketOf } from "../../src/ledger/state-tree.js";

const MAX = 1_000_000;
const rowsOf = (count: number): Map<string, Uint8Array> =>
  new Map(Array.from({ length: count }, (_, i) => [`row/${i}`, utf8(`value ${i}`)]));

function snapshotOf(rows: ReadonlyMap<string, Uint8Array>): Snapshot {
  const tree = new StateTree();
  for (const [key, value] of rows) tree.set(key, value);
  return new Snapshot(tree);
}

function handedOn(rows: ReadonlyMap<string, Uint8Array>): { snapshot: Snapshot; sent: SnapshotRow[] } {
  const snapshot = snapshotOf(rows);
  const sent = [...snapshot.keysFrom({ bucket: 0, row: 0 })].map((key) => ({ key, value: rows.get(key)! }));
  return { snapshot, sent };
}

function taken({ root, bucketHashes }: Snapshot, sent: readonly SnapshotRow[], max = MAX): string | null {
  const check = SnapshotCheck.of(root, bucketHashes, max)!;
  for (const row of sent) {
    const fault = check.take(row);
    if (fault !== null) return fault;
  }
  return check.end();
}

test("every row of a state is handed on once, and all together are taken as the state", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 6000 }), (count) => {
      const rows = rowsOf(count);
      const { snapshot, sent } = handedOn(rows);
      expect(new Set(sent.map(({ key }) => key))).toEqual(new Set(rows.keys()));
      expect(sent).toHaveLength(count);
      expect(taken(snapshot, sent)).toBeNull();
    }),
    { numRuns: 6 },
  );
});

test("a reader that goes on from any place misses nothing and reads nothing twice", () => {
  const rows = rowsOf(2000);
  const { snapshot, sent } = handedOn(rows);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1 }), (steps) => {
      const check = SnapshotCheck.of(snapshot.root, snapshot.bucketHashes, MAX)!;
      const read: string[] = [];
      for (let i = 0; read.length < sent.length; i++) {
        let left = steps[i % steps.length]!;
        for (const key of snapshot.keysFrom(check.place)) {
          if (left-- === 0) break;
          expect(check.take({ key, value: rows.get(key)! })).toBeNull();
          read.push(key);
        }
      }
      expect(read).toEqual(sent.map(({ key }) => key));
      expect(check.end()).toBeNull();
    }),
    { numRuns: 8 },
  );
});

describe("a liar is found out", () => {
  const rows = rowsOf(1000);
  const { snapshot, sent } = handedOn(rows);
  const at = fc.integer({ min: 0, max: sent.length - 1 });

  const isRefused = (lie: (i: number, j: number) => SnapshotRow[]) =>
    fc.assert(
      fc.property(at, at, (i, j) => {
        const told = lie(i, j);
        expect(taken(snapshot, told)).toMatch(/^WRONG_(BUCKET|ORDER)$/);
      }),
      { numRuns: 25 },
    );

  test("who changes a value", () =>
    isRefused((i) => sent.with(i, { key: sent[i]!.key, value: utf8("a lie") })));
  test("who leaves a row out", () => isRefused((i) => sent.toSpliced(i, 1)));
  test("who adds a row", () => {
    const more = (i: number) => ({ key: `more/${i}`, value: utf8("x") });
    isRefused((i) =>
      [...sent, more(i)].sort((a, b) => bucketOf(a.key) - bucketOf(b.key) || (a.key < b.key ? -1 : 1)),
    );
  });
  test("who says a row twice", () => isRefused((i) => sent.toSpliced(i, 0, sent[i]!)));
  test("who ends early", () => isRefused((i) => sent.slice(0, i)));
  test("who exchanges two rows", () =>
    isRefused((i, j) => (i === j ? [] : sent.with(i, sent[j]!).with(j, sent[i]!))));

  test("at the next bucket, and not only at the end", () => {
    const check = SnapshotCheck.of(snapshot.root, snapshot.bucketHashes, MAX)!;
    const first = bucketOf(sent[0]!.key);
    const next = sent.findIndex(({ key }) => bucketOf(key) > first);
    expect(check.take({ key: sent[0]!.key, value: utf8("a lie") })).toBeNull();
    for (const row of sent.slice(1, next)) expect(check.take(row)).toBeNull();
    expect(check.take(sent[next]!)).toBe("WRONG_BUCKET");
  });

  test("who sends one bucket without end", () => {
    const check = SnapshotCheck.of(snapshot.root, snapshot.bucketHashes, 1000)!;
    const keys = Array.from({ length: 400_000 }, (_, i) => `key/${String(i).padStart(8, "0")}`);
    const faults = keys
      .filter((key) => bucketOf(key) === 0)
      .map((key) => check.take({ key, value: utf8("0123456789") }));
    expect(faults).toContain("BUCKET_TOO_LARGE");
  });

  test("who sends rows of a few bytes, which take far more", () => {
    const check = SnapshotCheck.of(snapshot.root, snapshot.bucketHashes, 4096)!;
    const keys = Array.from({ length: 100_000 }, (_, i) => i.toString(36).padStart(4, "0"));
    const faults = keys
      .filter((key) => bucketOf(key) === 0)
      .map((key) => check.take({ key, value: utf8("") }));
    expect(faults.indexOf("BUCKET_TOO_LARGE")).toBe(7);
  });

  test("whose hashes are another state's", () => {
    expect(SnapshotCheck.of(snapshot.root, snapshotOf(rowsOf(999)).bucketHashes, MAX)).toBeNull();
    expect(SnapshotCheck.of(snapshot.root, snapshot.bucketHashes.slice(32), MAX)).toBeNull();
  });
});
