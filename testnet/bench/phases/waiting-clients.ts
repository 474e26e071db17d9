// The phase of clients that wait: each with one request, which it makes again as official clients do when its connection breaks.
import { setMaxListeners } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { Agent } from "undici";
import { Random } from "../../lab/simulate/world/random.js";
import { backOff, REPETITIONS } from "../gateway/client.js";

export interface Waiting {
  /** with path */
  readonly url: string;
  readonly clients: number;
  readonly bodyBytes: number;
}

export interface Waited {
  /** ms since 1970, of each that was answered so far, ascending */
  readonly answeredMs: readonly number[];
  readonly failed: number;
}

const STEP_MS = 20;
/** Nobody waits for an answer for longer. */
export const MOST_WAIT_MS = 60_000;

/** Clients are of so many agents. */
const AGENTS = 50;

export async function open() {
  const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
  const leaving = new AbortController();
  setMaxListeners(0, leaving.signal);
  const answeredMs: number[] = [];
  let failed = 0;

  async function ask({ url, bodyBytes }: Waiting, at: number): Promise<number> {
    const place = new URL(url);
    const content = `${at} `.padEnd(bodyBytes, "word ");
    const body = JSON.stringify({
      model: "gpt-upstream",
      stream: true,
      messages: [{ role: "user", content }],
    });
    const answer = await agent.request({
      origin: place.origin,
      path: place.pathname,
      method: "POST",
      headers: { "content-type": "application/json", "session-id": `session-${at % AGENTS}` },
      body,
      signal: leaving.signal,
    });
    await answer.body.text();
    return answer.statusCode;
  }

  async function insist(waiting: Waiting, at: number): Promise<void> {
    const random = new Random(1, `client/${at}`);
    for (let repeated = 0; repeated <= REPETITIONS && !leaving.signal.aborted; repeated++) {
      if (repeated > 0) await pause(backOff(repeated - 1, random));
      if ((await ask(waiting, at).catch(() => null)) !== 200) continue;
      answeredMs.push(Date.now());
      return;
    }
    failed += 1;
  }

  return {
    jobs: {
      async begin(waiting: Waiting): Promise<void> {
        for (let at = 0; at < waiting.clients; at++) void insist(waiting, at);
      },
      /** Waits until one is answered after a moment, or none will be. @param fromMs since 1970 */
      async answeredAfter(fromMs: number): Promise<Waited> {
        const untilMs = Date.now() + MOST_WAIT_MS;
        while (!answeredMs.some((ms) => ms >= fromMs) && Date.now() < untilMs) await pause(STEP_MS);
        return { answeredMs, failed };
      },
      /** None waits any longer. */
      leave: async (): Promise<void> => leaving.abort(),
    },
    close: () => agent.destroy(),
  };
}
