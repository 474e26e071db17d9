// Mutations: what turns a real input into a hostile one, on its bytes and on its items.
import { MAJOR_ARRAY, MAJOR_BYTES, MAJOR_MAP, MAJOR_TEXT, MAJOR_UINT } from "../../src/base/codec/reader.js";
import { type Bytes, concatBytes } from "../../src/base/index.js";
import type { Random } from "../../testnet/lab/simulate/world/random.js";
import { headOf, type Item, itemsOf } from "./items.js";

/** An input with its items, read once. */
export interface Sample {
  readonly bytes: Bytes;
  readonly items: readonly Item[];
}

export const sampleOf = (bytes: Bytes): Sample => ({ bytes, items: itemsOf(bytes) });

/** Numbers at which something changes: widths of heads, 2^53 and what JSON and CBOR make of it. */
const EDGES = [
  0n,
  1n,
  2n,
  3n,
  22n,
  23n,
  24n,
  25n,
  31n,
  32n,
  33n,
  63n,
  64n,
  65n,
  127n,
  128n,
  255n,
  256n,
  4095n,
  4096n,
  65535n,
  65536n,
  (1n << 31n) - 1n,
  1n << 31n,
  (1n << 32n) - 1n,
  1n << 32n,
  (1n << 53n) - 2n,
  (1n << 53n) - 1n,
  1n << 53n,
  (1n << 53n) + 1n,
  (1n << 63n) - 1n,
  (1n << 64n) - 1n,
];
const LENGTHS = [0, 1, 2, 4, 8, 15, 16, 17, 20, 31, 32, 33, 63, 64, 65, 96, 97, 128, 129, 300];
const WIDTHS = [0, 1, 2, 4, 8];
const NESTINGS = [1, 2, 12, 13, 500];
const MAX_GROWN_BYTES = 1 << 16;

export function spliced(bytes: Bytes, start: number, end: number, put: Bytes): Bytes {
  const made = new Uint8Array(bytes.length - (end - start) + put.length);
  made.set(bytes.subarray(0, start));
  made.set(put, start);
  made.set(bytes.subarray(end), start + put.length);
  return made;
}

const EMPTY = new Uint8Array(0);

type Edit = (sample: Sample, item: Item, random: Random, other: Sample) => Bytes;

const itemBytes = ({ bytes }: Sample, { start, end }: Item): Bytes => bytes.subarray(start, end);
const replaced = (sample: Sample, item: Item, put: Bytes): Bytes =>
  spliced(sample.bytes, item.start, item.end, put);
const reheaded = ({ bytes }: Sample, { start, head }: Item, put: Bytes): Bytes =>
  spliced(bytes, start, start + head, put);

/** Changes the number of items that a list or map says it has, in the shortest form. */
function recounted(bytes: Bytes, around: Item | undefined, by: number): Bytes {
  if (around === undefined || (around.major !== MAJOR_ARRAY && around.major !== MAJOR_MAP)) return bytes;
  const count = Math.max(0, around.argument + by);
  return spliced(bytes, around.start, around.start + around.head, headOf(around.major, BigInt(count)));
}

/** The item, with its key or value where it lies in a map: start and end of the pair. */
function pairOf({ items }: Sample, item: Item): readonly [start: number, end: number] {
  const around = items[item.parent];
  if (around?.major !== MAJOR_MAP) return [item.start, item.end];
  const nth = around.children.findIndex((child) => items[child] === item);
  const key = items[around.children[nth - (nth % 2)]!];
  const value = items[around.children[nth - (nth % 2) + 1]!];
  return [key?.start ?? item.start, value?.end ?? item.end];
}

/** The input without an item, and without its key or value where it lies in a map; no longer counted. */
export function without(sample: Sample, item: Item): Bytes {
  const [start, end] = pairOf(sample, item);
  return recounted(spliced(sample.bytes, start, end, EMPTY), sample.items[item.parent], -1);
}

/** The input with an item made as small as its kind can be. */
export const emptied = (sample: Sample, item: Item): Bytes => replaced(sample, item, headOf(item.major, 0n));

