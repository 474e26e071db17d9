// Every answer is a document that names its version and kind; lists come in pages.
import { z } from "zod";

/** The schemas that `/openapi.json` names. An own registry: zod's global one is shared by a whole process. */
export const schemas = z.registry<{ id?: string }>();

function named<T extends z.ZodType>(id: string, schema: T): T {
  schemas.add(schema, { id });
  return schema;
}

/** A document of one thing: `apiVersion` and `kind`, then the fields of the thing. */
export const document = <K extends string, S extends z.ZodRawShape>(kind: K, view: z.ZodObject<S>) =>
  named(
    kind,
    z.strictObject({ apiVersion: z.literal("v1"), kind: z.literal(kind), ...view.shape }) as z.ZodObject<
      { apiVersion: z.ZodLiteral<"v1">; kind: z.ZodLiteral<K> } & S,
      z.core.$strict
    >,
  );

/** A document of one page of things. `nextCursor` asks for the page that follows, null at the end. */
export const listDocument = <K extends string, T extends z.ZodType>(kind: K, view: T) =>
  named(
    kind,
    z.strictObject({
      apiVersion: z.literal("v1"),
      kind: z.literal(kind),
      items: z.array(view),
      nextCursor: z.string().nullable(),
    }),
  );

/** The document of a view. */
export const asDocument = <K extends string, T extends object>(kind: K, view: T) =>
  ({ apiVersion: "v1", kind, ...view }) as const;

export interface PageRequest {
  /** where the page before ended; null: from the beginning */
  readonly cursor: string | null;
  readonly limit: number;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/** The page of `items` after the one whose key is the cursor; a cursor that names nothing starts anew. */
export function pageOf<T>(items: readonly T[], request: PageRequest, keyOf: (item: T) => string): Page<T> {
  const last = request.cursor === null ? -1 : items.findIndex((item) => keyOf(item) === request.cursor);
  const page = items.slice(last + 1, last + 1 + request.limit);
  const more = last + 1 + page.length < items.length;
  return { items: page, nextCursor: more ? keyOf(page.at(-1)!) : null };
}
