// The API behind the gateway: one request goes out under the key, and its answer comes back as it arrives.
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
        headers: fields,
        body,
      };
      this.agent.dispatch(asked, arrival);
    });
  }

  close(): Promise<void> {
    return this.agent.destroy();
  }
}
