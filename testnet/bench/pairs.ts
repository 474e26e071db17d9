// Pairs: ours and its limit measured by turns, so that whatever else the machine does falls on both.

export interface Pair {
  readonly ours: number;
  readonly limit: number;
}

/** The pair whose ratio is the median (of an even number, the upper one); at least one is needed. */
export function medianPair(pairs: readonly Pair[]): Pair {
  const ascending = [...pairs].sort((a, b) => a.ours / a.limit - b.ours / b.limit);
  const middle = ascending[Math.floor(ascending.length / 2)];
  if (middle === undefined) throw new RangeError("there is no median of nothing");
  return middle;
}

/** Measures `ours` and `limit` in turn, `times` times; the order within a pair changes every time. */
export async function byTurns(
  times: number,
  ours: () => Promise<number>,
  limit: () => Promise<number>,
): Promise<readonly Pair[]> {
  const pairs: Pair[] = [];
  for (let turn = 0; turn < times; turn++) {
    if (turn % 2 === 0) {
      const first = await ours();
      pairs.push({ ours: first, limit: await limit() });
    } else {
      const first = await limit();
      pairs.push({ ours: await ours(), limit: first });
    }
  }
  return pairs;
}
