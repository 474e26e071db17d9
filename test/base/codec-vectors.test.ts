// Vectors of the codec: bytes that every implementation must write and read, and bytes that every one must refuse.
import { readFileSync } from "node:fs";
import * as cborg from "cborg";
import { describe, expect, it } from "vitest";
import { decode, encode, fromHex, toHex } from "../../src/index.js";
import { codecOf, fromJson, type Schema, toJson } from "./schema.js";

interface Vector {
  readonly name: string;
  readonly schema: Schema;
  readonly hex: string;
  /** of a valid vector: the value; amounts are decimal strings, bytes hexadecimal, absent fields null */
  readonly value?: unknown;
  /** of an invalid vector: the code of the refusal */
  readonly code?: string;
}

const read = (file: string): readonly Vector[] =>
  JSON.parse(readFileSync(new URL(`../vectors/${file}`, import.meta.url), "utf8")).vectors;

describe("codec_valid.json", () => {
  it.each(read("codec_valid.json").map((one) => [one.name, one] as const))(
    "%s",
    (_, { schema, hex, value }) => {
      const codec = codecOf(schema);
      const decoded = decode(codec, fromHex(hex)!, 4096);
      expect(decoded.ok ? toJson(decoded.value) : decoded.error).toEqual(value);
      expect(toHex(encode(codec, fromJson(schema, value)))).toBe(hex);
      expect(toHex(cborg.encode(cborg.decode(fromHex(hex)!, { strict: true, useMaps: true })))).toBe(hex);
    },
  );
});

describe("codec_invalid.json", () => {
  it.each(read("codec_invalid.json").map((one) => [one.name, one] as const))(
    "%s",
    (_, { schema, hex, code }) => {
      const decoded = decode(codecOf(schema), fromHex(hex)!, 4096);
      expect(decoded.ok ? decoded : decoded.error.code).toBe(code);
    },
  );
});
