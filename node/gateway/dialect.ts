// A dialect: how one family of APIs names requests, usage, limits and refusals (spec/gateway).
import type { Dimension, FlowShare, Limit, OutputCount, Use } from "../../src/quota/index.js";

export type DialectName = "openai" | "anthropic" | "google";

/** Header fields as Node gives them: names in lower case. */
export type Fields = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * What a request asks for. `model`: it uses the key's limits; `free`: it is forwarded at once; `request`: it counts as one
 * request, and what else it takes its answer may tell.
 */
export interface Endpoint {
  readonly kind: "model" | "free" | "request";
  /** which of the dialect's calls it is: `chat/completions`, `messages`, `generateContent`, … */
  readonly call: string;
  /** by the path, where the dialect names it there */
  readonly model: string | null;
  /** by the path, where the dialect says it there; null: the body says it */
  readonly isStream: boolean | null;
}

/** What of a request's body matters. */
export interface Wish {
  readonly model: string | null;
  readonly isStream: boolean;
  /** the most that the model may write; null: it is not said */
  readonly maxOutput: number | null;
  /** its answer comes later, and is fetched by a call that costs nothing; absent: it does not */
  readonly isDeferred?: boolean;
  /** who calls, by the body (Claude Code's `metadata.user_id`); null: it is not said */
  readonly caller: string | null;
  /** the body to send: the client's bytes, but for a usage option where it is needed */
  readonly body: Uint8Array;
  /** the client has not asked for usage: its extra chunk is swallowed */
  readonly isUsageOurs: boolean;
}

/** Tokens that an answer says were used: what prices and limits need to tell apart. */
export interface Usage {
  /** input that is neither read from nor written to a cache */
  readonly freshInput: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  /** of `cacheWrite`: what is kept for an hour, at a price of its own */
  readonly cacheWriteHour: number;
  /** reasoning included */
  readonly output: number;
}

/** Why an upstream did not do what it was asked (spec/gateway#failures). */
export type Failure =
  /** for the moment; of which dimension, if it says so. `told`: limits as large as it says that they are; absent: it does not */
  | {
      readonly kind: "limit";
      readonly retryMs: number | null;
      readonly dimension: Dimension | null;
      readonly told?: readonly Limit[];
    }
  /** until somebody pays, a day is over, or a subscription's window; `untilMs` since 1970, null: it is not said */
  | {
      readonly kind: "exhausted";
      readonly why: "credit" | "day" | "plan";
      readonly untilMs: number | null;
    }
  | { readonly kind: "overloaded"; readonly retryMs: number | null }
  /** the request is longer than its model reads */
  | { readonly kind: "context" }
  /** the upstream will not answer what the request asks */
  | { readonly kind: "policy" }
  /** the upstream does not know the key that it was sent, the gateway's own, or (`isKnown`) does not let it do this */
  | { readonly kind: "key"; readonly isKnown: boolean }
  /** the request's own fault, or anything else that waiting does not mend */
  | { readonly kind: "other" };

/** By a status that speaks of the key, where nothing else was told; null: it does not. */
export function keyRefusalOf(status: number): Extract<Failure, { kind: "key" }> | null {
  return status === 401 || status === 403 ? { kind: "key", isKnown: status === 403 } : null;
}

/** One limit as an answer's header fields tell it. */
export interface Seen {
  readonly dimension: Dimension;
  /** > 0 */
  readonly limit: number;
  /** may be below 0, which is no refusal */
  readonly remaining: number;
  /** the fields round to so many: what is between may be used or not */
  readonly grain: number;
  /** in which all of it flows back; null: the fields do not tell */
  readonly windowMs: number | null;
}

/** A subscription's state as header fields tell it. */
export interface Plan {
  readonly isRejected: boolean;
  /** which of its windows decides, in the upstream's word: `five_hour`, … */
  readonly claim: string | null;
  /** since 1970: when the window that decides is over */
  readonly untilMs: number | null;
  /** of the window that is used most: basis points, above 10,000 where it is overdrawn */
  readonly usedBp: number | null;
}