/** Each edit of one item; those of the second half keep the counts right, so that what follows is still read. */
const EDITS: readonly Edit[] = [
  /** another item, of this input or of another: type confusion and grafts */
  (sample, item, random, other) => {
    const graft = other.items[random.word() % Math.max(1, other.items.length)];
    return replaced(sample, item, graft === undefined ? EMPTY : itemBytes(other, graft));
  },
  /** a number at an edge */
  (sample, item, random) => reheaded(sample, item, headOf(item.major, random.pick(EDGES))),
  /** one more or one less */
  (sample, item, random) => {
    const by = random.word() % 2 === 0 ? 1n : -1n;
    const value = BigInt(item.argument) + by;
    return reheaded(sample, item, headOf(item.major, value < 0n ? 0n : value));
  },
  /** a second way to write the same number */
  (sample, item, random) =>
    reheaded(sample, item, headOf(item.major, BigInt(item.argument), random.pick(WIDTHS))),
  /** indefinite length, with its end */
  (sample, item) => {
    const body = sample.bytes.subarray(item.start + item.head, item.end);
    return replaced(
      sample,
      item,
      concatBytes(Uint8Array.of((item.major << 5) | 31), body, Uint8Array.of(0xff)),
    );
  },
  /** another major type */
  (sample, item, random) => {
    const made = sample.bytes.slice();
    made[item.start] = ((random.word() % 8) << 5) | (made[item.start]! & 0x1f);
    return made;
  },
  /** nested deeper */
  (sample, item, random) => {
    const depth = random.pick(NESTINGS);
    return replaced(sample, item, concatBytes(new Uint8Array(depth).fill(0x81), itemBytes(sample, item)));
  },
  /** twice, the second time uncounted */
  (sample, item) => spliced(sample.bytes, item.end, item.end, itemBytes(sample, item)),
  /** gone, and still counted */
  (sample, item) => replaced(sample, item, EMPTY),
  /** two siblings change places: keys out of order, signers that descend */
  (sample, item, random) => {
    const beside = sample.items[item.parent]?.children ?? [];
    const other = sample.items[beside[random.word() % Math.max(1, beside.length)]!];
    if (other === undefined || other === item) return sample.bytes;
    const [first, second] = item.start < other.start ? [item, other] : [other, item];
    const { bytes } = sample;
    return concatBytes(
      bytes.subarray(0, first.start),
      itemBytes(sample, second),
      bytes.subarray(first.end, second.start),
      itemBytes(sample, first),
      bytes.subarray(second.end),
    );
  },
  /** a pair or a list's item gone, and no longer counted */
  (sample, item) => without(sample, item),
  /** a pair or a list's item twice, and counted: repeated keys */
  (sample, item) => {
    const [start, end] = pairOf(sample, item);
    return recounted(
      spliced(sample.bytes, end, end, sample.bytes.subarray(start, end)),
      sample.items[item.parent],
      1,
    );
  },
  /** a field more, under the next key: what is optional appears, and what nobody knows */
  (sample, item, random, other) => {
    const map = item.major === MAJOR_MAP ? item : sample.items[item.parent];
    const value = other.items[random.word() % Math.max(1, other.items.length)];
    if (map?.major !== MAJOR_MAP || value === undefined) return sample.bytes;
    const key = sample.items[map.children.at(-2) ?? -1]?.argument ?? -1;
    const field = concatBytes(headOf(MAJOR_UINT, BigInt(key) + 1n), itemBytes(other, value));
    return recounted(spliced(sample.bytes, map.end, map.end, field), map, 1);
  },
  /** a string of another length, which it says rightly */
  (sample, item, random) => {
    const major = item.major === MAJOR_TEXT ? MAJOR_TEXT : MAJOR_BYTES;
    const length = random.pick(LENGTHS);
    return replaced(
      sample,
      item,
      concatBytes(headOf(major, BigInt(length)), new Uint8Array(length).fill(0x61)),
    );
  },
  /** another list or map with as many items as it says */
  (sample, item, random, other) => {
    const graft = other.items.filter((one) => one.major === item.major);
    return graft.length === 0 ? sample.bytes : replaced(sample, item, itemBytes(other, random.pick(graft)));
  },
  /** other content of the same length */
  (sample, item, random) => {
    const made = sample.bytes.slice();
    if (item.major === MAJOR_UINT) made[item.start + item.head - 1] = random.word();
    else for (let i = item.start + item.head; i < item.end; i++) made[i] = random.word();
    return made;
  },
];

/** Changes on bytes alone, for what is no CBOR any more. */
const SCRATCHES: readonly ((bytes: Bytes, random: Random) => Bytes)[] = [
  (bytes, random) => {
    const made = bytes.slice();
    const at = random.word() % Math.max(1, bytes.length);
    made[at] = made[at]! ^ (1 << (random.word() % 8));
    return made;
  },
  (bytes, random) => {
    const made = bytes.slice();
    made[random.word() % Math.max(1, bytes.length)] = random.word();
    return made;
  },
  (bytes, random) => bytes.slice(0, random.word() % (bytes.length + 1)),
  (bytes, random) => {
    const at = random.word() % (bytes.length + 1);
    return spliced(bytes, at, at, random.bytes(1 + (random.word() % 8)));
  },
  (bytes, random) => {
    const at = random.word() % (bytes.length + 1);
    return spliced(bytes, at, Math.min(bytes.length, at + 1 + (random.word() % 16)), EMPTY);
  },
  (bytes, random) => {
    const from = random.word() % (bytes.length + 1);
    const piece = bytes.slice(from, from + 1 + (random.word() % 64));
    const at = random.word() % (bytes.length + 1);
    return spliced(bytes, at, at, piece);
  },
];

/** One scratch on bytes. */
export const scratched = (bytes: Bytes, random: Random): Bytes => random.pick(SCRATCHES)(bytes, random);

/** A mutated input: mostly one edit of an item, sometimes scratches on top or alone. */
export function mutated(sample: Sample, random: Random, other: Sample): Bytes {
  const dice = random.word() % 8;
  let made = sample.bytes;
  if (dice < 6 && sample.items.length > 0) {
    const item = sample.items[random.word() % sample.items.length]!;
    made = EDITS[random.word() % EDITS.length]!(sample, item, random, other);
  }
  if (dice === 5) {
    const { items } = sampleOf(made);
    const item = items[random.word() % Math.max(1, items.length)];
    if (item !== undefined)
      made = EDITS[random.word() % EDITS.length]!({ bytes: made, items }, item, random, other);
  }
  const scratches = dice < 4 ? 0 : dice === 7 ? 1 + (random.word() % 4) : dice - 5;
  for (let i = 0; i < scratches; i++) made = scratched(made, random);
  return made.length > MAX_GROWN_BYTES ? made.slice(0, MAX_GROWN_BYTES) : made;
}
