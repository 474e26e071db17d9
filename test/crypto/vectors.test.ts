// Vectors of hashes: what every tag makes of some bytes, and trees over lists with their paths.
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type Bytes, fromHex, toHex } from "../../src/base/index.js";
import { type HashTag, leafHash, merkleProof, merkleRoot, taggedHash } from "../../src/crypto/index.js";
import { vectors } from "../vectors.js";
import { TAGS } from "./tags.js";

const hex = (text: string): Bytes => fromHex(text)!;

describe("tagged_hash.json", () => {
  const file = vectors<{ vectors: readonly { tag: HashTag; input: string; hash: string }[] }>(
    "tagged_hash",
    () => ({
      about: "hash = SHA-256(u8 length of tag ‖ 'mabeam/1/' ‖ tag ‖ input).",
      vectors: TAGS.flatMap((tag) =>
        ["", "00", "010203", "ff".repeat(200)].map((input) => ({
          tag,
          input,
          hash: taggedHash(tag, hex(input)),
        })),
      ),
    }),
  );

  it("holds what OpenSSL makes of the rule", () => {
    for (const { tag, input, hash } of file.vectors) {
      const naive = createHash("sha256").update(Uint8Array.of(tag.length)).update(`mabeam/1/${tag}`);
      expect(naive.update(hex(input)).digest("hex"), tag).toBe(hash);
    }
  });
});

describe("merkle.json", () => {
  vectors("merkle", () => ({
    about:
      "Leaf i is H('leaf', [i mod 256, i div 256]); root = H('ops', u32be count ‖ top); siblings of leaf i, lowest first.",
    vectors: [0, 1, 2, 3, 4, 5, 7, 8, 9, 33].map((count) => {
      const leaves = Array.from({ length: count }, (_, i) => leafHash(Uint8Array.of(i, i >> 8)));
      const paths = leaves.map((_, index) => merkleProof(leaves, index).siblings.map(toHex));
      return { count, root: merkleRoot(leaves), paths };
    }),
  }));
});
