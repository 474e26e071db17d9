// The tree's past: a row is proven against each kept height as it was proven when that height was the newest.
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { encode, type Hash, toHex } from "../../src/base/index.js";
import {
  proveRow,
  type RowKey,
  rowProof,
  StateTree,
  TreePast,
  verifyRowProof,
} from "../../src/ledger/index.js";
import { bucketOf } from "../../src/ledger/state-tree.js";

const key = fc.nat(300).map((n) => `row/${n}`);
const change = fc.tuple(key, fc.option(fc.uint8Array({ minLength: 1, maxLength: 40 })));

/** Sets each row once, as an entry does. @returns what each had before */
function changed(tree: StateTree, batch: ReadonlyMap<RowKey, Uint8Array | null>): Map<RowKey, Hash | null> {
  return new Map([...batch].map(([name, value]) => [name, tree.set(name, value)]));
}

describe("the tree's past", () => {
  it("proves what stood at each kept height, whatever came since", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(change, { maxLength: 25 }), { minLength: 1, maxLength: 6 }),
        (batches) => {
          const tree = new StateTree();
          const past = new TreePast();
          const rows = new Map<RowKey, Uint8Array>();
          const stood = batches.map((batch, height) => {
            const entry = new Map(batch);
            past.record(tree, height, changed(tree, entry));
            for (const [name, value] of entry) {
              if (value === null) rows.delete(name);
              else rows.set(name, value);
            }
            return [...rows].map(([name, value]) => ({ name, value, proof: proveRow(tree, name) }));
          });
          for (const [height, each] of stood.entries()) {
            const root = past.rootAt(height)!;
            for (const { name, value, proof } of each) {
              const late = past.prove(tree, height, name)!;
              expect(toHex(encode(rowProof, late))).toBe(toHex(encode(rowProof, proof!)));
              expect(verifyRowProof(root, name, value, late)).toBe(true);
            }
            expect(past.prove(tree, height, "row/none")).toBeNull();
          }
          expect(toHex(past.rootAt(batches.length - 1)!)).toBe(toHex(tree.root()));
        },
      ),
      { numRuns: 30 },
    );
  });

  it("makes a bucket's hashes once for all its rows, until the next entry", () => {
    const names: RowKey[] = [];
    for (let i = 0; names.length < 5; i++) if (bucketOf(`row/${i}`) === 7) names.push(`row/${i}`);
    const tree = new StateTree();
    const past = new TreePast();
    const entry = new Map(names.map((name) => [name, Uint8Array.of(1)]));
    past.record(tree, 1, changed(tree, entry));
    const looks = vi.spyOn(tree, "rowsOf");
    const proofs = (height: number) => names.map((name) => past.prove(tree, height, name)!);
    for (const [i, proof] of proofs(1).entries()) {
      expect(verifyRowProof(past.rootAt(1)!, names[i]!, Uint8Array.of(1), proof)).toBe(true);
    }
    expect(looks).toHaveBeenCalledTimes(1);
    past.record(tree, 2, changed(tree, new Map([[names[0]!, Uint8Array.of(2)]])));
    looks.mockClear();
    expect([proofs(1), proofs(2)].map((all) => all.length)).toEqual([5, 5]);
    expect(looks).toHaveBeenCalledTimes(2);
    expect(verifyRowProof(past.rootAt(2)!, names[0]!, Uint8Array.of(2), proofs(2)[0]!)).toBe(true);
  });

  it("proves nothing at a height that it let go of, or has not seen", () => {
    const tree = new StateTree();
    const past = new TreePast();
    for (let height = 5; height < 9; height++) {
      past.record(tree, height, changed(tree, new Map([["row/1", Uint8Array.of(height)]])));
    }
    past.keepFrom(7);
    expect(past.heights()).toEqual([7, 8]);
    for (const height of [4, 6, 9]) {
      expect([past.rootAt(height), past.prove(tree, height, "row/1")]).toEqual([null, null]);
    }
    expect(past.prove(tree, 7, "row/1")).not.toBeNull();
  });
});
