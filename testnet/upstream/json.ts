// JSON of strangers: what a body holds, asked for by its kind.
export type Json = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The value as an object; one without fields if it is none. */
export const objectIn = (value: unknown): Json => (isObject(value) ? value : {});

export const listIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export const textIn = (value: unknown): string | null => (typeof value === "string" ? value : null);

/** A whole number > 0, or null. */
export const countIn = (value: unknown): number | null =>
  Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : null;

/** The object that bytes spell; null if they spell none. */
export function objectOf(bytes: Buffer): Json | null {
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
