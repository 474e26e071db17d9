// The state tree against a naive recomputation, and its proofs against every changed byte.
import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decode, encode, toHex, utf8 } from "../../src/base/index.js";
import { proveRow, rowProof, StateTree, verifyRowProof } from "../../src/ledger/index.js";

/** H(tag, …) of spec/encoding#H1, by another library. */
function tagged(tag: string, ...parts: readonly Uint8Array[]): Buffer {
  const state = createHash("sha256").update(Uint8Array.of(tag.length)).update(`mabeam/1/${tag}`);
  for (const part of parts) state.update(part);
  return state.digest();
}
const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

function naiveMerkle(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return Buffer.alloc(32);
  if (leaves.length === 1) return leaves[0]!;
  const split = 2 ** Math.ceil(Math.log2(leaves.length) - 1);
  return tagged("node", naiveMerkle(leaves.slice(0, split)), naiveMerkle(leaves.slice(split)));
}

/** The root, from nothing but the rows: all 4096 buckets and all levels, each time. */
function naiveRoot(rows: ReadonlyMap<string, Uint8Array>): string {
  const buckets: Buffer[][] = Array.from({ length: 4096 }, () => []);
  for (const key of [...rows.keys()].sort()) {
    const bucket = tagged("key", utf8(key)).readUInt16BE(0) >> 4;
    buckets[bucket]!.push(tagged("row", u32(key.length), utf8(key), rows.get(key)!));
  }
  let level = buckets.map((leaves) => tagged("ops", u32(leaves.length), naiveMerkle(leaves)));
  while (level.length > 1) {
    level = Array.from({ length: level.length / 8 }, (_, i) =>
      tagged("node", ...level.slice(8 * i, 8 * i + 8)),
    );
  }
  return level[0]!.toString("hex");
}

const key = fc.nat(400).map((n) => `row/${n}`);
const change = fc.tuple(key, fc.option(fc.uint8Array({ minLength: 1, maxLength: 40 })));

describe("the state tree", () => {
  it("has, after any changes in any batches, the root of a naive recomputation", () => {
    fc.assert(
      fc.property(fc.array(fc.array(change, { maxLength: 20 }), { maxLength: 6 }), (batches) => {
        const tree = new StateTree();
        const rows = new Map<string, Uint8Array>();
        for (const batch of batches) {
          for (const [name, value] of batch) {
            tree.set(name, value);
            if (value === null) rows.delete(name);
            else rows.set(name, value);
          }
          tree.root();
        }
        expect(toHex(tree.root())).toBe(naiveRoot(rows));
      }),
      { numRuns: 15 },
    );
  });

  it("of many rows in one bucket agrees too", () => {
    const tree = new StateTree();
    const rows = new Map<string, Uint8Array>();
    const wanted = tagged("key", utf8("r0")).readUInt16BE(0) >> 4;
    for (let i = 0; rows.size < 5; i++) {
      const name = `r${i}`;
      if (tagged("key", utf8(name)).readUInt16BE(0) >> 4 !== wanted) continue;
      rows.set(name, Uint8Array.of(i & 0xff));
      tree.set(name, Uint8Array.of(i & 0xff));
    }
    expect(toHex(tree.root())).toBe(naiveRoot(rows));
    for (const [name, value] of rows) {
      expect(verifyRowProof(tree.root(), name, value, proveRow(tree, name)!)).toBe(true);
    }
  });

  it("a root that was given out does not change with the tree", () => {
    const tree = new StateTree();
    const before = tree.root();
    const copy = toHex(before);
    tree.set("a", Uint8Array.of(1));
    tree.root();
    expect(toHex(before)).toBe(copy);
  });
});

describe("a row's proof", () => {
  const tree = new StateTree();
  for (let i = 0; i < 5000; i++) tree.set(`row/${i}`, utf8(`value ${i}`));
  const root = tree.root();
  const name = "row/77";
  const value = utf8("value 77");
  const proof = proveRow(tree, name)!;

  it("verifies for its row, and survives its encoding", () => {
    const decoded = decode(rowProof, encode(rowProof, proof), 4096);
    if (!decoded.ok) throw new Error(decoded.error.detail);
    expect(verifyRowProof(root, name, value, decoded.value)).toBe(true);
  });

  it("fails with one changed byte, anywhere", () => {
    const bytes = encode(rowProof, proof);
    for (let at = 0; at < bytes.length; at++) {
      const changed = bytes.slice();
      changed[at] = changed[at]! ^ 1;
      const decoded = decode(rowProof, changed, 4096);
      expect(decoded.ok && verifyRowProof(root, name, value, decoded.value), `byte ${at}`).toBe(false);
    }
    expect(verifyRowProof(root, name, utf8("value 78"), proof)).toBe(false);
    expect(verifyRowProof(root, "row/78", value, proof)).toBe(false);
    expect(verifyRowProof(tagged("row"), name, value, proof)).toBe(false);
  });

  it("does not let bytes move between key and value", () => {
    expect(verifyRowProof(root, "row/7", utf8("7value 77"), proof)).toBe(false);
  });

  it("does not exist for a row that does not", () => {
    expect(proveRow(tree, "row/5000")).toBeNull();
  });
});
