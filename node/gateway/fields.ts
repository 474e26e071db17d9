// Header fields that cross a gateway: what belongs to a connection, or to us, stays on its side.
import type { Fields } from "./dialect.js";

/** Fields of one connection (RFC 9110, 7.6.1), and those that are made anew on the other side. */
const STAY: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "expect",
  "host",
  "content-length",
]);

/** Names that one side's `connection` field adds to those that stay. */
function named(fields: Fields): ReadonlySet<string> {
  const value = fields.connection;
  const text = typeof value === "string" ? value : (value ?? []).join(",");
  return new Set(text.split(",").map((name) => name.trim().toLowerCase()));
}

/** By which some servers take another method than the one that was asked for: limits are kept by that one. */
const METHODS: ReadonlySet<string> = new Set([
  "x-http-method-override",
  "x-http-method",
  "x-method-override",
]);

const isOurs = (name: string): boolean => name.startsWith("x-mabeam-");

/** What goes on to the upstream: the client's fields but those that carry its credential, and no wish for compression. */
export function fieldsUp(
  fields: Fields,
  credentialFields: ReadonlySet<string>,
): Record<string, string | string[]> {
  const also = named(fields);
  const up: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || STAY.has(name) || also.has(name) || isOurs(name)) continue;
    if (METHODS.has(name)) continue;
    if (credentialFields.has(name) || name === "accept-encoding") continue;
    up[name] = typeof value === "string" ? value : [...value];
  }
  return up;
}

/** What goes back to the client. @param isLimit fields about the key's limits: they are told under another name */
export function fieldsDown(
  fields: Fields,
  isLimit: (name: string) => boolean,
): Record<string, string | string[]> {
  const also = named(fields);
  const down: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || also.has(name)) continue;
    // A body that passes unchanged keeps its length.
    if (STAY.has(name) && name !== "content-length") continue;
    down[isLimit(name) ? `x-mabeam-upstream-${name}` : name] = typeof value === "string" ? value : [...value];
  }
  return down;
}
