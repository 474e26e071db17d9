// Gossipsub's frames, written by hand: an attacker is not bound by what a well-behaved implementation would send.
import { type Bytes, utf8 } from "../../../src/base/index.js";

/** By a list and not by arguments: an attack has more parts than a call may have. */
const joined = (parts: readonly Bytes[]): Bytes => new Uint8Array(Buffer.concat(parts));
const concatBytes = (...parts: readonly Bytes[]): Bytes => joined(parts);

/** An unsigned integer in base 128, least group first. */
export function varint(value: number): Bytes {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

const field = (number: number, value: Bytes): Bytes =>
  concatBytes(varint(number * 8 + 2), varint(value.length), value);

/** One frame: parts of an RPC behind their length. */
export const gossipFrame = (...parts: readonly Bytes[]): Bytes => {
  const body = joined(parts);
  return concatBytes(varint(body.length), body);
};

export const message = (topic: string, data: Bytes): Bytes =>
  field(2, concatBytes(field(2, data), field(4, utf8(topic))));

/** The wish to be sent what is said on a topic. */
export const subscription = (topic: string): Bytes =>
  field(1, concatBytes(Uint8Array.of(0x08, 1), field(2, utf8(topic))));

export type ControlKind = "ihave" | "iwant" | "graft" | "prune";
const CONTROL: Readonly<Record<ControlKind, number>> = { ihave: 1, iwant: 2, graft: 3, prune: 4 };

/** A control message with `repeat` entries; `ids` are those of each IHAVE or IWANT. */
export function control(kind: ControlKind, topic: string, ids: readonly Bytes[], repeat = 1): Bytes {
  const named = kind === "iwant" ? new Uint8Array(0) : field(1, utf8(topic));
  const listed = kind === "ihave" ? 2 : 1;
  const wanted = kind === "ihave" || kind === "iwant" ? ids.map((id) => field(listed, id)) : [];
  const entry = field(CONTROL[kind], joined([named, ...wanted]));
  return field(3, joined(Array.from({ length: repeat }, () => entry)));
}
