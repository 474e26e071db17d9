// A route of the API is a row: what is asked, what is answered. Server, client and `/openapi.json` follow from it.
import { z } from "zod";
import { hex32, hexPrefix, queryCount } from "./scalar.js";

export interface Route {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** the body is bytes, read as they come, and no JSON */
  readonly takesBytes?: true;
  /** the status of the answer: 202 where only the beginning is answered */
  readonly status: 200 | 202;
  /** a second status under which the same document comes */
  readonly orStatus?: 503;
  /** of an answer that is a text: its kind */
  readonly media?: string;
  /** its handler writes the answer itself, piece by piece */
  readonly streamed?: true;
  /** null: a stream of events, one line of JSON each, or a text of another kind */
  readonly answer: DocumentSchema | SeveralDocuments | null;
}

/** The schema of a document, which names its kind. */
interface DocumentSchema extends z.ZodType {
  readonly shape: { readonly kind: { readonly value: string } };
}

/** One of several documents answers, as its kind tells. */
interface SeveralDocuments extends z.ZodType {
  readonly options: readonly DocumentSchema[];
}

/** The kinds of the documents that answer. */
export const kindsOf = (answer: DocumentSchema | SeveralDocuments): string =>
  "options" in answer ? answer.options.map(kindsOf).join(" or ") : answer.shape.kind.value;

type Shaped<R, Name extends string> = R extends { readonly [K in Name]: infer S extends z.ZodType }
  ? S
  : null;
type Read<S> = S extends z.ZodType ? z.output<S> : undefined;
type Given<S> = S extends z.ZodType ? z.input<S> : undefined;

/** What the server reads of a request, after its schemas. */
export interface Asked<R extends Route> {
  readonly params: Read<Shaped<R, "params">>;
  readonly query: Read<Shaped<R, "query">>;
  readonly body: Read<Shaped<R, "body">>;
}

/** What a client says: defaults may be left out, and a number in a query is a number. */
export type Asking<R extends Route> = Part<"params", Given<Shaped<R, "params">>> &
  Part<"body", Given<Shaped<R, "body">>> & {
    readonly query?: { readonly [K in keyof Given<Shaped<R, "query">>]?: string | number | undefined };
    /** of a wish: the Idempotency-Key under which it is granted once; absent: a fresh one */
    readonly onceAs?: string;
  };
type Part<Name extends string, T> = T extends undefined ? unknown : { readonly [K in Name]: T };

/** The document that answers. */
export type AnswerOf<R extends Route> = R["answer"] extends z.ZodType ? z.output<R["answer"]> : undefined;

/** Every route takes it; so does the header `Mabeam-Peer`. */
export const peerQuery = { peer: queryCount(9999).optional().describe("which peer of this process, from 0") };
export const onlyPeer = z.strictObject(peerQuery);

const pageOptions = {
  limit: queryCount(200)
    .refine((value) => value >= 1, "at least 1")
    .default(50),
};
const pagedBy = (cursor: z.ZodString) => ({
  cursor: cursor.optional().describe("nextCursor of the page before"),
  ...pageOptions,
});
/** Pages whose cursor is the id of their last item. */
export const pagedById = pagedBy(hex32);
/** Pages whose cursor is the place of their last item in the log: height, and place among what its entry did. */
export const pagedByPlace = pagedBy(z.string().regex(/^[0-9]{16}\.[0-9]{5}$/, "the id of the last item"));
/** Pages whose cursor is the height of their last item. */
export const pagedByHeight = pagedBy(z.string().regex(/^[1-9][0-9]{0,14}$/, "a height"));

/** A question. Its query is what is given, and not what the table that it stands in would take. */
export const read = <A extends DocumentSchema, Q extends z.ZodObject = typeof onlyPeer>(
  tag: string,
  path: string,
  summary: string,
  answer: A,
  query: Q = onlyPeer as unknown as Q,
) => ({ method: "GET", path, tag, summary, query: query as NoInfer<Q>, status: 200, answer }) as const;

/** A question about the thing that `:id` names, whole or by a unique prefix. */
export const readOne = <A extends DocumentSchema>(tag: string, path: string, summary: string, answer: A) => ({
  ...read(tag, path, summary, answer),
  params: z.strictObject({ id: hexPrefix }),
});
