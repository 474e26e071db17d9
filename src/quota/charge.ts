// What a flow was charged for its weight: compared exactly, carried from one weight to another, forgotten by half-lives.

/** `charged / weight` is what counts. */
export interface Charged {
  readonly charged: bigint;
  readonly weight: bigint;
}

export const isLess = (a: Charged, b: Charged): boolean =>
  a.weight === b.weight ? a.charged < b.charged : a.charged * b.weight < b.charged * a.weight;

/** As much for another weight, rounded up. */
export const forWeight = ({ charged, weight }: Charged, other: bigint): bigint =>
  weight === other ? charged : (charged * other + weight - 1n) / weight;

/** For a weight of 1, rounded up. */
export const perWeight = (one: Charged): bigint => forWeight(one, 1n);

/** After so many half-lives nothing is left. */
export const REMEMBERED_HALF_LIVES = 64;

/** A sum after a time, by half-lives: whole ones halve it, a part takes its part of the next half. */
export function halved(sum: bigint, elapsedMs: number, halfLifeMs: number): bigint {
  const whole = Math.floor(elapsedMs / halfLifeMs);
  if (whole >= REMEMBERED_HALF_LIVES) return 0n;
  const left = sum >> BigInt(whole);
  const part = BigInt(elapsedMs - whole * halfLifeMs);
  return left - (left * part) / (2n * BigInt(halfLifeMs));
}
