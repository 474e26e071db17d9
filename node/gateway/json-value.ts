// Values of somebody else's JSON: anything may be anything.

/** The value at a path of keys; undefined: there is none. */
export function at(value: unknown, ...keys: readonly string[]): unknown {
  let here = value;
  for (const key of keys) {
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, key)) return undefined;
    here = (here as Record<string, unknown>)[key];
  }
  return here;
}

export const textAt = (value: unknown, ...keys: readonly string[]): string | null => {
  const found = at(value, ...keys);
  return typeof found === "string" ? found : null;
};

/** A count ≥ 0; null: there is none. */
export const countAt = (value: unknown, ...keys: readonly string[]): number | null =>
  countOf(at(value, ...keys));

export const countOf = (value: unknown): number | null =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : null;

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** undefined: it is no JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
