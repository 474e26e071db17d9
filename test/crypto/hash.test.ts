// Tagged hashes: one purpose never speaks for another, and OpenSSL agrees on every one.
import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HASH_TAGS } from "../../src/crypto/index.js";
import { concatBytes, taggedHash, toHex } from "../../src/index.js";

describe("tagged hashes", () => {
  it("are SHA-256 of the tag's length, the protocol's name, the tag and the input (spec/encoding#H1)", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...HASH_TAGS),
        fc.array(fc.uint8Array({ maxLength: 200 })),
        (tag, parts) => {
          const naive = createHash("sha256").update(Uint8Array.of(tag.length)).update(`mabeam/1/${tag}`);
          for (const part of parts) naive.update(part);
          expect(toHex(taggedHash(tag, ...parts))).toBe(naive.digest("hex"));
          expect(taggedHash(tag, ...parts)).toEqual(taggedHash(tag, concatBytes(...parts)));
        },
      ),
    );
  });

  it("of the same bytes under two tags differ, also where one tag begins another", () => {
    const input = new Uint8Array(40).fill(3);
    expect(new Set(HASH_TAGS.map((tag) => toHex(taggedHash(tag, input)))).size).toBe(HASH_TAGS.length);
    expect(toHex(taggedHash("op", Uint8Array.of(0x73)))).not.toBe(toHex(taggedHash("ops")));
  });
});
