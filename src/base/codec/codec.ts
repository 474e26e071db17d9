// A codec by schema: one description writes a value, and reads back only what it would have written.
import type { Bytes } from "../bytes.js";
import { invariant } from "../invariant.js";
import { err, ok, type Result } from "../result.js";
import {
  type DecodeError,
  DecodeFailure,
  MAJOR_ARRAY,
  MAJOR_BYTES,
  MAJOR_MAP,
  MAJOR_TEXT,
  MAJOR_UINT,
  Reader,
} from "./reader.js";
import { Writer } from "./writer.js";

/** The depth of what a codec reads is the depth of its description: input cannot nest deeper. */
export interface Codec<T> {
  write(writer: Writer, value: T): void;
  read(reader: Reader): T;
}

export type TypeOf<C> = C extends Codec<infer T> ? T : never;

/** The one encoding of `value`. @throws InvariantError if the value does not fit its description. */
export function encode<T>(codec: Codec<T>, value: T): Bytes {
  const writer = new Writer();
  codec.write(writer, value);
  return writer.finish();
}

/**
 * The value whose encoding is exactly `bytes`, or why there is none.
 * @param maxBytes refused as OVERSIZE above it, before anything is read
 */
export function decode<T>(codec: Codec<T>, bytes: Bytes, maxBytes: number): Result<T, DecodeError> {
  if (bytes.length > maxBytes) {
    return err({ code: "OVERSIZE", offset: 0, detail: `${bytes.length} bytes, at most ${maxBytes}` });
  }
  const reader = new Reader(bytes);
  try {
    const value = codec.read(reader);
    if (!reader.atEnd) reader.fail("TRAILING", "bytes after the end of the value");
    return ok(value);
  } catch (failure) {
    if (failure instanceof DecodeFailure) {
      return err({ code: failure.code, offset: failure.offset, detail: failure.detail });
    }
    throw failure;
  }
}

