// How often each name comes, in the order of names.

export function countsOf<Name extends string>(names: readonly Name[]): Partial<Record<Name, number>> {
  const counts = new Map<Name, number>();
  for (const name of [...names].sort()) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries(counts) as Partial<Record<Name, number>>;
}
