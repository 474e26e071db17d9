// What a client says of itself in header fields: how long it waits, how often it has asked before, what it takes (spec/gateway#G17, spec/gateway#G41).
import type { Fields } from "./dialect.js";
import { fieldOf } from "./header-fields.js";

/** A client that does not say how long it waits is taken for one that waits as the SDKs do. */
const USUAL_PATIENCE_MS = 600_000;
/** Kept for the answer itself: a quarter of its time, and no more than this. */
const MOST_MARGIN_MS = 5_000;
const MARGIN_PART = 4;

/** How long a request may wait for its turn: some SDKs say in seconds how long they wait for its answer. */
export function patienceMs(fields: Fields): number {
  const seconds = Number(fieldOf(fields, "x-stainless-timeout") ?? fieldOf(fields, "x-server-timeout"));
  const ms = Number.isFinite(seconds) && seconds > 0 ? Math.floor(seconds * 1_000) : USUAL_PATIENCE_MS;
  return ms - Math.min(MOST_MARGIN_MS, Math.ceil(ms / MARGIN_PART));
}

/** How often the client has repeated its request already. */
export function repeatedBefore(fields: Fields): number {
  const count = Number(fieldOf(fields, "x-stainless-retry-count"));
  return Number.isSafeInteger(count) && count > 0 ? count : 0;
}

/** Whether the client takes fields behind an answer's body (RFC 9110, 10.1.4). */
export const acceptsTrailers = (fields: Fields): boolean =>
  (fieldOf(fields, "te") ?? "").split(",").some((one) => one.trim().toLowerCase() === "trailers");
