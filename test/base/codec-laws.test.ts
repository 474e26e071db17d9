// Laws of the codec, with cborg as an independent reader and writer of the same format.
import * as cborg from "cborg";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Bytes, decode, encode, InvariantError, list, toHex, uint, union } from "../../src/index.js";
import { type Sample, sample } from "./arbitrary-schema.js";
import { codecOf } from "./schema.js";

const LIMIT = 1 << 20;
const encoded = ({ schema, value }: Sample): Bytes => encode(codecOf(schema), value);
const strict = { strict: true, useMaps: true, rejectDuplicateMapKeys: true, allowIndefinite: false };

/** Decoding never throws, and what it accepts is written back as the very bytes that were read. */
function readsOnlyItsOwn(one: Sample, input: Bytes): boolean {
  const codec = codecOf(one.schema);
  const read = decode(codec, input, LIMIT);
  if (!read.ok) {
    expect(read.error.offset).toBeGreaterThanOrEqual(0);
    expect(read.error.offset).toBeLessThanOrEqual(input.length);
    return false;
  }
  expect(toHex(encode(codec, read.value))).toBe(toHex(input));
  return true;
}

describe("the codec", () => {
  it("reads back what it wrote", () => {
    fc.assert(
      fc.property(sample, (one) => {
        expect(decode(codecOf(one.schema), encoded(one), LIMIT)).toEqual({ ok: true, value: one.value });
      }),
      { numRuns: 500 },
    );
  });

  it("writes what cborg reads in strict mode and writes back as the same bytes", () => {
    fc.assert(
      fc.property(sample, (one) => {
        const bytes = encoded(one);
        expect(toHex(cborg.encode(cborg.decode(bytes, strict)))).toBe(toHex(bytes));
      }),
      { numRuns: 500 },
    );
  });

  it("reads a buffer that is part of a larger one, and keeps no view of it", () => {
    fc.assert(
      fc.property(sample, (one) => {
        const bytes = encoded(one);
        const frame = Buffer.concat([Buffer.alloc(3, 0xff), bytes, Buffer.alloc(3, 0xff)]);
        const read = decode(codecOf(one.schema), frame.subarray(3, 3 + bytes.length), LIMIT);
        frame.fill(0);
        expect(read).toEqual({ ok: true, value: one.value });
      }),
    );
  });

  it("refuses every truncation, and every byte added at the end", () => {
    fc.assert(
      fc.property(sample, (one) => {
        const bytes = encoded(one);
        for (let length = 0; length < bytes.length; length += 1 + (bytes.length >> 6)) {
          expect(readsOnlyItsOwn(one, bytes.slice(0, length)), `prefix ${length}`).toBe(false);
        }
        expect(readsOnlyItsOwn(one, Uint8Array.of(...bytes, 0))).toBe(false);
      }),
      { numRuns: 200 },
    );
  });

  it("changed bytes are refused or are the encoding of another value; nothing throws", () => {
    let refused = 0;
    let accepted = 0;
    const edit = fc.record({
      at: fc.nat(),
      to: fc.oneof(fc.nat(255), fc.constantFrom(0x18, 0x1b, 0x5f, 0x7f, 0x9f, 0xbf, 0xff, 0xf6, 0xc0, 0xfb)),
      insert: fc.boolean(),
    });
    fc.assert(
      fc.property(sample, fc.array(edit, { minLength: 1, maxLength: 3 }), (one, edits) => {
        const bytes = [...encoded(one)];
        for (const { at, to, insert } of edits) bytes.splice(at % bytes.length, insert ? 0 : 1, to);
        if (readsOnlyItsOwn(one, Uint8Array.from(bytes))) accepted++;
        else refused++;
      }),
      { numRuns: 3000 },
    );
    expect(refused).toBeGreaterThan(0);
    expect(accepted).toBeGreaterThan(0);
  });

  it("random bytes are refused or are an encoding; nothing throws", () => {
    fc.assert(
      fc.property(sample, fc.uint8Array({ maxLength: 64 }), (one, bytes) => {
        readsOnlyItsOwn(one, bytes);
      }),
      { numRuns: 2000 },
    );
  });

  it("refuses each other way to write a head that is still the same number", () => {
    const wider = (value: number): Bytes[] =>
      [1, 2, 4, 8].map((width) => {
        const digits = BigInt(value)
          .toString(16)
          .padStart(2 * width, "0")
          .slice(-2 * width);
        return Uint8Array.of(0x18 + Math.log2(width), ...Buffer.from(digits, "hex"));
      });
    fc.assert(
      fc.property(fc.oneof(fc.nat(70000), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })), (value) => {
        const own = encode(uint(), value);
        for (const bytes of wider(value)) {
          const read = decode(uint(), bytes, 16);
          expect(read.ok && read.value === value).toBe(toHex(bytes) === toHex(own));
        }
      }),
    );
  });

  it("nesting beyond the schema is refused before it costs anything, however deep", () => {
    const deep = codecOf({ list: [{ list: [{ uint: [0, 9] }, 0, 9] }, 0, 9] });
    for (const opener of [0x81, 0x9f, 0xa1, 0xbf, 0xc1]) {
      const read = decode(deep, new Uint8Array(LIMIT).fill(opener), LIMIT);
      expect(read.ok).toBe(false);
      expect(read.ok ? -1 : read.error.offset).toBeLessThan(4);
    }
  });

  it("a length that promises more than there is allocates nothing", () => {
    const many = list(uint(), Number.MAX_SAFE_INTEGER);
    const promise = Uint8Array.of(0x9b, 0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1);
    expect(decode(many, promise, 16)).toMatchObject({ ok: false, error: { code: "TRUNCATED", offset: 10 } });
  });

  it("refuses more bytes than allowed without reading them", () => {
    expect(decode(uint(), Uint8Array.of(0), 0)).toMatchObject({ ok: false, error: { code: "OVERSIZE" } });
  });
});

describe("a value that does not fit its description", () => {
  const bad: readonly [string, () => unknown][] = [
    ["a negative integer", () => encode(uint(), -1)],
    ["a fraction", () => encode(uint(), 0.5)],
    ["2^53", () => encode(uint(), 2 ** 53)],
    ["an integer over its maximum", () => encode(uint(9), 10)],
    ["a negative amount", () => encode(codecOf({ amount: true }), -1n)],
    ["an amount of 2^53", () => encode(codecOf({ amount: true }), 2n ** 53n)],
    ["an amount as a number", () => encode(codecOf({ amount: true }), 1)],
    ["too many bytes", () => encode(codecOf({ bytes: [0, 1] }), new Uint8Array(2))],
    ["text beyond ASCII", () => encode(codecOf({ ascii: 9 }), "é")],
    ["text with a line's end", () => encode(codecOf({ ascii: 9 }), "a\n")],
    ["another word", () => encode(codecOf({ oneOf: ["a"] }), "b")],
    ["too long a list", () => encode(codecOf({ list: [{ uint: [0, 9] }, 0, 1] }), [1, 2])],
    ["a missing field", () => encode(codecOf({ struct: { a: [0, { uint: [0, 9] }] } }), {})],
    [
      "an optional field that is undefined",
      () => encode(codecOf({ struct: { a: [0, { uint: [0, 9] }, "optional"] } }), {}),
    ],
    ["a kind from the prototype", () => encode(union({}) as never, { kind: "constructor" } as never)],
    ["a broken law", () => encode(codecOf({ ascending: { list: [{ uint: [0, 9] }, 0, 9] } }), [2, 1])],
  ];
  it.each(bad)("is a bug of ours and stops us: %s", (_, write) => {
    expect(write).toThrow(InvariantError);
  });
});
