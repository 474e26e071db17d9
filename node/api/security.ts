// Who may speak to the API at all (spec/api#security): the right Host, no foreign Origin, the token, JSON for writes.
import type { FastifyInstance, FastifyRequest } from "fastify";
import { GOODS_MEDIA } from "../contract/index.js";
import { isLoopback } from "../loopback.js";
import type { Connections } from "./connections.js";
import { problem } from "./problem.js";
import { sameSecret } from "./token.js";

export interface SecurityOptions {
  readonly token: string;
  /** names besides those of loopback that the Host header may say: `host:port`, or `host` for any port */
  readonly allowedHosts: readonly string[];
  /** origins of web pages that may call; none by default */
  readonly allowedOrigins: ReadonlySet<string>;
  /** whether `/healthz` and `/readyz` answer without a token: on loopback only */
  readonly openProbes: boolean;
  readonly connections: Connections;
}

const PROBES: ReadonlySet<string> = new Set(["/healthz", "/readyz"]);
const JSON_TYPE = /^application\/json\s*(;\s*charset=("?)utf-8\2\s*)?$/i;

/** Refuses, in this order: foreign hosts, foreign origins, missing or wrong tokens, writes that are not JSON, or bytes where a route takes those. */
export function secure(app: FastifyInstance, options: SecurityOptions): void {
  const allowedHosts = new Set(options.allowedHosts.map((name) => name.toLowerCase()));
  app.addHook("onRequest", async (request, reply) => {
    requireHost(request, allowedHosts);
    requireOrigin(request, options.allowedOrigins);
    const asksOnly = request.method === "GET" || request.method === "HEAD";
    const isProbe = asksOnly && PROBES.has(request.url.split("?", 1)[0]!);
    if (isProbe && options.openProbes) return;
    requireToken(request, options.token);
    reply.raw.once("close", options.connections.hold(request.raw.socket));
    if (asksOnly) return;
    if (request.routeOptions.config.takesBytes === true) requireBytes(request);
    else requireJson(request);
  });
}

/**
 * DNS rebinding makes a browser call 127.0.0.1 under a name of the attacker's: the name gives it away. The port says
 * nothing: a tunnel or a container gives the API another one, and the attacker's page is known by its own.
 */
function requireHost(request: FastifyRequest, allowed: ReadonlySet<string>): void {
  const host = request.headers.host?.toLowerCase() ?? "";
  const name = host.replace(/:\d{1,5}$/, "");
  if (!isLoopback(name) && !allowed.has(name) && !allowed.has(host)) throw problem("HOST_NOT_ALLOWED");
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

/** No form sends this type either. */
function requireBytes(request: FastifyRequest): void {
  if (request.headers["content-type"] !== GOODS_MEDIA) throw problem("NOT_BYTES");
}

/** A form of a web page can send other types without asking first. DELETE without a body needs none. */
function requireJson(request: FastifyRequest): void {
  const type = request.headers["content-type"];
  if (type === undefined && request.method === "DELETE") return;
  if (type === undefined || !JSON_TYPE.test(type)) throw problem("NOT_JSON");
}
