// What a family of APIs has of its own: paths, credentials, bodies, figures told in headers, and words for what goes wrong.
import type { IncomingHttpHeaders } from "node:http";
import type { Amounts, Dimension, Over, Reading } from "./amounts.js";
import type { Answer, Frame, Reply, Wish } from "./exchange.js";
import type { Json } from "./json.js";

export type Headers = Readonly<Record<string, string>>;

/** The request that an answer is for. */
export interface Moment {
  /** letters and digits, unlike those of any other request */
  readonly id: string;
  readonly nowMs: number;
  readonly model: string;
  readonly isStreamed: boolean;
}

export type Trouble =
  | { readonly kind: "key" }
  | { readonly kind: "path" }
  | { readonly kind: "body"; readonly why: string }
  | { readonly kind: "size" }
  /** not the account's fault: everybody's */
  | { readonly kind: "overloaded" }
  | { readonly kind: "broken" }
  /** a refusal that says nothing of limits or waits */
  | { readonly kind: "bare" }
  /** the customer has nothing left to pay with */
  | { readonly kind: "unpaid" };

/** One way of asking a model to write. */
export interface Shape {
  /** The wish in a body, or what is wrong with it. */
  read(body: Json, url: URL): Wish | string;
  whole(answer: Answer): Json;
  frames(answer: Answer, wish: Wish): Iterable<Frame>;
  contentType(wish: Wish): string;
  /** What a stream says when the model fails in its middle. @param sent frames before it */
  failure(moment: Moment, sent: number): string;
  /** A refusal inside of a success; absent: there is none. */
  refusedInside?(over: Over, moment: Moment): string;
}

export type Operation =
  | { readonly kind: "write"; readonly shape: Shape }
  | { readonly kind: "count"; readonly shape: Shape }
  | { readonly kind: "models" };

export interface Dialect {
  find(method: string, url: URL): Operation | null;
  /** The key that a request comes with, wherever the dialect lets it be. */
  keyIn(headers: IncomingHttpHeaders, url: URL): string | null;
  /** What a request asks of the limits. @param prompt tokens @param cached those of it that the cache had */
  asks(wish: Wish, prompt: number, cached: number): Amounts;
  /** What counts the output as it is written, beyond the output that was asked for. */
  counts(wish: Wish): readonly Dimension[];
  /** Headers of every answer about where the limits stand. */
  told(readings: readonly Reading[], key: string, moment: Moment): Headers;
  /** Headers of every answer besides. */
  signed(moment: Moment): Headers;
  refusal(over: readonly Over[], moment: Moment): Reply;
  trouble(trouble: Trouble, moment: Moment): Reply;
  models(models: readonly string[]): Json;
  count(tokens: number): Json;
}

export const json = (status: number, body: unknown, headers: Headers = {}): Reply => ({
  status,
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(body),
});
