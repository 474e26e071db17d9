// Merkle trees against a naive reading of RFC 6962's shape, and proofs against every small lie.
import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Bytes,
  decode,
  encode,
  InvariantError,
  leafHash,
  merklePath,
  merkleProof,
  merkleRoot,
  merkleVerify,
  toHex,
} from "../../src/index.js";

/** H(tag, x), written from PROTOCOL §1.3 with another library. */
function naiveHash(tag: string, ...parts: readonly Bytes[]): Bytes {
  const hash = createHash("sha256").update(Uint8Array.of(tag.length)).update(`mabeam/1/${tag}`);
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

/** The tree by levels: pairs from the left, an odd one moves up as it is. The shape of RFC 6962 is the same. */
function naiveRoot(leaves: readonly Bytes[]): Bytes {
  let level = [...leaves];
  while (level.length > 1) {
    const above: Bytes[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const right = level[i + 1];
      above.push(right === undefined ? level[i]! : naiveHash("node", level[i]!, right));
    }
    level = above;
  }
  const count = Buffer.alloc(4);
  count.writeUInt32BE(leaves.length);
  return naiveHash("ops", count, level[0] ?? new Uint8Array(32));
}

const leavesOf = (count: number): Bytes[] =>
  Array.from({ length: count }, (_, i) => leafHash(Uint8Array.of(i, i >> 8)));

describe("merkle trees", () => {
  it("the root equals the naive one for every size up to 130", () => {
    for (let count = 0; count <= 130; count++) {
      const leaves = leavesOf(count);
      expect(toHex(merkleRoot(leaves)), `${count} leaves`).toBe(toHex(naiveRoot(leaves)));
    }
  });

  it("a leaf's hash is no node's hash, whatever the leaf holds", () => {
    const [a, b] = leavesOf(2) as [Bytes, Bytes];
    expect(toHex(leafHash(Uint8Array.of(...a, ...b)))).not.toBe(toHex(naiveHash("node", a, b)));
    expect(toHex(leafHash(a))).toBe(toHex(naiveHash("leaf", a)));
  });

  it("every leaf of every list up to 40 has a proof, which holds for that leaf and its place alone", () => {
    for (let count = 1; count <= 40; count++) {
      const leaves = leavesOf(count);
      const root = merkleRoot(leaves);
      leaves.forEach((leaf, index) => {
        const path = merkleProof(leaves, index);
        expect(merkleVerify(root, leaf, path)).toBe(true);
        for (const other of [index + 1, index - 1, count]) {
          if (other < 0) continue;
          expect(merkleVerify(root, leaf, { ...path, index: other }), `${index} as ${other}`).toBe(false);
        }
        for (const wrong of [count + 1, count - 1, 2 * count]) {
          expect(merkleVerify(root, leaf, { ...path, count: wrong }), `${count} as ${wrong}`).toBe(false);
        }
      });
    }
  });

  it("a proof with one changed byte, or one hash more, less or moved, proves nothing", () => {
    const size = fc.integer({ min: 2, max: 70 });
    fc.assert(
      fc.property(size, fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 }), (count, pick, at, flip) => {
        const leaves = leavesOf(count);
        const root = merkleRoot(leaves);
        const index = pick % count;
        const leaf = leaves[index]!;
        const path = merkleProof(leaves, index);
        const changed = (bytes: Bytes): Bytes => bytes.map((byte, i) => (i === at % 32 ? byte ^ flip : byte));
        const spot = at % path.siblings.length;
        const siblings = path.siblings.map((one, i) => (i === spot ? changed(one) : one));
        expect(merkleVerify(root, leaf, { ...path, siblings })).toBe(false);
        expect(merkleVerify(changed(root), leaf, path)).toBe(false);
        expect(merkleVerify(root, changed(leaf), path)).toBe(false);
        expect(merkleVerify(root, leaf, { ...path, siblings: path.siblings.slice(1) })).toBe(false);
        expect(merkleVerify(root, leaf, { ...path, siblings: [...path.siblings, leaf] })).toBe(false);
        if (path.siblings.length > 1) {
          const reversed = path.siblings.toReversed();
          expect(merkleVerify(root, leaf, { ...path, siblings: reversed })).toBe(false);
        }
      }),
    );
  });

  it("an inner node passed off as a leaf of a shorter list proves nothing", () => {
    const leaves = leavesOf(4);
    const inner = [naiveHash("node", leaves[0]!, leaves[1]!), naiveHash("node", leaves[2]!, leaves[3]!)];
    const path = { index: 0, count: 2, siblings: [inner[1]!] };
    expect(merkleVerify(merkleRoot(inner), inner[0]!, path)).toBe(true);
    expect(merkleVerify(merkleRoot(leaves), inner[0]!, path)).toBe(false);
  });

  it("a path survives its encoding; one for no leaf is neither made nor read", () => {
    const path = merkleProof(leavesOf(9), 8);
    expect(decode(merklePath, encode(merklePath, path), 4096)).toEqual({ ok: true, value: path });
    for (const index of [-1, 9, 0.5, Number.NaN]) {
      expect(() => merkleProof(leavesOf(9), index)).toThrow(InvariantError);
    }
    expect(() => merkleProof([], 0)).toThrow(InvariantError);
    expect(merkleVerify(merkleRoot([]), new Uint8Array(32), { index: 0, count: 0, siblings: [] })).toBe(
      false,
    );
  });
});
