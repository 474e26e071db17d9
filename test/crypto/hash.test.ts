// Tagged hashes: one purpose never speaks for another, and OpenSSL agrees on every one.
import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, type HashTag, taggedHash, toHex } from "../../src/index.js";

const TAGS: readonly HashTag[] = [
  "genesis",
  "entry",
  "vote",
  "propose",
  "op",
  "ops",
  "leaf",
  "node",
  "set",
  "msg",
];

describe("tagged hashes", () => {
  it("are SHA-256 of the tag's length, the protocol's name, the tag and the input (PROTOCOL §1.3)", () => {
    fc.assert(
      fc.property(fc.constantFrom(...TAGS), fc.array(fc.uint8Array({ maxLength: 200 })), (tag, parts) => {
        const naive = createHash("sha256").update(Uint8Array.of(tag.length)).update(`mabeam/1/${tag}`);
        for (const part of parts) naive.update(part);
        expect(toHex(taggedHash(tag, ...parts))).toBe(naive.digest("hex"));
        expect(taggedHash(tag, ...parts)).toEqual(taggedHash(tag, concatBytes(...parts)));
      }),
    );
  });

  it("the vector file holds hashes that another implementation could check", async () => {
    const inputs = [[], ["00"], ["0102", "03"], ["ff".repeat(200)]];
    const vectors = TAGS.flatMap((tag) =>
      inputs.map((parts) => {
        const joined = Buffer.from(parts.join(""), "hex");
        return { tag, input: joined.toString("hex"), hash: toHex(taggedHash(tag, joined)) };
      }),
    );
    const document = { about: "SHA-256(len(tag) ‖ 'mabeam/1/' ‖ tag ‖ input); hexadecimal", vectors };
    await expect(`${JSON.stringify(document, null, 1)}\n`).toMatchFileSnapshot("../vectors/tagged_hash.json");
  });

  it("of the same bytes under two tags differ, also where one tag begins another", () => {
    const input = new Uint8Array(40).fill(3);
    expect(new Set(TAGS.map((tag) => toHex(taggedHash(tag, input)))).size).toBe(TAGS.length);
    expect(toHex(taggedHash("op", Uint8Array.of(0x73)))).not.toBe(toHex(taggedHash("ops")));
  });
});
