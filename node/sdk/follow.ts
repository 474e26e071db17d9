// Following a stream of events over broken connections, with nothing lost: each new one resumes after the last id.
import { setTimeout as wait } from "node:timers/promises";
import type { ApiEvent } from "../contract/index.js";
import type { ApiClient } from "./client.js";
import { ApiFailure } from "./failure.js";

const RETRIES = 5;
const RETRY_MS = 500;

/** Where a stream goes on, and who hears how far it has come. */
export interface Place {
  /** the id of the last event that was heard; null: from now on */
  readonly since: string | null;
  readonly heard?: (id: string) => void;
}

/**
 * Yields null whenever the stream stands (so that one may look at the state, which it tells nothing of), then each
 * event. Ends when `signal` says so. @throws ApiFailure when the daemon stays away
 */
export async function* follow(
  client: ApiClient,
  types: string,
  signal: AbortSignal,
  { since: begin, heard }: Place = { since: null },
): AsyncGenerator<ApiEvent | null> {
  let since = begin;
  for (let failures = 0; !signal.aborted; ) {
    try {
      const items = await client.events(types, since, signal);
      yield null;
      for await (const { id, event } of items) {
        since = id;
        failures = 0;
        if (event !== null) yield event;
        heard?.(id);
      }
    } catch (error) {
      if (signal.aborted) return;
      const away = !(error instanceof ApiFailure) || error.reason === "unreachable";
      // Before the first connection a daemon that is not there will not come by waiting.
      if (!away || since === null || ++failures > RETRIES) throw error;
    }
    await wait(RETRY_MS, undefined, { signal }).catch(() => {});
  }
}
