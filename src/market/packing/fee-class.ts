// Fee classes: how fees are compared, and what replaces a waiting operation.

/** A fee that replaces another is at least a quarter higher, so that nobody is told of trifles again and again. */
const RAISE_NUMERATOR = 5n;
const RAISE_DENOMINATOR = 4n;

/** What fees are measured in: the least fee, or a micro-credit where none is asked. */
export const feeUnit = (minFee: bigint): bigint => (minFee > 0n ? minFee : 1n);

/** Fees are compared by their power of two over the minimum: first seen decides within a class. The lowest is 1. */
export const feeClass = (fee: bigint, minFee: bigint): number => {
  const times = fee / feeUnit(minFee);
  return times === 0n ? 0 : times.toString(2).length;
};

/** The least fee of a class, in micro-credits. */
export const leastOfClass = (rank: number, minFee: bigint): bigint => feeUnit(minFee) << BigInt(rank - 1);

/** The least fee, in micro-credits, with which an operation takes the place of a waiting one of the same nonce. */
export const leastRaise = (fee: bigint): bigint =>
  fee === 0n ? 1n : (fee * RAISE_NUMERATOR + RAISE_DENOMINATOR - 1n) / RAISE_DENOMINATOR;

/** What to pay for an operation that waits at `fee` so that it stands before the others of its class. */
export function usefulRaise(fee: bigint, minFee: bigint): bigint {
  const next = leastOfClass(feeClass(fee, minFee) + 1, minFee);
  const least = leastRaise(fee);
  return next > least ? next : least;
}
