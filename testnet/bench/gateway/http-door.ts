// A door of flesh: an upstream, or what stands before it, asked over HTTP as an official client asks.
import { Agent } from "undici";
import type { Call } from "../../upstream/load.js";
import { sentOf } from "../../upstream/load-bodies.js";
import type { CallRecord } from "./call-record.js";
import type { Door, Knock, Reply } from "./door.js";

/** How a door is asked. */
export interface HttpPlace {
  /** the address that an official client would be given */
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  /** the credential by member; one for all where it names none */
  readonly keys: Readonly<Record<string, string>>;
}

const PATIENCE_S = 600;
/** By it a call is known again at the upstream. */
export const CALL_FIELD = "x-bench-call";

export class HttpDoor implements Door<Call> {
  private readonly agent = new Agent({ connections: null, headersTimeout: 0, bodyTimeout: 0 });
  /** by what `CALL_FIELD` says: whose it is */
  readonly records = new Map<string, CallRecord>();

  constructor(
    private readonly place: HttpPlace,
    private readonly usualKey: string,
    private readonly model: string,
  ) {}

  async knock({ id, member, lane, call, record, repeated }: Knock<Call>): Promise<Reply> {
    const { path, body } = sentOf("openai", this.model, call, true);
    const bytes = Buffer.from(JSON.stringify(body));
    this.records.set(id, record);
    const url = new URL(`${this.place.baseUrl}${path}`);
    const answer = await this.agent.request({
      origin: url.origin,
      path: url.pathname,
      method: "POST",
      headers: {
        ...this.place.headers,
        authorization: `Bearer ${this.place.keys[member.name] ?? this.usualKey}`,
        "content-type": "application/json",
        [CALL_FIELD]: id,
        "session-id": `${member.name}-${lane}`,
        "x-stainless-timeout": String(PATIENCE_S),
        "x-stainless-retry-count": String(repeated),
      },
      body: bytes,
    });
    const text = await answer.body.text();
    if (answer.statusCode === 200) return text.includes("[DONE]") ? { kind: "answered" } : { kind: "error" };
    const retry = answer.headers["x-should-retry"];
    const mayRepeat = retry === "true" || (retry !== "false" && isRepeated(answer.statusCode));
    return mayRepeat ? { kind: "refused", retryMs: retryMsIn(answer.headers) } : { kind: "error" };
  }

  close(): Promise<void> {
    return this.agent.destroy();
  }
}

const isRepeated = (status: number): boolean =>
  status === 408 || status === 409 || status === 429 || status >= 500;

function retryMsIn(fields: Readonly<Record<string, string | string[] | undefined>>): number | null {
  const ms = Number(fields["retry-after-ms"] ?? Number.NaN);
  const seconds = Number(fields["retry-after"] ?? Number.NaN);
  return Number.isFinite(ms) ? ms : Number.isFinite(seconds) ? seconds * 1_000 : null;
}
