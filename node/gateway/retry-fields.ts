// What a refusal of ours tells a client about trying again: all official clients obey these fields (spec/gateway#G29).
import { createHash } from "node:crypto";
import type { GatewayFault } from "./dialect.js";

const SECOND_MS = 1_000;
/** Clients take no longer wait from us. */
const MOST_MS = 60_000;
const WHOLE_BP = 10_000;
const MOST_JITTER_BP = 2_500;

/** `retry-after` is a whole number of seconds from 1 to 60. */
export function retryFields({ retryMs }: Pick<GatewayFault, "retryMs">): Record<string, string> {
  if (retryMs === null) return { "x-should-retry": "false" };
  const ms = Math.min(MOST_MS, Math.max(1, Math.ceil(retryMs)));
  return {
    "retry-after": String(Math.ceil(ms / SECOND_MS)),
    "retry-after-ms": String(ms),
    "x-should-retry": "true",
  };
}

/** A wait, up to a quarter longer, always the same for an agent: those that were refused together do not come back together. */
export function jitteredMs(ms: number, agent: string): number {
  const part = createHash("sha256").update(agent).digest().readUInt32BE(0) % (MOST_JITTER_BP + 1);
  return ms + Math.ceil((ms * part) / WHOLE_BP);
}
