// A program's way to the API: one request of the contract, one document, or the failure that it amounts to.
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { z } from "zod";
import { codeOf, messageOf } from "../accident.js";
import {
  type AnswerOf,
  type ApiEvent,
  type Asking,
  apiEvent,
  GOODS_MEDIA,
  kindsOf,
  MAX_TRANSCRIPT_BYTES,
  problemDocument,
  ROUTES,
  type Route,
  type RouteName,
  type Routes,
} from "../contract/index.js";
import { escapedDeep } from "../printable.js";
import { EventStream } from "./event-stream.js";
import { ApiFailure, failureOf } from "./failure.js";

/** Where an API listens. */
export interface ApiAddress {
  readonly url: string;
  readonly token: string;
  /** what helps where nobody answers */
  readonly remedy: string;
}

/** How often a request is repeated that a busy daemon has turned away, and who hears of it. */
interface Patience {
  readonly retries: number;
  readonly tell: (line: string) => void;
}

/** What an answer may hold, a transcript being the greatest. */
const MAX_ANSWER_BYTES = MAX_TRANSCRIPT_BYTES;
/** A problem, or one event of a stream, is a few lines. */
const MAX_SMALL_BYTES = 1024 * 1024;
const FOLLOWING = "could not follow events";

type Values = Readonly<Record<string, string | number | undefined>>;
interface Asked {
  readonly params?: Values;
  readonly query?: Values;
  readonly body?: object;
  readonly onceAs?: string | undefined;
}

/** The path of a route with its parameters, and after it what of the query is given. */
function addressOf(path: string, params: Values, query: Values): string {
  const filled = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(params[name])));
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]],
  );
  return given.length === 0 ? filled : `${filled}?${new URLSearchParams(given)}`;
}

/** Goods of 64 MiB over a machine that is busy. */
const GOODS_MS = 300_000;

/** Routes that take the bytes of goods. */
type BytesRoute = "giveInput" | "giveOutput";

/** What comes through a stream: an event, or merely how far the stream has come. */
export interface StreamItem {
  readonly id: string;
  readonly event: ApiEvent | null;
}

export class ApiClient {
  constructor(
    readonly address: ApiAddress,
    /** which peer of the process; null: its first */
    readonly peer: number | null,
    readonly timeoutMs: number,
    /** for people every string of an answer is one word of a line; programs get it as it came */
    private readonly forPeople = true,
    private readonly maxAnswerBytes = MAX_ANSWER_BYTES,
    /** of a daemon that has no time; null: none, whoever asks hears of it and waits as it likes */
    private readonly patience: Patience | null = null,
  ) {}

  /**
   * The document that answers this route; a POST goes under `onceAs`, or a fresh Idempotency-Key. `what` begins the message of a failure.
   * @throws ApiFailure; with `retryAfterMs` where it is a matter of time
   */
  async ask<N extends RouteName>(
    name: N,
    asking: Asking<Routes[N]>,
    what: string,
  ): Promise<AnswerOf<Routes[N]>> {
    for (let left = this.patience?.retries ?? 0; ; left--) {
      try {
        return await this.#askOnce(name, asking, what);
      } catch (error) {
        const waitMs = error instanceof ApiFailure && error.code === "BUSY" ? error.retryAfterMs : null;
        if (waitMs === null || left <= 0) throw error;
        this.patience!.tell(`The daemon is busy, and nothing was done: trying again in ${waitMs / 1000} s`);
        await pause(waitMs);
      }
    }
  }

