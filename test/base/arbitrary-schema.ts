// Random schemas with random values that fit them, for laws about every codec.
import fc from "fast-check";
import type { Schema } from "./schema.js";

export interface Sample {
  readonly schema: Schema;
  readonly value: unknown;
}

const MAX = Number.MAX_SAFE_INTEGER;
const uints = fc.oneof(
  fc.constantFrom(0, 23, 24, 255, 256, 65535, 65536, 2 ** 32 - 1, 2 ** 32, MAX),
  fc.integer({ min: 0, max: MAX }),
);

const scalar: fc.Arbitrary<Sample> = fc.oneof(
  uints.map((value) => ({ schema: { uint: [0, MAX] as const }, value })),
  uints.map((value) => ({ schema: { amount: true as const }, value: BigInt(value) })),
  fc.uint8Array({ maxLength: 300 }).map((value) => ({ schema: { bytes: [0, 300] as const }, value })),
  fc
    .string({
      unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
      maxLength: 40,
    })
    .map((value) => ({ schema: { ascii: 40 }, value })),
  fc
    .constantFrom("sell", "buy", "hold")
    .map((value) => ({ schema: { oneOf: ["sell", "buy", "hold"] }, value })),
);

function structOf(part: fc.Arbitrary<Sample>): fc.Arbitrary<Sample> {
  const row = fc.record({ sample: part, optional: fc.boolean(), absent: fc.boolean() });
  const keys = fc.uniqueArray(fc.oneof(fc.nat(40), uints), { maxLength: 5 });
  return keys.chain((numbers) =>
    fc.tuple(...numbers.map(() => row)).map((rows) => {
      const fields: Record<string, readonly [number, Schema] | readonly [number, Schema, "optional"]> = {};
      const value: Record<string, unknown> = {};
      rows.forEach(({ sample, optional, absent }, i) => {
        const name = `f${i}`;
        fields[name] = optional ? [numbers[i]!, sample.schema, "optional"] : [numbers[i]!, sample.schema];
        value[name] = optional && absent ? null : sample.value;
      });
      return { schema: { struct: fields }, value };
    }),
  );
}

function listOf(part: fc.Arbitrary<Sample>): fc.Arbitrary<Sample> {
  return fc.tuple(part, fc.nat(4)).map(([{ schema, value }, count]) => ({
    schema: { list: [schema, 0, 4] },
    value: Array(count).fill(value),
  }));
}

function unionOf(part: fc.Arbitrary<Sample>): fc.Arbitrary<Sample> {
  return fc
    .tuple(structOf(part), structOf(part), fc.nat(30), fc.boolean())
    .map(([one, other, tag, first]) => ({
      schema: { union: { one: [tag, one.schema], other: [tag + 1, other.schema] } },
      value: first
        ? { kind: "one", ...(one.value as object) }
        : { kind: "other", ...(other.value as object) },
    }));
}

/** Schemas nested up to three levels deep, each with one value of it. */
export const sample: fc.Arbitrary<Sample> = [1, 2, 3].reduce<fc.Arbitrary<Sample>>(
  (inner) => fc.oneof(scalar, structOf(inner), listOf(inner), unionOf(inner)),
  scalar,
);
