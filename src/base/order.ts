// Order: wherever peers must agree, maps and sets are walked in the order of their keys.

/** Order of strings by UTF-16 code unit; never by locale. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export const sortedKeys = (map: ReadonlyMap<string, unknown> | ReadonlySet<string>): string[] =>
  [...map.keys()].sort(compareText);

export const sortedEntries = <V>(map: ReadonlyMap<string, V>): [string, V][] =>
  [...map.entries()].sort((a, b) => compareText(a[0], b[0]));

export const sortedNumbers = (numbers: Iterable<number>): number[] => [...numbers].sort((a, b) => a - b);

/** The lesser of two amounts. */
export const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