/**
 * Reads an answer's body while it passes: JSON, events, or an array of JSON, as its first byte shows. Nothing of it is
 * kept but a few short values, and an event that may have to be swallowed, bounded. It wants bytes that are not compressed.
 */
export interface AnswerReader {
  /** @returns what of the chunk goes to the client: all of it, but for a swallowed usage chunk */
  push(chunk: Uint8Array): readonly Uint8Array[];
  /** the body is over. @returns what was still held back */
  end(): readonly Uint8Array[];
  /** the last that was told; null: nothing was */
  readonly usage: Usage | null;
  /** what was told counts all output: an answer that breaks off before has written more than its usage says */
  readonly isUsageFinal: boolean;
  /** an error in the body of an answer that said 200 */
  readonly failure: Failure | null;
  /** content has begun: from here on nothing may be tried again */
  readonly hasContent: boolean;
  /** characters of content that have passed, for a floor where usage is missing */
  readonly contentChars: number;
  /** the model that answers, as the answer names it; null: it does not, or not yet */
  readonly model: string | null;
}

/** A refusal of ours, to be said in the caller's dialect (spec/gateway#refusals). */
export interface GatewayFault {
  readonly status: 400 | 401 | 402 | 403 | 404 | 408 | 413 | 429 | 502 | 503 | 504;
  /** stable, ours: NEVER_FITS, QUEUE_FULL, WAITED_TOO_LONG, UPSTREAM_DOWN, BUDGET_EXCEEDED, … */
  readonly code: string;
  readonly message: string;
  /** null: waiting does not help (`x-should-retry: false`) */
  readonly retryMs: number | null;
  readonly requestId: string;
  /** which limit stood in the way */
  readonly limit?: FaultLimit;
  /** the command that changes it */
  readonly fix?: string;
}

export interface FaultLimit {
  readonly name: "rpm" | "tpm" | "itpm" | "otpm" | "budget" | "share";
  readonly used: number;
  readonly limit: number;
  /** since 1970; null: no time mends it */
  readonly resetsMs: number | null;
  /** of a budget, in micro-credits: whose, and which of its windows */
  readonly level?: string;
  readonly window?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Dialect {
  readonly name: DialectName;
  /** @returns null: no request of this dialect. @param path without query, as it came */
  endpointOf(method: string, path: string, fields: Fields): Endpoint | null;
  /** @returns a string: why the body is none */
  wishOf(endpoint: Endpoint, body: Uint8Array): Wish | string;
  /** the caller's credential, by whichever field or parameter the dialect's clients send it; null: none. @param query without `?` */
  credentialOf(fields: Fields, query: string): string | null;
  /** how the upstream wants to be given a key */
  withCredential(key: string): Readonly<Record<string, string>>;
  /** names of query parameters that carry a credential: none of a client's is passed on, nor of `CREDENTIAL_FIELDS` */
  readonly credentialParameters: readonly string[];
  /** limits of requests count those that they refuse, too */
  readonly countsRefused: boolean;
  /** how limits of such an upstream count output */
  readonly outputCount: OutputCount;
  seenOf(fields: Fields, nowMs: number): readonly Seen[];
  /** null: the fields speak of no subscription */
  planOf(fields: Fields): Plan | null;
  /** of an answer that is no success. @param body its beginning */
  failureOf(status: number, fields: Fields, body: string, nowMs: number): Failure;
  /** @param fields of the answer whose body it reads */
  reader(isUsageOurs: boolean, fields: Fields, nowMs: number): AnswerReader;
  refusal(fault: GatewayFault): Answer;
  /** fields that tell an agent its share, in the place of the upstream's own about limits (spec/gateway#G30) */
  shareFields(shares: readonly FlowShare[], nowMs: number): Readonly<Record<string, string>>;
  /** whether a field of the upstream's is one about limits: it is passed on under `x-mabeam-upstream-` */
  isLimitField(name: string): boolean;
  /** what limits count of a usage: input without cache reads, and so on */
  countedOf(usage: Usage): Use;
}
