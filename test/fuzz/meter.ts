// A meter in the decoder: how many heads it read and how many bytes it copied, to hold against what it was given.
import { Reader } from "../../src/base/codec/reader.js";
import { invariant } from "../../src/base/index.js";

export interface Spent {
  heads: number;
  copied: number;
}

const spent: Spent = { heads: 0, copied: 0 };
let installed = false;

/** Counts from now on, in this process. Reading is linear exactly if neither count can pass the input's length. */
export function install(): void {
  if (installed) return;
  installed = true;
  const { head, take } = Reader.prototype;
  Reader.prototype.head = function (this: Reader, major) {
    spent.heads++;
    return head.call(this, major);
  };
  Reader.prototype.take = function (this: Reader, length) {
    const taken = take.call(this, length);
    spent.copied += taken.length;
    return taken;
  };
}

/** What `work` makes decoders spend. */
export function metered<T>(work: () => T): readonly [result: T, spent: Readonly<Spent>] {
  invariant(installed, "the meter is installed before anything is metered");
  spent.heads = 0;
  spent.copied = 0;
  const result = work();
  return [result, spent];
}
