// The items of a CBOR encoding, as spans of its bytes: what structural mutations cut, copy and swap.
import { MAJOR_ARRAY, MAJOR_BYTES, MAJOR_MAP, MAJOR_TEXT } from "../../src/base/codec/reader.js";
import type { Bytes } from "../../src/base/index.js";

export interface Item {
  readonly start: number;
  /** bytes of its head */
  readonly head: number;
  end: number;
  readonly major: number;
  readonly argument: number;
  /** index of the item around it; −1: none */
  readonly parent: number;
  /** items directly inside it */
  readonly children: number[];
}

interface Open {
  readonly index: number;
  left: number;
}

const MAX_ITEMS = 4096;

/**
 * All items in the order of their heads, read leniently: what is cut off or out of form ends the reading, and what was
 * read until then is given. Iterative, so that no nesting is too deep.
 */
export function itemsOf(bytes: Bytes): readonly Item[] {
  const items: Item[] = [];
  const open: Open[] = [];
  let at = 0;
  while (at < bytes.length && items.length < MAX_ITEMS) {
    const read = headAt(bytes, at);
    if (read === null) break;
    const { major, argument, width } = read;
    const index = items.length;
    const parent = open.at(-1)?.index ?? -1;
    const holds = major === MAJOR_BYTES || major === MAJOR_TEXT;
    const end = at + 1 + width + (holds ? argument : 0);
    if (end > bytes.length) break;
    items.push({ start: at, head: 1 + width, end, major, argument, parent, children: [] });
    if (parent >= 0) items[parent]!.children.push(index);
    at = end;
    const inside = major === MAJOR_ARRAY ? argument : major === MAJOR_MAP ? 2 * argument : 0;
    if (inside > 0) open.push({ index, left: inside });
    else close(items, open, at);
    if (open.length === 0) break;
  }
  for (const { index } of open) items[index]!.end = at;
  return items;
}

/** An item is complete: so may be those around it. */
function close(items: Item[], open: Open[], at: number): void {
  for (let last = open.at(-1); last !== undefined && --last.left === 0; last = open.at(-1)) {
    items[last.index]!.end = at;
    open.pop();
  }
}

function headAt(bytes: Bytes, at: number): { major: number; argument: number; width: number } | null {
  const initial = bytes[at]!;
  const info = initial & 0x1f;
  if (info < 24) return { major: initial >> 5, argument: info, width: 0 };
  if (info > 27) return null;
  const width = 1 << (info - 24);
  if (at + width >= bytes.length) return null;
  let argument = 0;
  for (let i = 1; i <= width; i++) argument = argument * 256 + bytes[at + i]!;
  return { major: initial >> 5, argument, width };
}

/**
 * An item's head.
 * @param width bytes of the argument: 0, 1, 2, 4 or 8; null: the fewest that hold it. Narrower ones cut it off
 */
export function headOf(major: number, argument: bigint, width: number | null = null): Bytes {
  const least =
    argument < 24n ? 0 : argument < 0x100n ? 1 : argument < 0x10000n ? 2 : argument < 0x100000000n ? 4 : 8;
  const bytes = width ?? least;
  if (bytes === 0) return Uint8Array.of((major << 5) | Number(argument % 24n));
  const head = new Uint8Array(1 + bytes);
  head[0] = (major << 5) | (24 + Math.log2(bytes));
  let rest = argument;
  for (let i = bytes; i > 0; i--) {
    head[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return head;
}

/** Where in the structure an offset lies, lists and long maps by the first places only: for signals. */
export function placeAt(items: readonly Item[], offset: number): string {
  let index = items.findLastIndex((item) => item.start <= offset);
  let place = "";
  while (index >= 0) {
    const { parent } = items[index]!;
    const nth = parent < 0 ? 0 : items[parent]!.children.indexOf(index);
    place = `${Math.min(nth, 40)}.${place}`;
    index = parent;
  }
  return place;
}
