// Codecs of single values: integers, amounts, bytes, text and words.
import type { Bytes } from "../bytes.js";
import { invariant } from "../invariant.js";
import type { Codec } from "./codec.js";
import { MAJOR_BYTES, MAJOR_TEXT, MAJOR_UINT } from "./reader.js";

/** An integer as a `number`, `min..max` within 0..2^53−1. */
export function uint(max: number = Number.MAX_SAFE_INTEGER, min = 0): Codec<number> {
  invariant(0 <= min && min <= max && max <= Number.MAX_SAFE_INTEGER, `no integers in ${min}..${max}`);
  return {
    layout: { type: "uint", min, max },
    write(writer, value) {
      invariant(
        Number.isSafeInteger(value) && value >= min && value <= max,
        `integer out of range: ${value}`,
      );
      writer.head(MAJOR_UINT, value);
    },
    read(reader) {
      const value = reader.head(MAJOR_UINT);
      if (value < min || value > max) reader.fail("OUT_OF_RANGE", `${value} is not in ${min}..${max}`);
      return value;
    },
  };
}

/** The greatest amount: what a JSON number, a CBOR head and a bigint all hold exactly (PROTOCOL §4.5). */
export const MAX_AMOUNT = 9007199254740991n;

/** Micro-credits as a `bigint`, 0..2^53−1: the only type of an amount. */
export const amount: Codec<bigint> = {
  layout: { type: "amount", min: 0, max: Number(MAX_AMOUNT) },
  write(writer, value) {
    invariant(typeof value === "bigint" && value >= 0n && value <= MAX_AMOUNT, `not an amount: ${value}`);
    writer.head(MAJOR_UINT, Number(value));
  },
  read: (reader) => BigInt(reader.head(MAJOR_UINT)),
};

/** Bytes of `min..max` length. */
export function bytes(max: number, min = 0): Codec<Bytes> {
  return {
    layout: { type: "bytes", min, max },
    write(writer, value) {
      invariant(value.length >= min && value.length <= max, `bytes of wrong length: ${value.length}`);
      writer.head(MAJOR_BYTES, value.length);
      writer.raw(value);
    },
    read(reader) {
      const length = reader.head(MAJOR_BYTES);
      if (length < min || length > max) reader.fail("OUT_OF_RANGE", `${length} bytes, not ${min}..${max}`);
      return reader.take(length);
    },
  };
}

export const fixed = (length: number): Codec<Bytes> => bytes(length, length);
export const hash: Codec<Bytes> = fixed(32);
export const signature: Codec<Bytes> = fixed(64);

/** Printable ASCII (0x20..0x7e) of at most `max` characters: names and capabilities, free of look-alikes. */
export function ascii(max: number): Codec<string> {
  return {
    layout: { type: "text", min: 0, max },
    write(writer, value) {
      invariant(value.length <= max && /^[\x20-\x7e]*$/.test(value), "text out of range");
      writer.head(MAJOR_TEXT, value.length);
      writer.raw(Uint8Array.from(value, (character) => character.charCodeAt(0)));
    },
    read(reader) {
      const length = reader.head(MAJOR_TEXT);
      if (length > max) reader.fail("OUT_OF_RANGE", `${length} characters, at most ${max}`);
      let text = "";
      for (const code of reader.take(length)) {
        if (code < 0x20 || code > 0x7e) reader.fail("OUT_OF_RANGE", "not printable ASCII");
        text += String.fromCharCode(code);
      }
      return text;
    },
  };
}

/** The last millisecond that RFC 3339 can name: the end of the year 9999. */
export const MAX_INSTANT_MS = 253_402_300_799_999;

/** A point in time: ms since 1970, never one that could not be shown to people. */
export const instant: Codec<number> = uint(MAX_INSTANT_MS);

/** 1 to `max` printable ASCII characters, without blanks or capital letters: a name that two people compare alike. */
export function word(max: number): Codec<string> {
  const text = ascii(max);
  const isWord = (value: string): boolean => /^[\x21-\x40\x5b-\x7e]+$/.test(value);
  return {
    layout: { type: "word", min: 1, max },
    write(writer, value) {
      invariant(isWord(value), `not a word: ${JSON.stringify(value)}`);
      text.write(writer, value);
    },
    read(reader) {
      const value = text.read(reader);
      return isWord(value) ? value : reader.fail("OUT_OF_RANGE", "empty, or with blanks or capital letters");
    },
  };
}

/** One of a few words, written as its index. */
export function oneOf<const W extends readonly string[]>(words: W): Codec<W[number]> {
  invariant(new Set(words).size === words.length, "words differ");
  return {
    layout: { type: "choice", words },
    write(writer, value) {
      const index = words.indexOf(value);
      invariant(index >= 0, `not one of ${words.join(", ")}: ${value}`);
      writer.head(MAJOR_UINT, index);
    },
    read(reader) {
      const word = words[reader.head(MAJOR_UINT)];
      return word ?? reader.fail("OUT_OF_RANGE", `not one of ${words.join(", ")}`);
    },
  };
}
