// Bytes and order: the same on every peer, whatever its machine and language.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  compareBytes,
  compareText,
  concatBytes,
  equalBytes,
  fromHex,
  InvariantError,
  invariant,
  sortedEntries,
  sortedKeys,
  sortedNumbers,
  toHex,
  u32be,
  unreachable,
  utf8,
} from "../../src/index.js";

const bytes = fc.uint8Array({ maxLength: 40 });

describe("bytes", () => {
  it("order is that of Node's Buffer, and equality is order's zero", () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(a, b));
        expect(equalBytes(a, b)).toBe(Buffer.compare(a, b) === 0);
        expect(equalBytes(a, Uint8Array.from(a))).toBe(true);
      }),
    );
  });

  it("hexadecimal goes there and back; what is none is null", () => {
    fc.assert(
      fc.property(fc.oneof(bytes, fc.uint8Array({ minLength: 32, maxLength: 32 })), (a) => {
        expect(toHex(a)).toBe(Buffer.from(a).toString("hex"));
        expect(fromHex(toHex(a))).toEqual(a);
      }),
    );
    expect(toHex(Uint8Array.of(0, 0xab))).toBe("00ab");
    expect(fromHex("AB")).toEqual(Uint8Array.of(0xab));
    for (const text of ["0", "0g", " 00", "00\n", "0x00", "é0"]) expect(fromHex(text)).toBeNull();
  });

  it("text is written as UTF-8, of ASCII or not", () => {
    for (const text of ["", "account/00ff", "\u007f", "\u0080", "grün", "a€", "😀"])
      expect(utf8(text)).toEqual(new Uint8Array(Buffer.from(text)));
  });

  it("joined bytes are a copy", () => {
    const part = Uint8Array.of(1, 2);
    const joined = concatBytes(part, utf8("a"));
    part[0] = 9;
    expect(joined).toEqual(Uint8Array.of(1, 2, 0x61));
  });

  it("a u32 is four bytes, highest first; what does not fit is a bug", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (value) => {
        const naive = Buffer.alloc(4);
        naive.writeUInt32BE(value);
        expect(toHex(u32be(value))).toBe(naive.toString("hex"));
      }),
    );
    for (const value of [-1, 0.5, 2 ** 32, Number.NaN]) expect(() => u32be(value)).toThrow(InvariantError);
  });
});

describe("order", () => {
  it("keys, entries and numbers come sorted, by code unit and by value, whatever went in first", () => {
    const map = new Map([
      ["b", 1],
      ["ä", 2],
      ["a", 3],
      ["B", 4],
    ]);
    expect(sortedKeys(map)).toEqual(["B", "a", "b", "ä"]);
    expect(sortedKeys(new Set(["2", "10"]))).toEqual(["10", "2"]);
    expect(sortedEntries(map).map(([, value]) => value)).toEqual([4, 3, 1, 2]);
    expect(sortedNumbers([10, 9, 1])).toEqual([1, 9, 10]);
    expect([compareText("a", "b"), compareText("b", "a"), compareText("a", "a")]).toEqual([-1, 1, 0]);
  });
});

describe("invariants", () => {
  it("a false one stops the machine, and so does the end of a closed union", () => {
    expect(() => invariant(false, "no")).toThrow(new InvariantError("no"));
    expect(() => invariant(true, "yes")).not.toThrow();
    expect(() => unreachable("kind" as never)).toThrow(InvariantError);
  });
});
