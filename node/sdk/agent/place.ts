// Where an agent's daemon is: what its author said, or what the command line would find from here.
import { findDaemon } from "../../cli/find-daemon.js";
import { ApiClient } from "../client.js";
import type { DaemonPlace } from "./definition.js";

const TIMEOUT_MS = 30_000;

/** It is looked for anew each time: a daemon that starts again has another token, and may have another port. @throws Accident */
export async function clientFor(place: DaemonPlace): Promise<ApiClient> {
  if ("url" in place) {
    const remedy = "check the address, and that a daemon listens there";
    return new ApiClient(
      { url: place.url, token: place.token, remedy },
      place.peer ?? null,
      TIMEOUT_MS,
      false,
    );
  }
  const found = await findDaemon(place, process.env);
  return new ApiClient(found, found.peer, TIMEOUT_MS, false);
}
