// Shrinking: the smallest input that still fails, by leaving out ever smaller pieces and zeroing what is left.
import type { Bytes } from "../../src/base/index.js";
import { spliced } from "./mutate.js";

const MAX_TRIALS = 4000;
const EMPTY = new Uint8Array(0);

/** @param fails whether an input fails in the same way */
export async function shrunk(input: Bytes, fails: (input: Bytes) => Promise<boolean>): Promise<Bytes> {
  let least = input;
  let trials = 0;
  const better = async (candidate: Bytes): Promise<boolean> => {
    if (trials++ >= MAX_TRIALS || !(await fails(candidate))) return false;
    least = candidate;
    return true;
  };
  for (let piece = Math.max(1, least.length >> 1); piece >= 1; piece >>= 1) {
    for (let at = 0; at < least.length; ) {
      if (!(await better(spliced(least, at, Math.min(least.length, at + piece), EMPTY)))) at += piece;
    }
  }
  for (let at = 0; at < least.length; at++) {
    if (least[at] !== 0) await better(Uint8Array.from(least, (byte, i) => (i === at ? 0 : byte)));
  }
  return least;
}
