// A target: something that takes bytes from strangers, real inputs to begin with, and what must hold for every input.
import type { Bytes } from "../../src/base/index.js";

/** What an input made happen, in few words: a refusal's code and place, or the shape of what was accepted. */
export type Signal = string;

export interface Target {
  readonly name: string;
  /** of all inputs, in proportion to those of the other targets */
  readonly share: number;
  /** true: an input is no CBOR, and is mutated as lines of text */
  readonly text?: boolean;
  seeds(): readonly Bytes[];
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
