// The median: what counts of measurements that whatever else the machine does may lengthen.

/** Of an even number, the upper one; at least one is needed. */
export function medianOf(figures: readonly number[]): number {
  const ascending = [...figures].sort((a, b) => a - b);
  const middle = ascending[Math.floor(ascending.length / 2)];
  if (middle === undefined) throw new RangeError("there is no median of nothing");
  return middle;
}