  async #askOnce<N extends RouteName>(
    name: N,
    asking: Asking<Routes[N]>,
    what: string,
  ): Promise<AnswerOf<Routes[N]>> {
    const route: Route = ROUTES[name];
    const { params = {}, query = {}, ...wish } = asking as Asked;
    const signal = AbortSignal.timeout(this.timeoutMs);
    const answer = await this.#fetch(route.method, addressOf(route.path, params, query), wish, signal, what);
    if (!answer.ok) throw await refusalOf(answer, what, signal);
    const text = await textOf(answer, this.maxAnswerBytes, signal).catch((error) => this.#cut(error, what));
    if (text === null) throw route === ROUTES.transcript ? tooLarge(what) : endless(what);
    const document = jsonOf(text);
    const fault = faultOf(document, route.answer!);
    if (fault === null) return this.#shown(document as AnswerOf<Routes[N]>);
    throw otherVersion(what, `the answer is no document ${kindsOf(route.answer!)} of v1: ${fault}`);
  }

  /**
   * The same for a route that takes bytes: they leave as they are read. @throws ApiFailure
   */
  async give<N extends BytesRoute>(
    name: N,
    asking: Asking<Routes[N]>,
    bytes: AsyncIterable<Uint8Array>,
    what: string,
  ): Promise<AnswerOf<Routes[N]>> {
    const { method, path, answer: wanted } = ROUTES[name];
    const { params = {}, query = {} } = asking as Asked;
    const signal = AbortSignal.timeout(GOODS_MS);
    const answer = await this.#fetch(method, addressOf(path, params, query), { body: bytes }, signal, what);
    if (!answer.ok) throw await refusalOf(answer, what, signal);
    const document = jsonOf((await textOf(answer, MAX_SMALL_BYTES, signal)) ?? "");
    const fault = faultOf(document, wanted);
    if (fault === null) return this.#shown(document as AnswerOf<Routes[N]>);
    throw otherVersion(what, `the answer is no document ${kindsOf(wanted)} of v1: ${fault}`);
  }

  /** The bytes that answer a route, and how many there are. The bytes throw where the answer ends early. @throws ApiFailure */
  async take(
    name: "takeInput" | "takeOutput",
    id: string,
    what: string,
  ): Promise<{ readonly size: number; readonly bytes: AsyncIterable<Uint8Array> }> {
    const { method, path } = ROUTES[name];
    const signal = AbortSignal.timeout(GOODS_MS);
    const answer = await this.#fetch(method, addressOf(path, { id }, {}), {}, signal, what);
    if (!answer.ok) throw await refusalOf(answer, what, signal);
    const cut = (error: unknown): never => this.#cut(error, what);
    async function* bytes(): AsyncIterable<Uint8Array> {
      try {
        yield* chunksOf(answer, signal);
      } catch (error) {
        cut(error);
      }
    }
    return { size: Number(answer.headers.get("content-length") ?? 0), bytes: bytes() };
  }

  /** Events from now on, or after `since`; ends when the connection does. @throws ApiFailure */
  async events(types: string, since: string | null, signal: AbortSignal): Promise<AsyncIterable<StreamItem>> {
    const { method, path } = ROUTES.events;
    const query = { types, since: since ?? undefined };
    const answer = await this.#fetch(method, addressOf(path, {}, query), {}, signal, FOLLOWING);
    if (!answer.ok) throw await refusalOf(answer, FOLLOWING, signal);
    return this.#read(answer, signal);
  }

  async *#read(answer: Response, signal: AbortSignal): AsyncIterable<StreamItem> {
    const stream = new EventStream();
    const decoder = new TextDecoder();
    for await (const chunk of chunksOf(answer, signal)) {
      for (const { id, data } of stream.feed(decoder.decode(chunk, { stream: true })))
        yield { id, event: data === null ? null : this.#eventOf(data) };
      if (stream.pending > MAX_SMALL_BYTES) throw endless(FOLLOWING);
    }
  }

  /** null: of a kind that this program does not know, as a newer daemon may tell */
  #eventOf(data: string): ApiEvent | null {
    const known = apiEvent.safeParse(jsonOf(data));
    return known.success ? this.#shown(known.data) : null;
  }

  #shown<T>(value: T): T {
    return this.forPeople ? escapedDeep(value) : value;
  }

  async #fetch(method: string, path: string, { body, onceAs }: Asked, signal: AbortSignal, what: string) {
    const headers: Record<string, string> = { authorization: `Bearer ${this.address.token}` };
    if (this.peer !== null) headers["mabeam-peer"] = String(this.peer);
    if (method === "POST") headers["idempotency-key"] = onceAs ?? randomUUID();
    const isBytes = body !== undefined && Symbol.asyncIterator in body;
    if (body !== undefined) headers["content-type"] = isBytes ? GOODS_MEDIA : "application/json";
    const sent = isBytes
      ? { body: body as AsyncIterable<Uint8Array>, duplex: "half" }
      : { body: JSON.stringify(body) };
    const init = body === undefined ? {} : sent;
    return fetch(this.address.url + path, { method, headers, signal, redirect: "error", ...init }).catch(
      (error) => this.#fail(error, what),
    );
  }

  /** An answer began and did not end. */
  #cut(error: unknown, what: string): never {
    if ((error as Error).name === "TimeoutError") this.#fail(error, what);
    const why = `the answer of ${this.address.url} ended before it was whole: ${messageOf((error as Error).cause ?? error)}`;
    const fix = "try again; if it ends early again, see the daemon's log, or ask another peer";
    throw new ApiFailure("unreachable", "ANSWER_CUT", what, why, fix);
  }

  #fail(error: unknown, what: string): never {
    if ((error as Error).name === "TimeoutError")
      throw new ApiFailure(
        "timeout",
        "TIMED_OUT",
        what,
        `${this.address.url} did not answer within ${this.timeoutMs / 1000} s`,
        "see whether it took effect; then try again, with a longer --timeout",
      );
    const cause = (error as { cause?: unknown }).cause ?? error;
    const why = codeOf(cause) === "ECONNREFUSED" ? "nothing listens there" : messageOf(cause);
    throw new ApiFailure(
      "unreachable",
      "UNREACHABLE",
      what,
      `${this.address.url}: ${why}`,
      this.address.remedy,
    );
  }
}

