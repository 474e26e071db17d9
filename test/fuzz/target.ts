// A target: something that takes bytes from strangers, real inputs to begin with, and what must hold for every input.
import type { Bytes } from "../../src/base/index.js";
import type { Random } from "../../testnet/lab/simulate/world/random.js";

/** What an input made happen, in few words: a refusal's code and place, or the shape of what was accepted. */
export type Signal = string;

export interface Target {
  readonly name: string;
  /** of all inputs, in proportion to those of the other targets */
  readonly share: number;
  /** true: an input is no CBOR, and is mutated as lines of text */
  readonly text?: boolean;
  /** how many smaller inputs are tried where one failed; absent: some thousands */
  readonly trials?: number;
  seeds(): readonly Bytes[];
  /** Makes an input of its own, where bytes are too far from what is meant; else seeds are mutated. */
  invent?(random: Random): Bytes;
  /** how many inputs one is: a script of messages counts each. Absent: 1 */
  size?(input: Bytes): number;
  /** Judges one input. @throws whatever must not happen: any exception is a finding */
  take(input: Bytes): Signal | Promise<Signal>;
}

/** A law that an input broke. */
export class Broken extends Error {
  override readonly name = "Broken";
}

export function mustHold(holds: boolean, law: string): asserts holds {
  if (!holds) throw new Broken(law);
}
