// The laws of every decoder by schema: total, linear, canonical, deterministic, and refusing by a code of the closed set.
import {
  type Bytes,
  type Codec,
  type DecodeCode,
  type DecodeError,
  decode,
  encode,
  equalBytes,
} from "../../../src/base/index.js";
import { Random } from "../../../testnet/lab/simulate/world/random.js";
import { generated } from "../generate.js";
import { itemsOf, placeAt } from "../items.js";
import { metered } from "../meter.js";
import { mustHold, type Signal, type Target } from "../target.js";

const CODES: Readonly<Record<DecodeCode, true>> = {
  TRUNCATED: true,
  TRAILING: true,
  OVERSIZE: true,
  NOT_CANONICAL: true,
  WRONG_TYPE: true,
  OUT_OF_RANGE: true,
  UNKNOWN_KEY: true,
  MISSING_KEY: true,
};

/** Values made from the schema alone, for each target. */
const GENERATED = 12;

export interface CodecTarget<T> {
  readonly name: string;
  readonly share: number;
  readonly codec: Codec<T>;
  readonly maxBytes: number;
  readonly real?: () => readonly Bytes[];
}

export function codecTarget<T>({ name, share, codec, maxBytes, real }: CodecTarget<T>): Target {
  return {
    name,
    share,
    seeds: () => [...(real?.() ?? []), ...inventions(name, codec)],
    take: (input) => judged(codec, input, maxBytes),
  };
}

/** Encodings of values that nobody ever sent. */
function inventions<T>(name: string, codec: Codec<T>): readonly Bytes[] {
  const random = new Random(1, `generate ${name}`);
  return Array.from({ length: GENERATED }, () => generated(codec, random)).flatMap((value) =>
    value === null ? [] : [encode(codec, value)],
  );
}

/** Reads, and if it was accepted writes again: what was accepted has no second encoding. */
export function judged<T>(codec: Codec<T>, input: Bytes, maxBytes: number): Signal {
  const before = input.slice();
  const [read, spent] = metered(() => decode(codec, input, maxBytes));
  mustHold(spent.heads <= input.length + 1, `${spent.heads} heads read in ${input.length} bytes`);
  mustHold(spent.copied <= input.length, `${spent.copied} bytes copied of ${input.length}`);
  mustHold(equalBytes(before, input), "decoding changed its input");
  if (!read.ok) return refusalSignal(read.error, input);
  mustHold(equalBytes(encode(codec, read.value), input), "accepted bytes that it would not have written");
  return `ok ${shapeOf(read.value)}`;
}

function refusalSignal({ code, offset, detail }: DecodeError, input: Bytes): Signal {
  mustHold(CODES[code], `unknown code ${code}`);
  mustHold(
    Number.isInteger(offset) && offset >= 0 && offset <= input.length,
    `offset ${offset} outside the input`,
  );
  return `${code} ${placeAt(itemsOf(input), offset)} ${detail.replace(/\d+/g, "#")}`;
}

/** The shape of a value: kinds, which fields are there, and how long and how great things are, roughly. */
export function shapeOf(value: unknown, depth = 0): string {
  if (value === null) return "-";
  if (typeof value === "number" || typeof value === "bigint") return value === 0 || value === 0n ? "0" : "n";
  if (typeof value === "string") return depth < 3 ? value.slice(0, 12).replace(/\d/g, "#") : "s";
  if (value instanceof Uint8Array) return value.length === 0 ? "e" : "b";
  if (Array.isArray(value)) {
    const size = value.length < 3 ? value.length : "m";
    return `[${size}${value.length === 0 || depth > 5 ? "" : shapeOf(value[0], depth + 1)}]`;
  }
  const record = value as Readonly<Record<string, unknown>>;
  let shape = "{";
  for (const name of Object.keys(record))
    shape += shapeOf(record[name], name === "kind" || name === "type" ? 0 : depth + 1);
  return `${shape}}`;
}