/**
 * The body of an answer as it comes. `fetch` itself forgets its signal once the request is collected as garbage, and would
 * read on: so the signal is heard here. @throws the signal's reason
 */
async function* chunksOf(answer: Response, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const reader = answer.body?.getReader();
  if (reader === undefined) return;
  const cancel = () => void reader.cancel().catch(() => undefined);
  signal.addEventListener("abort", cancel);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      if (done) return;
      yield value;
    }
  } finally {
    signal.removeEventListener("abort", cancel);
    cancel();
  }
}

/** The body of an answer as text; null: it is longer than `most` bytes, and is read no further. */
async function textOf(answer: Response, most: number, signal: AbortSignal): Promise<string | null> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of chunksOf(answer, signal)) {
    bytes += chunk.length;
    if (bytes > most) return null;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

const otherVersion = (what: string, why: string): ApiFailure =>
  new ApiFailure(
    "strange",
    "ANSWER_STRANGE",
    what,
    why,
    "use the mabeam of the same version as the daemon: compare `mabeam --version` with its /openapi.json",
  );

/** The document of the kind that was asked for, where a route has several. @throws ApiFailure */
export function ofKind<D extends { readonly kind: string }, K extends D["kind"]>(
  document: D,
  kind: K,
  what: string,
): Extract<D, { readonly kind: K }> {
  if (document.kind === kind) return document as Extract<D, { readonly kind: K }>;
  throw otherVersion(what, `the answer is a document ${document.kind}, not ${kind}`);
}

/** @param what could not be done, as the beginning of a message */
export const tooLarge = (what: string): ApiFailure =>
  new ApiFailure(
    "strange",
    "TRANSCRIPT_TOO_LARGE",
    what,
    `it is longer than ${MAX_TRANSCRIPT_BYTES} bytes, and a verifier holds a transcript whole`,
    "nobody makes a longer one: of an auction that ran so long, trust a peer that has checked every entry, or your own",
  );

const endless = (what: string): ApiFailure =>
  new ApiFailure(
    "strange",
    "ANSWER_STRANGE",
    what,
    "the answer is longer than any of mabeam's",
    "check that --api names a mabeam daemon",
  );

/** What the schema has against an answer; null: nothing. A newer daemon may tell more than this program knows. */
function faultOf(document: unknown, schema: z.ZodType): string | null {
  const judged = schema.safeParse(document);
  const fault = judged.success ? undefined : judged.error.issues.find((issue) => !tellsMore(issue));
  return fault === undefined ? null : `${fault.path.join(".")}: ${fault.message}`;
}

/** Whether an issue is only that fields are there which no schema names. */
const tellsMore = (issue: z.core.$ZodIssue): boolean =>
  issue.code === "unrecognized_keys" ||
  (issue.code === "invalid_union" &&
    issue.errors.some((branch) => branch.length > 0 && branch.every(tellsMore)));

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** What the daemon's HTTP server says by itself, before anything of a request has been looked at. */
const UNHEARD: ReadonlySet<number> = new Set([408, 503]);

/** What `Retry-After` says, in ms; null: nothing, or a date, which no daemon of ours names. */
function retryAfterOf({ headers }: Response): number | null {
  const seconds = headers.get("retry-after") ?? "";
  return /^[0-9]{1,4}$/.test(seconds) ? Number(seconds) * 1000 : null;
}

async function refusalOf(answer: Response, what: string, signal: AbortSignal): Promise<ApiFailure> {
  const text = (await textOf(answer, MAX_SMALL_BYTES, signal).catch(() => null)) ?? "";
  const problem = problemDocument.safeParse(jsonOf(text));
  const retryAfterMs = retryAfterOf(answer);
  if (problem.success) return failureOf(escapedDeep(problem.data), what, retryAfterMs);
  if (UNHEARD.has(answer.status)) {
    const busy = `the daemon had no time or place for it, and answered ${answer.status} before it read it`;
    return new ApiFailure("busy", "BUSY", what, busy, "try again: nothing was done", retryAfterMs);
  }
  const why = `the answer has status ${answer.status} and is no problem of mabeam's`;
  return new ApiFailure("strange", "ANSWER_STRANGE", what, why, "check that --api names a mabeam daemon");
}
