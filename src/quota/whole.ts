// Whole numbers that are larger than what counts exactly as a `number`.

export const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);

export const atLeast0 = (a: bigint): bigint => (a < 0n ? 0n : a);

/** A quotient, rounded up. @param below > 0 */
export const up = (above: bigint, below: bigint): bigint => (above + below - 1n) / below;
