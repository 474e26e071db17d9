// One seeded source for every choice of a simulation: xoshiro128** over 32-bit words.
import { invariant } from "../../../../src/base/index.js";

/** A stream of numbers that depends on the seed and the stream's name alone. */
export class Random {
  private readonly s: Uint32Array;

  /** @param seed an integer 0..2^53−1 */
  constructor(
    readonly seed: number,
    readonly stream = "",
  ) {
    invariant(Number.isSafeInteger(seed) && seed >= 0, "a seed is an integer 0..2^53-1");
    let state = (seed ^ Math.floor(seed / 0x100000000)) >>> 0;
    for (let i = 0; i < stream.length; i++) state = Math.imul(state ^ stream.charCodeAt(i), 0x01000193) >>> 0;
    this.s = Uint32Array.from({ length: 4 }, (_, i) => splitmix(state + i * 0x9e3779b9 + 1));
  }

  /** A stream of its own: draws in one part of a simulation do not move those of another. */
  branch(name: string): Random {
    return new Random(this.seed, `${this.stream}/${name}`);
  }

  /** 0..2^32−1 */
  word(): number {
    const s = this.s;
    const result = Math.imul(rotated(Math.imul(s[1]!, 5), 7), 9) >>> 0;
    const shifted = s[1]! << 9;
    s[2] = s[2]! ^ s[0]!;
    s[3] = s[3]! ^ s[1]!;
    s[1] = s[1]! ^ s[2]!;
    s[0] = s[0]! ^ s[3]!;
    s[2] = s[2]! ^ shifted;
    s[3] = rotated(s[3]!, 11);
    return result;
  }

  /** 0 ≤ x < 1 */
  unit(): number {
    return this.word() / 0x100000000;
  }

  chance(probability: number): boolean {
    return probability > 0 && this.unit() < probability;
  }

  /** An integer, both ends included. */
  between(least: number, greatest: number): number {
    return least + Math.floor(this.unit() * (greatest - least + 1));
  }

  pick<T>(items: readonly T[]): T {
    invariant(items.length > 0, "there is something to pick from");
    return items[this.between(0, items.length - 1)]!;
  }

  shuffled<T>(items: readonly T[]): T[] {
    const order = [...items];
    for (let i = order.length - 1; i > 0; i--) {
      const j = this.between(0, i);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) bytes[i] = this.word() >>> 24;
    return bytes;
  }
}

const rotated = (x: number, k: number): number => (x << k) | (x >>> (32 - k));

function splitmix(seed: number): number {
  let z = seed >>> 0;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return (z ^ (z >>> 16)) >>> 0;
}
