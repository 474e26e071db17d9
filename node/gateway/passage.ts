// One request's way through the gateway: read, recognised, kept waiting for its turn, tried, and told of.
import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AskFault, Band, Outline, Use } from "../../src/quota/index.js";
import type { Agents } from "./agents.js";
import { type Attempted, attempt, type Ground } from "./attempt.js";
import { MAX_BODY_BYTES, readBody } from "./body.js";
import { type Caller, callerOf } from "./caller.js";
import { CREDENTIAL_FIELDS } from "./credential.js";
import type { Dialect, Endpoint, GatewayFault, Wish } from "./dialect.js";
import { calledIn, DIALECTS, spokenBy } from "./dialects/index.js";
import { fieldsDown, fieldsUp } from "./fields.js";
import type { Outcome } from "./line.js";
import type { Passed } from "./passed.js";

/** What a caller may rely on. */
export interface Standing {
  readonly weight: number;
  readonly band: Band;
}

/** What passages share. */
export interface Place extends Ground {
  readonly key: string;
  /** the upstream counts the output that it is asked for */
  readonly isMostCounted: boolean;
  readonly agents: Agents;
  /** @param flow the agent whose share it is */
  standingOf(flow: string): Standing;
  /** told of every passage that asked for a turn, once it is over */
  over(passed: Passed): void;
}

/** A client that does not say how long it waits is taken for one that waits as the SDKs do. */
const USUAL_PATIENCE_MS = 600_000;
/** Kept for the answer itself. */
const MARGIN_MS = 5_000;
/** How often one request is sent in all, the client's own repetitions included. */
const MOST_ATTEMPTS = 3;

const NEVER_UP: ReadonlySet<string> = new Set(CREDENTIAL_FIELDS);
const CREDENTIAL_PARAMETERS: ReadonlySet<string> = new Set(
  DIALECTS.flatMap((one) => one.credentialParameters),
);

type Fault = Omit<GatewayFault, "requestId">;

export class Passage {
  readonly id = `req_${randomBytes(12).toString("base64url")}`;
  private readonly gone = new AbortController();
  private readonly path: string;
  private readonly query: string;
  private readonly sinceMs: number;
  private waitedMs = 0;

  constructor(
    private readonly place: Place,
    private readonly request: IncomingMessage,
    private readonly response: ServerResponse,
  ) {
    this.sinceMs = place.now();
    const url = request.url ?? "/";
    const at = url.indexOf("?");
    this.path = at < 0 ? url : url.slice(0, at);
    this.query = at < 0 ? "" : url.slice(at + 1);
    response.once("close", () => this.gone.abort());
  }

  /** Ends with an answer, or with a client that has gone. */
  async run(): Promise<void> {
    const { dialect, endpoint } = this.recognise();
    const body = await readBody(this.request);
    if (body === null) {
      const message = `the request's body is larger than ${MAX_BODY_BYTES >> 20} MiB`;
      return this.refuse(dialect, { status: 413, code: "BODY_TOO_LARGE", message, retryMs: null });
    }
    if (endpoint === null || endpoint.kind === "free") return this.forward(dialect, body);
    const wish = dialect.wishOf(endpoint, body);
    if (typeof wish !== "string") return this.pass(dialect, wish, body.length);
    return this.refuse(dialect, { status: 400, code: "BODY_UNREADABLE", message: wish, retryMs: null });
  }

  /** What it is by its method and path. */
  private recognise(): { readonly dialect: Dialect; readonly endpoint: Endpoint | null } {
    const { method = "GET", headers } = this.request;
    return calledIn(method, this.path, headers) ?? { dialect: spokenBy(headers), endpoint: null };
  }

  private async pass(dialect: Dialect, wish: Wish, bytes: number): Promise<void> {
    const { place, request } = this;
    const caller = callerOf({
      agentByKey: null,
      agentBySignature: null,
      fields: request.headers,
      inBody: wish.caller,
      credential: dialect.credentialOf(request.headers, this.query),
    });
    const { estimator } = place.agents.meet(caller, this.sinceMs);
    const flow = place.agents.topOf(caller);
    const outline: Outline = { bytes, maxOutput: wish.maxOutput, isMostCounted: place.isMostCounted };
    const untilMs = this.sinceMs + patienceOf(request);
    const attempts = Math.max(1, MOST_ATTEMPTS - repeatedBefore(request));
    for (let turn = 1; ; turn++) {
      const id = `${this.id}-${turn}`;
      const estimate = estimator.estimate(outline);
      const ask = { id, flow, ...place.standingOf(flow), estimate, untilMs };
      const outcome = await place.line.wait(ask, this.gone.signal);
      if (outcome.kind !== "go") return this.turnAway(dialect, caller, wish, outcome);
      this.waitedMs += outcome.waitedMs;
      const outgoing = this.outgoing(dialect, wish.body);
      const additions = this.additions(caller);
      const mayRepeat = turn < attempts;
      const tried = await attempt(place, this.response, {
        id,
        dialect,
        wish,
        outgoing,
        estimate,
        mayRepeat,
        additions,
      });
      if (tried.failure === null && tried.broken === null && tried.used !== null)
        estimator.learn(outline, tried.used);
      if (this.isOver(dialect, tried, mayRepeat))
        return this.tell(caller, wish, tried.used, this.endOf(tried));
    }
  }

