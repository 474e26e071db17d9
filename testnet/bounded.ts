// Many small jobs, a few at a time.

/**
 * Runs `job` on every item, at most `limit` (≥ 1) at once; results in the items' order. After a failure no further
 * job begins; those that run are waited for, so that nothing goes on behind the caller's back, and the first failure
 * is thrown.
 */
export async function bounded<T, R>(
  items: readonly T[],
  limit: number,
  job: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  const failures: unknown[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < items.length && failures.length === 0) {
      const index = next++;
      try {
        results[index] = await job(items[index]!, index);
      } catch (failure) {
        failures.push(failure);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, work));
  if (failures.length > 0) throw failures[0];
  return results;
}
