// Shrinking: the smallest input that still fails, by leaving out items, then ever smaller pieces, and zeroing what is left.
import type { Bytes } from "../../src/base/index.js";
import { emptied, sampleOf, spliced, without } from "./mutate.js";

const MAX_TRIALS = 4000;
const EMPTY = new Uint8Array(0);

/**
 * @param fails whether an input fails in the same way
 * @param trials inputs tried at most
 */
export async function shrunk(
  input: Bytes,
  fails: (input: Bytes) => Promise<boolean>,
  trials = MAX_TRIALS,
): Promise<Bytes> {
  const shrinking = new Shrinking(input, fails, trials);
  await shrinking.items();
  await shrinking.pieces();
  await shrinking.zeros();
  return shrinking.least;
}

class Shrinking {
  constructor(
    public least: Bytes,
    private readonly fails: (input: Bytes) => Promise<boolean>,
    private left: number,
  ) {}

  private async better(candidate: Bytes): Promise<boolean> {
    if (this.left-- <= 0 || !(await this.fails(candidate))) return false;
    this.least = candidate;
    return true;
  }

  /** Outer items come first: with one of them everything inside it goes. */
  async items(): Promise<void> {
    for (let at = 0; ; ) {
      const sample = sampleOf(this.least);
      const item = sample.items[at];
      if (item === undefined) return;
      const smaller = [without(sample, item), emptied(sample, item)].filter(
        (one) => one.length < this.least.length,
      );
      let moved = true;
      for (const candidate of smaller) {
        if (!(await this.better(candidate))) continue;
        moved = false;
        break;
      }
      if (moved) at++;
    }
  }

  async pieces(): Promise<void> {
    for (let piece = Math.max(1, this.least.length >> 1); piece >= 1; piece >>= 1) {
      for (let at = 0; at < this.least.length; ) {
        const end = Math.min(this.least.length, at + piece);
        if (!(await this.better(spliced(this.least, at, end, EMPTY)))) at += piece;
      }
    }
  }

  async zeros(): Promise<void> {
    for (let at = 0; at < this.least.length; at++) {
      if (this.least[at] === 0) continue;
      const zeroed = this.least.slice();
      zeroed[at] = 0;
      await this.better(zeroed);
    }
  }
}
