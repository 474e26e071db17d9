// The command line's way to the API: one request, one document, or the failure that it amounts to.
import { randomUUID } from "node:crypto";
import { codeOf, messageOf } from "../accident.js";
import { type ApiEvent, apiEvent, problemDocument } from "../api/shape/index.js";
import { EXIT } from "./commands.js";
import { CliFailure, failureOf } from "./failure.js";
import type { DaemonAddress } from "./find-daemon.js";

/** The documents by kind, as their schemas give them. */
export type DocumentOf<S> = S extends { readonly _output: infer T } ? T : never;

export class ApiClient {
  constructor(
    readonly address: Omit<DaemonAddress, "peer">,
    /** which peer of the process; null: its first */
    readonly peer: number | null,
    readonly timeoutMs: number,
  ) {}

  /** The document at `path`, of the kind that its schema says. `what` begins the message of a failure. */
  get<S extends Schema>(path: string, schema: S, what: string): Promise<DocumentOf<S>> {
    return this.#request("GET", path, undefined, schema, what);
  }

  /** A write under a fresh Idempotency-Key. */
  post<S extends Schema>(path: string, body: object, schema: S, what: string): Promise<DocumentOf<S>> {
    return this.#request("POST", path, body, schema, what);
  }

  delete<S extends Schema>(path: string, schema: S, what: string): Promise<DocumentOf<S>> {
    return this.#request("DELETE", path, undefined, schema, what);
  }

  /** Events from now on, or after `since`; ends when the connection does. @throws CliFailure */
  async events(types: string, since: string | null, signal: AbortSignal): Promise<AsyncIterable<StreamItem>> {
    const query = `types=${encodeURIComponent(types)}${since === null ? "" : `&since=${since}`}`;
    const answer = await this.#fetch(
      "GET",
      `/v1/events?${query}`,
      undefined,
      signal,
      "could not follow events",
    );
    if (!answer.ok) throw await refusalOf(answer, "could not follow events");
    return readStream(answer);
  }

  async #request<S extends Schema>(
    method: string,
    path: string,
    body: object | undefined,
    schema: S,
    what: string,
  ): Promise<DocumentOf<S>> {
    const signal = AbortSignal.timeout(this.timeoutMs);
    const answer = await this.#fetch(method, path, body, signal, what);
    if (!answer.ok) throw await refusalOf(answer, what);
    const text = await answer.text().catch((error) => this.#fail(error, what));
    const document = jsonOf(text);
    if (isDocument(document, schema)) return document;
    const why = `the answer is no document ${schema.shape.kind.value} of v1`;
    const fix =
      "use the mabeam of the same version as the daemon: compare `mabeam --version` with its /openapi.json";
    throw new CliFailure(EXIT.failed, "ANSWER_STRANGE", what, why, fix);
  }

  async #fetch(method: string, path: string, body: object | undefined, signal: AbortSignal, what: string) {
    const headers: Record<string, string> = { authorization: `Bearer ${this.address.token}` };
    if (this.peer !== null) headers["mabeam-peer"] = String(this.peer);
    if (method === "POST") headers["idempotency-key"] = randomUUID();
    if (body !== undefined) headers["content-type"] = "application/json";
    const init = body === undefined ? {} : { body: JSON.stringify(body) };
    return fetch(this.address.url + path, { method, headers, signal, redirect: "error", ...init }).catch(
      (error) => this.#fail(error, what),
    );
  }

  #fail(error: unknown, what: string): never {
    if ((error as Error).name === "TimeoutError")
      throw new CliFailure(
        EXIT.timeout,
        "TIMED_OUT",
        what,
        `${this.address.url} did not answer within ${this.timeoutMs / 1000} s`,
        "see whether it took effect; then try again, with a longer --timeout",
      );
    const cause = (error as { cause?: unknown }).cause ?? error;
    const why = codeOf(cause) === "ECONNREFUSED" ? "nothing listens there" : messageOf(cause);
    throw new CliFailure(
      EXIT.unreachable,
      "UNREACHABLE",
      what,
      `${this.address.url}: ${why}`,
      this.address.remedy,
    );
  }
}

interface Schema {
  readonly shape: { readonly kind: { readonly value: string } };
  readonly _output: unknown;
}

/** The daemon's own validation has seen the rest: a newer one may tell more than this program knows. */
function isDocument<S extends Schema>(document: unknown, schema: S): document is DocumentOf<S> {
  const { apiVersion, kind } = (document ?? {}) as { apiVersion?: unknown; kind?: unknown };
  return apiVersion === "v1" && kind === schema.shape.kind.value;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function refusalOf(answer: Response, what: string): Promise<CliFailure> {
  const problem = problemDocument.safeParse(jsonOf(await answer.text().catch(() => "")));
  if (problem.success) return failureOf(problem.data, what);
  const why = `the answer has status ${answer.status} and is no problem of mabeam's`;
  return new CliFailure(EXIT.failed, "ANSWER_STRANGE", what, why, "check that --api names a mabeam daemon");
}

/** What comes through a stream: an event, or merely how far the stream has come. */
export interface StreamItem {
  readonly id: string;
  readonly event: ApiEvent | null;
}

async function* readStream(answer: Response): AsyncIterable<StreamItem> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of answer.body!) {
    text += decoder.decode(chunk, { stream: true });
    const frames = text.split("\n\n");
    text = frames.pop()!;
    for (const frame of frames) {
      const item = itemOf(frame);
      if (item !== null) yield item;
    }
  }
}

function itemOf(frame: string): StreamItem | null {
  const field = (name: string) =>
    frame
      .split("\n")
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2);
  const id = field("id");
  if (id === undefined) return null;
  const data = field("data");
  if (data === undefined) return { id, event: null };
  // A newer daemon may tell of kinds that this program does not know.
  const known = apiEvent.safeParse(JSON.parse(data));
  return { id, event: known.success ? known.data : null };
}