/** An integer as a `number`, `min..max` within 0..2^53−1. */
export function uint(max: number = Number.MAX_SAFE_INTEGER, min = 0): Codec<number> {
  return {
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

/** Micro-credits as a `bigint`, 0..2^53−1: the only type of an amount. */
export const amount: Codec<bigint> = {
  write(writer, value) {
    invariant(value >= 0n && value <= 9007199254740991n, `amount out of range: ${value}`);
    writer.head(MAJOR_UINT, Number(value));
  },
  read: (reader) => BigInt(reader.head(MAJOR_UINT)),
};

/** Bytes of `min..max` length. */
export function bytes(max: number, min = 0): Codec<Bytes> {
  return {
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

/** One of a few words, written as its index. */
export function oneOf<const W extends readonly string[]>(words: W): Codec<W[number]> {
  return {
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

/** A list of `min..max` items. */
export function list<T>(item: Codec<T>, max: number, min = 0): Codec<readonly T[]> {
  return {
    write(writer, values) {
      invariant(values.length >= min && values.length <= max, `list of wrong length: ${values.length}`);
      writer.head(MAJOR_ARRAY, values.length);
      for (const value of values) item.write(writer, value);
    },
    read(reader) {
      const length = reader.head(MAJOR_ARRAY);
      if (length < min || length > max) reader.fail("OUT_OF_RANGE", `${length} items, not ${min}..${max}`);
      const values: T[] = [];
      for (let i = 0; i < length; i++) values.push(item.read(reader));
      return values;
    },
  };
}

/** A field that may be absent; absent is `null` in memory and no key on the wire. */
export interface Optional<T> {
  readonly optional: Codec<T>;
}
export const optional = <T>(codec: Codec<T>): Optional<T> => ({ optional: codec });

type Field = Codec<any> | Optional<any>;
type FieldType<F> = F extends Optional<infer T> ? T | null : F extends Codec<infer T> ? T : never;
export type Fields = Readonly<Record<string, readonly [key: number, field: Field]>>;
export type StructOf<F extends Fields> = { readonly [K in keyof F]: FieldType<F[K][1]> };

/** A map with integer keys, ascending; unknown, repeated and missing keys are refused. */
export function struct<const F extends Fields>(fields: F): Codec<StructOf<F>> {
  const rows = Object.entries(fields)
    .map(([name, [key, field]]) =>
      "optional" in field
        ? { name, key, codec: field.optional as Codec<any>, required: false }
        : { name, key, codec: field as Codec<any>, required: true },
    )
    .sort((a, b) => a.key - b.key);
  const required = rows.filter((row) => row.required).length;
  invariant(new Set(rows.map((row) => row.key)).size === rows.length, "a struct's keys differ");
  return {
    write(writer, value) {
      const record = value as Record<string, unknown>;
      let count = required;
      if (required < rows.length) {
        for (const row of rows) if (!row.required && record[row.name] !== null) count++;
      }
      writer.head(MAJOR_MAP, count);
      for (const row of rows) {
        const part = record[row.name];
        if (part === null && !row.required) continue;
        invariant(part !== undefined, `the field ${row.name} is missing`);
        writer.head(MAJOR_UINT, row.key);
        row.codec.write(writer, part);
      }
    },
    read(reader) {
      const count = reader.head(MAJOR_MAP);
      if (count > rows.length) reader.fail("UNKNOWN_KEY", `${count} fields, at most ${rows.length}`);
      const record: Record<string, unknown> = {};
      let next = 0;
      for (let i = 0; i < count; i++) {
        const key = reader.head(MAJOR_UINT);
        while (next < rows.length && rows[next]!.key < key) skip(reader, rows[next++]!, record);
        const row = rows[next];
        if (row === undefined || row.key !== key) {
          return reader.fail("UNKNOWN_KEY", `key ${key} is unknown or out of order`);
        }
        record[row.name] = row.codec.read(reader);
        next++;
      }
      while (next < rows.length) skip(reader, rows[next++]!, record);
      return record as StructOf<F>;
    },
  };
}

function skip(
  reader: Reader,
  row: { name: string; required: boolean },
  record: Record<string, unknown>,
): void {
  if (row.required) reader.fail("MISSING_KEY", `the field ${row.name} is missing`);
  record[row.name] = null;
}

type Variants = Readonly<Record<string, readonly [tag: number, codec: Codec<any>]>>;
export type UnionOf<V extends Variants> = {
  [K in keyof V & string]: { readonly kind: K } & TypeOf<V[K][1]>;
}[keyof V & string];

/** A closed union `{ kind, …fields }`, written as the two-item list [tag, struct]. */
export function union<const V extends Variants>(variants: V): Codec<UnionOf<V>> {
  const byTag = new Map(Object.entries(variants).map(([kind, [tag, codec]]) => [tag, { kind, codec }]));
  invariant(byTag.size === Object.keys(variants).length, "a union's tags differ");
  return {
    write(writer, value) {
      const variant = variants[value.kind];
      invariant(variant !== undefined, `unknown kind: ${value.kind}`);
      writer.head(MAJOR_ARRAY, 2);
      writer.head(MAJOR_UINT, variant[0]);
      variant[1].write(writer, value);
    },
    read(reader) {
      if (reader.head(MAJOR_ARRAY) !== 2) reader.fail("OUT_OF_RANGE", "a union is a list of two");
      const tag = reader.head(MAJOR_UINT);
      const variant = byTag.get(tag);
      if (variant === undefined) return reader.fail("OUT_OF_RANGE", `unknown kind ${tag}`);
      return { kind: variant.kind, ...variant.codec.read(reader) };
    },
  };
}

/** A codec of another type than the one on the wire; `from` returns null for what it refuses. */
export function mapped<A, B>(codec: Codec<A>, to: (value: B) => A, from: (value: A) => B | null): Codec<B> {
  return {
    write: (writer, value) => codec.write(writer, to(value)),
    read: (reader) => from(codec.read(reader)) ?? reader.fail("OUT_OF_RANGE", "value refused"),
  };
}

/** A codec whose values also obey a law of their own. */
export function lawful<T>(codec: Codec<T>, holds: (value: T) => boolean, law: string): Codec<T> {
  return {
    write(writer, value) {
      invariant(holds(value), law);
      codec.write(writer, value);
    },
    read(reader) {
      const value = codec.read(reader);
      if (!holds(value)) reader.fail("OUT_OF_RANGE", law);
      return value;
    },
  };
}
