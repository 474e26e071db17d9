// Codecs made of codecs: lists, structs, unions, and values under a law.
import { invariant } from "../invariant.js";
import type { Codec, TypeOf } from "./codec.js";
import { MAJOR_ARRAY, MAJOR_MAP, MAJOR_UINT, type Reader } from "./reader.js";

/** A list of `min..max` items. */
export function list<T>(item: Codec<T>, max: number, min = 0): Codec<readonly T[]> {
  return {
    layout: { type: "list", item, min, max },
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

type Field = Codec<unknown> | Optional<unknown>;
type FieldType<F> = F extends Optional<infer T> ? T | null : F extends Codec<infer T> ? T : never;
export type Fields = Readonly<Record<string, readonly [key: number, field: Field]>>;
export type StructOf<F extends Fields> = { readonly [K in keyof F]: FieldType<F[K][1]> };

/** A map with integer keys, ascending; unknown, repeated and missing keys are refused. */
export function struct<const F extends Fields>(fields: F): Codec<StructOf<F>> {
  const rows = Object.entries(fields)
    .map(([name, [key, field]]) =>
      "optional" in field
        ? { name, key, codec: field.optional as Codec<unknown>, required: false }
        : { name, key, codec: field as Codec<unknown>, required: true },
    )
    .sort((a, b) => a.key - b.key);
  const required = rows.filter((row) => row.required).length;
  invariant(new Set(rows.map((row) => row.key)).size === rows.length, "a struct's keys differ");
  return {
    layout: { type: "struct", fields: rows },
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

type Variants = Readonly<Record<string, readonly [tag: number, codec: Codec<unknown>]>>;
export type UnionOf<V extends Variants> = {
  [K in keyof V & string]: { readonly kind: K } & TypeOf<V[K][1]>;
}[keyof V & string];

/** A closed union `{ kind, …fields }`, written as the two-item list [tag, struct]. */
export function union<const V extends Variants>(variants: V): Codec<UnionOf<V>> {
  const rows = Object.entries(variants).map(([kind, [tag, codec]]) => ({ kind, tag, codec }));
  const byTag = new Map(rows.map((row) => [row.tag, row]));
  const byKind = new Map(rows.map((row) => [row.kind, row]));
  invariant(byTag.size === rows.length, "a union's tags differ");
  return {
    layout: { type: "union", variants: rows },
    write(writer, value) {
      const variant = byKind.get(value.kind);
      invariant(variant !== undefined, `unknown kind: ${value.kind}`);
      writer.head(MAJOR_ARRAY, 2);
      writer.head(MAJOR_UINT, variant.tag);
      variant.codec.write(writer, value);
    },
    read(reader) {
      if (reader.head(MAJOR_ARRAY) !== 2) reader.fail("OUT_OF_RANGE", "a union is a list of two");
      const tag = reader.head(MAJOR_UINT);
      const variant = byTag.get(tag);
      if (variant === undefined) return reader.fail("OUT_OF_RANGE", `unknown kind ${tag}`);
      return { kind: variant.kind, ...(variant.codec.read(reader) as object) } as UnionOf<V>;
    },
  };
}

/** A codec whose values also obey a law of their own. */
export function lawful<T>(codec: Codec<T>, holds: (value: T) => boolean, law: string): Codec<T> {
  return {
    layout: codec.layout,
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
