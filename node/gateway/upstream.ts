// The API behind the gateway: one request goes out under the key, and its answer comes back as it arrives.
import { Readable } from "node:stream";
import { Agent } from "undici";
import { Arrival, type Incoming } from "./arrival.js";
import type { Once } from "./once.js";

export interface Outgoing {
  readonly method: string;
  /** with query, below the upstream's own path */
  readonly path: string;
  readonly fields: Record<string, string | string[]>;
  readonly body: Uint8Array | null;
  /** the client */
  readonly gone: Once;
}

/** An answer's first byte, and the pause between two of them: models think for minutes. */
const ANSWER_MS = 600_000;
const CONNECT_MS = 10_000;

/** Made once: what it is made for is known, and nobody looks where. */
const GONE = new Error("the client has gone");
/** A body is handed on in pieces of so many bytes, where it is longer. */
const PIECE_BYTES = 64 * 1_024;

/**
 * A long body goes in pieces: only then is it known, once the answer is over, that it was not sent whole, and the next request does
 * not come behind what nobody reads.
 */
function sent(fields: Outgoing["fields"], body: Uint8Array | null) {
  if (body === null || body.length <= PIECE_BYTES) return { headers: fields, body };
  const headers = { ...fields, "content-length": String(body.length) };
  return { headers, body: Readable.from(piecesOf(body), { objectMode: false }) };
}

function* piecesOf(body: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < body.length; at += PIECE_BYTES) yield body.subarray(at, at + PIECE_BYTES);
}

export class Upstream {
  /** it refuses to be asked for usage in streams: clients' own bodies are sent as they came */
  refusesUsageOption = false;
  private readonly agent: Agent;
  private readonly origin: string;
  private readonly base: string;

  constructor(readonly url: URL) {
    this.agent = new Agent({
      connect: { timeout: CONNECT_MS },
      headersTimeout: ANSWER_MS,
      bodyTimeout: ANSWER_MS,
    });
    this.origin = url.origin;
    this.base = url.pathname.replace(/\/$/, "");
  }

  /** Redirects are not followed: a credential goes where it was told to, and nowhere else. @throws where no answer comes */
  send({ method, path, fields, body, gone }: Outgoing): Promise<Incoming> {
    return new Promise((resolve, reject) => {
      const arrival = new Arrival({ resolve, reject });
      gone.when(() => arrival.breakOff(GONE));
      const asked = {
        origin: this.origin,
        path: this.base + path,
        method: method as "GET",
        ...sent(fields, body),
      };
      this.agent.dispatch(asked, arrival);
    });
  }

  close(): Promise<void> {
    return this.agent.destroy();
  }
}