  /** Whether a request was answered, or cannot be any more; what is left to say is said. */
  private isOver(dialect: Dialect, { failure, isBegun, broken }: Attempted, mayRepeat: boolean): boolean {
    if (this.gone.signal.aborted) return true;
    if (isBegun && broken !== null) this.response.destroy();
    if (isBegun || (failure !== null && !mayRepeat)) return true;
    if (mayRepeat) return false;
    const message = `the upstream did not answer: ${broken ?? "no reason given"}`;
    this.refuse(dialect, { status: 502, code: "UPSTREAM_DOWN", message, retryMs: 1_000 });
    return true;
  }

  private endOf({ failure, broken }: Attempted): Passed["end"] {
    if (this.gone.signal.aborted) return "left";
    return failure === null && broken === null ? "answered" : "failed";
  }

  private turnAway(
    dialect: Dialect,
    caller: Caller,
    wish: Wish,
    outcome: Exclude<Outcome, { kind: "go" }>,
  ): void {
    if (outcome.kind === "refused") this.refuse(dialect, askFault(outcome.fault));
    else {
      this.waitedMs += outcome.waitedMs;
      if (outcome.kind === "late") this.refuse(dialect, lateFault(this.waitedMs));
    }
    this.tell(caller, wish, null, outcome.kind === "left" ? "left" : "refused");
  }

  /** A call that takes nothing of the key's limits goes through at once. */
  private async forward(dialect: Dialect, body: Buffer): Promise<void> {
    try {
      const incoming = await this.place.upstream.send(this.outgoing(dialect, body));
      this.response.writeHead(
        incoming.status,
        fieldsDown(incoming.fields, () => false),
      );
      for await (const chunk of incoming.body) this.response.write(chunk);
      this.response.end();
    } catch (error) {
      if (this.response.headersSent || this.gone.signal.aborted) this.response.destroy();
      else {
        const message = `the upstream did not answer: ${String((error as Error).message)}`;
        this.refuse(dialect, { status: 502, code: "UPSTREAM_DOWN", message, retryMs: 1_000 });
      }
    }
  }

  private outgoing(dialect: Dialect, body: Uint8Array) {
    const { method = "GET", headers } = this.request;
    const fields = { ...fieldsUp(headers, NEVER_UP), ...dialect.withCredential(this.place.key) };
    return {
      method,
      path: this.path + this.queryUp(),
      fields,
      body: body.length === 0 ? null : body,
      signal: this.gone.signal,
    };
  }

  /** The client's parameters as it wrote them, without a credential. */
  private queryUp(): string {
    const kept = this.query
      .split("&")
      .filter((one) => one !== "" && !CREDENTIAL_PARAMETERS.has(one.split("=", 1)[0]!));
    return kept.length === 0 ? "" : `?${kept.join("&")}`;
  }

  private additions(caller: Caller): Readonly<Record<string, string>> {
    return {
      "x-mabeam-agent": caller.who,
      "x-mabeam-request": this.id,
      "x-mabeam-queued-ms": String(this.waitedMs),
      "x-mabeam-overhead-ms": String(this.place.now() - this.sinceMs - this.waitedMs),
    };
  }

  private refuse(dialect: Dialect, fault: Fault): void {
    const { status, headers, body } = dialect.refusal({ ...fault, requestId: this.id });
    this.response.writeHead(status, { ...headers, "x-mabeam-request": this.id }).end(body);
  }

  private tell(caller: Caller, wish: Wish, used: Use | null, end: Passed["end"]): void {
    const { id, waitedMs, place } = this;
    place.over({ id, caller, model: wish.model, waitedMs, tookMs: place.now() - this.sinceMs, used, end });
  }
}

/** How long the client waits: some SDKs say so in seconds. */
function patienceOf({ headers }: IncomingMessage): number {
  const seconds = Number(headers["x-stainless-timeout"] ?? headers["x-server-timeout"]);
  const ms = Number.isFinite(seconds) && seconds > 0 ? Math.floor(seconds * 1_000) : USUAL_PATIENCE_MS;
  return Math.max(0, ms - MARGIN_MS);
}

function repeatedBefore({ headers }: IncomingMessage): number {
  const count = Number(headers["x-stainless-retry-count"]);
  return Number.isSafeInteger(count) && count > 0 ? count : 0;
}

const lateFault = (waitedMs: number): Fault => ({
  status: 429,
  code: "WAITED_TOO_LONG",
  message: `the request has waited ${Math.round(waitedMs / 1_000)} s for its turn, as long as its client does`,
  retryMs: 1_000,
});

function askFault(fault: AskFault): Fault {
  switch (fault.code) {
    case "NEVER_FITS":
      return {
        status: 400,
        code: fault.code,
        message: `the request needs more ${fault.limit.dimension} than the limit of ${fault.limit.limit} ever holds`,
        retryMs: null,
      };
    case "QUEUE_FULL":
      return {
        status: 429,
        code: fault.code,
        message: `${fault.waiting} requests wait already${fault.of === "flow" ? " of this agent" : ""}`,
        retryMs: 5_000,
      };
  }
}
