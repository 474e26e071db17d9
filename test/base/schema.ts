// Codecs described in JSON, so that the vector files say in full what they encode and any language can read them.
import {
  amount,
  ascii,
  bytes,
  type Codec,
  fromHex,
  lawful,
  list,
  oneOf,
  optional,
  struct,
  toHex,
  uint,
  union,
} from "../../src/index.js";

export type Schema =
  | { readonly uint: readonly [min: number, max: number] }
  | { readonly amount: true }
  | { readonly bytes: readonly [min: number, max: number] }
  | { readonly ascii: number }
  | { readonly oneOf: readonly string[] }
  | { readonly list: readonly [item: Schema, min: number, max: number] }
  | { readonly ascending: Schema }
  | { readonly struct: Readonly<Record<string, Row>> }
  | { readonly union: Readonly<Record<string, readonly [tag: number, struct: Schema]>> };
type Row = readonly [key: number, field: Schema] | readonly [key: number, field: Schema, "optional"];

export function codecOf(schema: Schema): Codec<unknown> {
  if ("uint" in schema) return uint(schema.uint[1], schema.uint[0]);
  if ("amount" in schema) return amount;
  if ("bytes" in schema) return bytes(schema.bytes[1], schema.bytes[0]);
  if ("ascii" in schema) return ascii(schema.ascii);
  if ("oneOf" in schema) return oneOf(schema.oneOf);
  if ("list" in schema) return list(codecOf(schema.list[0]), schema.list[2], schema.list[1]);
  if ("ascending" in schema) {
    return lawful(
      codecOf(schema.ascending),
      (values) => (values as number[]).every((one, i, all) => i === 0 || one > all[i - 1]!),
      "values ascend",
    );
  }
  if ("struct" in schema) {
    const rows = Object.entries(schema.struct).map(([name, row]) => {
      const codec = codecOf(row[1]);
      return [name, [row[0], row.length === 3 ? optional(codec) : codec]] as const;
    });
    return struct(Object.fromEntries(rows));
  }
  const variants = Object.entries(schema.union).map(
    ([kind, [tag, part]]) => [kind, [tag, codecOf(part)]] as const,
  );
  return union(Object.fromEntries(variants));
}

/** A decoded value as JSON: amounts as decimal strings, bytes as hexadecimal. */
export function toJson(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Uint8Array) return toHex(value);
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, toJson(part)]));
}

/** The value that `toJson` made JSON of, by its schema. */
export function fromJson(schema: Schema, json: unknown): unknown {
  if ("amount" in schema) return BigInt(json as string);
  if ("bytes" in schema) return fromHex(json as string);
  if ("list" in schema) return (json as unknown[]).map((item) => fromJson(schema.list[0], item));
  if ("ascending" in schema) return fromJson(schema.ascending, json);
  if ("struct" in schema) {
    const record = json as Record<string, unknown>;
    const rows = Object.entries(schema.struct);
    return Object.fromEntries(
      rows.map(([name, row]) => [name, record[name] === null ? null : fromJson(row[1], record[name])]),
    );
  }
  if ("union" in schema) {
    const { kind, ...part } = json as { kind: string };
    return { kind, ...(fromJson(schema.union[kind]![1], part) as object) };
  }
  return json;
}
