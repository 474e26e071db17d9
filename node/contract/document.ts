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

const unshownItem = z.strictObject({ id: z.string(), why: z.string() });

/**
 * A document of one page of things. `nextCursor` asks for the page that follows, null at the end; `unshown` names
 * what could not be shown, which is a fault of the program and no reason to withhold the rest.
 */
export const listDocument = <K extends string, T extends z.ZodType>(kind: K, view: T) =>
  named(kind, pageOf(kind, view));

const pageOf = <K extends string, T extends z.ZodType>(kind: K, view: T) =>
  z.strictObject({
    apiVersion: z.literal("v1"),
    kind: z.literal(kind),
    items: z.array(view),
    nextCursor: z.string().nullable(),
    unshown: z.array(unshownItem),
  });

/** A document of one page of a kind of history: `from` says from the entry of which height on nothing of it is missing here. */
export const historyDocument = <K extends string, T extends z.ZodType>(kind: K, view: T) =>
  named(kind, pageOf(kind, view).extend({ from: z.int().min(1) }));

/** The document of a view. */
export const asDocument = <K extends string, T extends object>(kind: K, view: T) =>
  ({ apiVersion: "v1", kind, ...view }) as const;
