// Whether a request that no answer came to may have reached the upstream: then it may have been done, and billed.
import { codeOf, messageOf } from "../accident.js";
import { Unsent } from "./arrival.js";

/** No connection was made. */
const UNCONNECTED: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EAI_FAIL",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EADDRNOTAVAIL",
  "UND_ERR_CONNECT_TIMEOUT",
]);
const CONNECTING: ReadonlySet<unknown> = new Set(["connect", "getaddrinfo"]);
/** Of a handshake: nothing is sent before it is over. */
const UNSHAKEN = /^(?:EPROTO|ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/;
const BEFORE_SECURE = /before secure TLS connection/;
/** It is none that can be sent. */
const UNSENDABLE: ReadonlySet<string> = new Set(["UND_ERR_INVALID_ARG", "UND_ERR_NOT_SUPPORTED"]);

/** @param error with which sending it ended, before an answer began */
export function mayHaveArrived(error: unknown): boolean {
  if (error instanceof Unsent) return false;
  const code = codeOf(error) ?? "";
  const isUnconnected =
    UNCONNECTED.has(code) || CONNECTING.has((error as { syscall?: unknown } | null)?.syscall);
  const isUnshaken = UNSHAKEN.test(code) || BEFORE_SECURE.test(messageOf(error));
  return !isUnconnected && !isUnshaken && !UNSENDABLE.has(code);
}
