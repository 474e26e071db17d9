// One request and the way back to its client: what it calls, how the client is answered, whether it is still there.
import type { IncomingMessage, ServerResponse } from "node:http";
import { acceptsTrailers } from "./client-words.js";
import { CREDENTIAL_FIELDS, credentialsIn } from "./credential.js";
import type { Dialect, Endpoint, Fields } from "./dialect.js";
import { calledIn, DIALECTS, spokenBy } from "./dialects/index.js";
import { renamed } from "./fallback/rename.js";
import type { Fault } from "./faults.js";
import { fieldsUp } from "./fields.js";
import { isAgentKey } from "./named/agent-key.js";
import { Once } from "./once.js";
import { otherCall } from "./other-calls.js";
import { randomWord } from "./random-word.js";
import { staysBelow } from "./request-path.js";
import type { Outgoing } from "./upstream.js";

const NEVER_UP: ReadonlySet<string> = new Set(CREDENTIAL_FIELDS);
/** Of any dialect, and those of OAuth, which Google takes too. */
const CREDENTIAL_PARAMETERS: ReadonlySet<string> = new Set([
  ...DIALECTS.flatMap((one) => one.credentialParameters),
  "access_token",
  "oauth_token",
]);

const FORMS: ReadonlySet<string> = new Set(["$alt", "callback", "$callback"]);

/** Not TRACE, whose answer is the request itself, key and all. */
const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]);

export class Exchange {
  readonly id = `req_${randomWord()}`;
  readonly dialect: Dialect;
  readonly endpoint: Endpoint;
  /** some dialect knows the path */
  readonly isKnown: boolean;
  /** it is below the upstream's own path, and its method makes nobody repeat what it was sent */
  readonly isSafe: boolean;
  private readonly path: string;
  private readonly query: string;
  /** the client has gone, or all is said */
  readonly gone = new Once();

  /** @param sinceMs by the gateway's clock: when it came */
  constructor(
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
    readonly sinceMs: number,
  ) {
    const { url = "/", method = "GET" } = request;
    const at = url.indexOf("?");
    this.path = at < 0 ? url : url.slice(0, at);
    this.query = at < 0 ? "" : url.slice(at + 1);
    const called = calledIn(method, this.path, this.fields);
    this.dialect = called?.dialect ?? spokenBy(this.fields);
    this.endpoint = called?.endpoint ?? otherCall(method);
    this.isKnown = called !== null;
    this.isSafe = METHODS.has(method) && staysBelow(this.path);
    response.once("close", () => this.gone.happen());
  }

  get fields(): Fields {
    return this.request.headers;
  }

  /** The credential that the client shows; null: none. */
  get credential(): string | null {
    return this.dialect.credentialOf(this.fields, this.query);
  }

  /** The key of a named agent, or what claims to be one, in whichever field a client sends it; null: it shows none. */
  get agentKey(): string | null {
    const shown = [this.credential, ...credentialsIn(this.fields)];
    return shown.find((one) => one !== null && isAgentKey(one)) ?? null;
  }

  /** It takes fields behind an answer's body, and such can be sent to it. */
  get takesTrailers(): boolean {
    return this.request.httpVersion === "1.1" && acceptsTrailers(this.fields);
  }

  get isGone(): boolean {
    return this.gone.hasHappened;
  }

  /**
   * What is sent on: the client's own, with the upstream's key instead of its credential.
   * @param model instead of the one that is asked for; null: that one
   */
  outgoing(key: string, own: Uint8Array, model: string | null = null): Outgoing {
    const { endpoint, path: ownPath } = this;
    const asked = { path: ownPath, body: own };
    const { path, body } = model === null || endpoint === null ? asked : renamed(asked, endpoint, model);
    return {
      method: this.request.method ?? "GET",
      path: path + this.queryUp(),
      fields: { ...fieldsUp(this.fields, NEVER_UP), ...this.dialect.withCredential(key) },
      body: body.length === 0 ? null : body,
      gone: this.gone,
    };
  }

  /** Answers with a refusal of ours, in the caller's dialect. @param fields beside the refusal's own */
  refuse(fault: Fault, fields: Readonly<Record<string, string>> = {}): void {
    const { status, headers, body } = this.dialect.refusal({ ...fault, requestId: this.id });
    this.response.writeHead(status, { ...fields, ...headers, "x-mabeam-request": this.id }).end(body);
  }

  /** By which Google answers in a form in which nobody can read what it used. */
  private isOfOtherForm(parameter: string): boolean {
    if (this.dialect.name !== "google" || this.endpoint.kind !== "model") return false;
    const name = parameterNameIn(parameter);
    return name === "alt" ? !/=(?:sse|json)?$/i.test(parameter) : FORMS.has(name);
  }

  /** The client's parameters as it wrote them, without a credential. */
  private queryUp(): string {
    const kept = this.query
      .split("&")
      .filter((one) => one !== "" && !CREDENTIAL_PARAMETERS.has(parameterNameIn(one)))
      .filter((one) => !this.isOfOtherForm(one));
    return kept.length === 0 ? "" : `?${kept.join("&")}`;
  }
}

/** However it is written. */
function parameterNameIn(parameter: string): string {
  const name = parameter.split("=", 1)[0]!;
  return new URLSearchParams(name).keys().next().value ?? name;
}
