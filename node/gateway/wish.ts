// What dialects ask a request's body: the same kinds of fields under different names.
import { countOf } from "./json-value.js";
import type { Fields } from "./shallow-json.js";

/** Characters of a model's name. */
const MOST_MODEL = 256;

/** The field's text; null: it is none. */
export function textIn(fields: Fields, path: string): string | null {
  const value = fields.at.get(path)?.value;
  return typeof value === "string" ? value : null;
}

/** Whether a field says yes, also in another way than `true`: some upstreams take `1` and "true" for it. */
export function isSaid(fields: Fields, path: string): boolean {
  const value = fields.at.get(path)?.value ?? false;
  return value !== false && value !== 0 && value !== "false";
}

/** The first of several fields that is a count; null: none is. */
export function countIn(fields: Fields, ...paths: readonly string[]): number | null {
  for (const path of paths) {
    const count = countOf(fields.at.get(path)?.value);
    if (count !== null) return count;
  }
  return null;
}

/** Why a model's name is none; null: it is one, or the upstream will say so. */
export const modelFault = (model: string | null): string | null =>
  model !== null && model.length > MOST_MODEL ? `a model's name has at most ${MOST_MODEL} characters` : null;
