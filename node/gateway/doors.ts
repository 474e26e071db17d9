// The doors of a gateway: what is let in at all, before anything of it is read (spec/gateway#G43, spec/gateway#G46).
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { isLoopback } from "../loopback.js";

export interface DoorRules {
  /** for the fields of a request, ms */
  readonly fieldsMs: number;
  /** for the whole of it, ms, where a body that comes too slowly was not answered before */
  readonly requestMs: number;
  /** how often it is looked for who is too slow, ms: so much later than these they are sent away */
  readonly checkMs: number;
  /** a connection without a request is kept for so long, ms */
  readonly idleMs: number;
  readonly fieldBytes: number;
  readonly mostConnections: number;
}

export const DOORS: DoorRules = {
  fieldsMs: 10_000,
  requestMs: 90_000,
  checkMs: 1_000,
  idleMs: 65_000,
  fieldBytes: 16 * 1024,
  mostConnections: 4_096,
};

export function doorsTo(serve: RequestListener, rules: DoorRules = DOORS): Server {
  const server = createServer(
    {
      headersTimeout: rules.fieldsMs,
      requestTimeout: rules.requestMs,
      connectionsCheckingInterval: rules.checkMs,
      keepAliveTimeout: rules.idleMs,
      maxHeaderSize: rules.fieldBytes,
    },
    serve,
  );
  server.maxConnections = rules.mostConnections;
  // Their size limits them. By number Node leaves out those that are too many, and a guard would not see them.
  server.maxHeadersCount = 0;
  return server;
}

/**
 * Whether a request comes from a program on this machine: a page in a browser may have been sent here by a name of its
 * own for this machine, or ask from elsewhere.
 */
export function isFromHere({ headers }: Pick<IncomingMessage, "headers">): boolean {
  const host = (headers.host ?? "").replace(/:\d{1,5}$/, "");
  const site = headers["sec-fetch-site"] ?? "none";
  return isLoopback(host) && headers.origin === undefined && (site === "none" || site === "same-origin");
}

/** Why others may read a request's target or host otherwise than the gateway does; null: nobody does (RFC 9112, 3.2). */
export function unclearIn({
  url = "",
  headersDistinct,
}: Pick<IncomingMessage, "url" | "headersDistinct">): string | null {
  if ((headersDistinct.host?.length ?? 0) > 1) return "the request names its host more than once";
  if (url.includes("#")) return "the request's target has a fragment: a # in it is written as %23";
  return null;
}
