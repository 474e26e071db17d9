// Lists come in pages: where one ends, where the next begins, and what of it cannot be shown.
import type { z } from "zod";
import { problem } from "./problem.js";

export interface PageRequest {
  /** the key of the last item of the page before; null: from the beginning */
  readonly cursor: string | null;
  readonly limit: number;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/** The page of `items` after the one whose key is the cursor. @throws Problem CURSOR_GONE: no item has that key */
export function pageOf<T>(items: readonly T[], request: PageRequest, keyOf: (item: T) => string): Page<T> {
  const last = request.cursor === null ? -1 : items.findIndex((item) => keyOf(item) === request.cursor);
  if (request.cursor !== null && last < 0) throw problem("CURSOR_GONE");
  const page = items.slice(last + 1, last + 1 + request.limit);
  const more = last + 1 + page.length < items.length;
  return { items: page, nextCursor: more ? keyOf(page.at(-1)!) : null };
}

/** A list that is its own only page. */
export const wholePage = <T>(items: readonly T[]): Page<T> => ({ items, nextCursor: null });

/** A thing of history, with its place: the cursor behind it. */
export interface Placed<T> {
  readonly place: string;
  readonly view: T;
}

/**
 * The document of a page of history.
 * @param from the height from which on nothing is missing
 * @param found newest first; one more than the page's limit where there are more
 */
export function asHistory<K extends string, S extends z.ZodType>(
  kind: K,
  schema: S,
  { from, found, limit }: { from: number; found: readonly Placed<z.output<S>>[]; limit: number },
  onUnshown: (error: unknown) => void,
) {
  const shown = found.slice(0, limit);
  const placeOf = new Map(shown.map(({ place, view }) => [view, place]));
  const page = {
    items: shown.map(({ view }) => view),
    nextCursor: found.length > limit ? shown.at(-1)!.place : null,
  };
  return { ...asList(kind, schema, page, (one) => placeOf.get(one)!, onUnshown), from } as const;
}

/**
 * The list document of a page. An item that its schema refuses is named in `unshown`, and told to `onUnshown`: one bad
 * item is no reason to withhold the others.
 */
export function asList<K extends string, S extends z.ZodType>(
  kind: K,
  view: S,
  page: Page<z.output<S>>,
  keyOf: (item: z.output<S>) => string,
  onUnshown: (error: unknown) => void,
) {
  const items: z.output<S>[] = [];
  const unshown: { id: string; why: string }[] = [];
  for (const item of page.items) {
    const { success, error } = view.safeParse(item);
    if (success) {
      items.push(item);
      continue;
    }
    onUnshown(error);
    unshown.push({ id: keyOf(item), why: error.issues.map((one) => one.path.join(".")).join(", ") });
  }
  return { apiVersion: "v1", kind, items, nextCursor: page.nextCursor, unshown } as const;
}
