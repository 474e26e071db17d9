// Which failures pass by themselves: the daemon is away, starts anew, or has no time.
import { Accident } from "../../accident.js";
import { ApiFailure } from "../failure.js";

const REASONS: ReadonlySet<string | number> = new Set(["unreachable", "timeout", "busy", 503, 504]);
/** A daemon that starts again has a new token, events from a new beginning, and for a moment none of its files. */
const CODES: ReadonlySet<string> = new Set([
  "TOKEN_WRONG",
  "CURSOR_GONE",
  "DAEMON_UNKNOWN",
  "DAEMON_STOPPED",
  "PEER_DOWN",
  "PEER_UNKNOWN",
  "TOKEN_FILE_MISSING",
  "NOT_READY",
]);

export const isPassing = (error: unknown): boolean =>
  (error instanceof ApiFailure && REASONS.has(error.reason)) ||
  (error instanceof Accident && CODES.has(error.code));
