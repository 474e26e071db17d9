// Who may speak to the API at all (PROTOCOL §4.7): the right Host, no foreign Origin, the token, JSON for writes.
import { isIP } from "node:net";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Connections } from "./connections.js";
import { problem } from "./problem.js";
import { sameSecret } from "./token.js";

export interface SecurityOptions {
  readonly token: string;
  /** `host:port` in lower case, as the Host header may say it; asked at each request, since a port may be 0 */
  readonly allowedHosts: () => ReadonlySet<string>;
  /** origins of web pages that may call; none by default */
  readonly allowedOrigins: ReadonlySet<string>;
  /** whether `/healthz` and `/readyz` answer without a token: on loopback only */
  readonly openProbes: boolean;
  readonly connections: Connections;
}

const PROBES: ReadonlySet<string> = new Set(["/healthz", "/readyz"]);
const JSON_TYPE = /^application\/json\s*(;\s*charset=("?)utf-8\2\s*)?$/i;

/** Refuses, in this order: foreign hosts, foreign origins, missing or wrong tokens, writes that are not JSON. */
export function secure(app: FastifyInstance, options: SecurityOptions): void {
  app.addHook("onRequest", async (request, reply) => {
    requireHost(request, options.allowedHosts());
    requireOrigin(request, options.allowedOrigins);
    const asksOnly = request.method === "GET" || request.method === "HEAD";
    const isProbe = asksOnly && PROBES.has(request.url.split("?", 1)[0]!);
    if (isProbe && options.openProbes) return;
    requireToken(request, options.token);
    reply.raw.once("close", options.connections.hold(request.raw.socket));
    if (!asksOnly) requireJson(request);
  });
}

/** DNS rebinding makes a browser call 127.0.0.1 under a name of the attacker's: the name gives it away. */
function requireHost(request: FastifyRequest, allowed: ReadonlySet<string>): void {
  const host = request.headers.host?.toLowerCase() ?? "";
  if (!allowed.has(host)) throw problem("HOST_NOT_ALLOWED");
}

function requireOrigin(request: FastifyRequest, allowed: ReadonlySet<string>): void {
  const origin = request.headers.origin;
  if (origin !== undefined && !allowed.has(origin)) throw problem("ORIGIN_NOT_ALLOWED");
}

function requireToken(request: FastifyRequest, token: string): void {
  const given = /^Bearer +([A-Za-z0-9_-]+)$/i.exec(request.headers.authorization ?? "")?.[1];
  if (given === undefined) throw problem("TOKEN_MISSING");
  if (!sameSecret(given, token)) throw problem("TOKEN_WRONG");
}

/** A form of a web page can send other types without asking first. DELETE without a body needs none. */
function requireJson(request: FastifyRequest): void {
  const type = request.headers["content-type"];
  if (type === undefined && request.method === "DELETE") return;
  if (type === undefined || !JSON_TYPE.test(type)) throw problem("NOT_JSON");
}

/** Whether an address to listen on is reachable from this machine alone. */
export function isLoopback(host: string): boolean {
  if (host === "localhost" || host === "::1") return true;
  return isIP(host) === 4 && host.startsWith("127.");
}

/** What Host headers mean this API, listening on `host:port`. */
export function hostsOf(host: string, port: number): ReadonlySet<string> {
  const names = ["127.0.0.1", "localhost", "[::1]", isIP(host) === 6 ? `[${host}]` : host.toLowerCase()];
  // Clients leave out the port that http means by itself.
  return new Set(names.flatMap((name) => (port === 80 ? [name, `${name}:80`] : [`${name}:${port}`])));
}
