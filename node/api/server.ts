// The control API: Fastify with zod schemas as the only source, closed to all but the holder of the token.
import swagger from "@fastify/swagger";
import Fastify, { type FastifyError } from "fastify";
import {
  createJsonSchemaTransform,
  createJsonSchemaTransformObject,
  hasZodFastifySchemaValidationErrors,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from "fastify-type-provider-zod";
import { Accident, codeOf, messageOf } from "../accident.js";
import { GOODS_MEDIA, schemas } from "../contract/index.js";
import { isLoopback } from "../loopback.js";
import type { Serving } from "./answer.js";
import { type ConnectionLimits, Connections } from "./connections.js";
import type { Host } from "./hosted.js";
import { IdempotencyStore } from "./idempotency.js";
import { accidentProblem, Problem, problem } from "./problem.js";
import { type Api, serveRoutes } from "./routes.js";
import { secure } from "./security.js";
import { type StreamLimits, Streams } from "./streams.js";
import { type TranscriptLimits, Transcripts } from "./transcripts.js";

const MAX_BODY_BYTES = 256 * 1024;
const MAX_HEADER_BYTES = 16 * 1024;
/** For the whole of a request. A moment in which this process is too busy to read counts as the client's, and may be long. */
const REQUEST_MS = 15_000;

export interface ApiOptions {
  readonly host: Host;
  readonly token: string;
  /** an address of this machine; port 0: any free one */
  readonly listen: { readonly host: string; readonly port: number };
  /** must be true to listen where other machines reach it: there is no TLS here */
  readonly insecurePublic?: boolean;
  /** names besides those of loopback and of `listen` by which clients may call: `host:port`, or `host` at any port */
  readonly allowedHosts?: readonly string[];
  readonly allowedOrigins?: readonly string[];
  /** how long a caller waits for a command */
  readonly commandMs?: number;
  readonly streams?: Partial<StreamLimits>;
  readonly transcripts?: Partial<TranscriptLimits>;
  readonly connections?: Partial<ConnectionLimits>;
  readonly version: string;
  /** Told of every exception that became a 500: its text goes to the log, never to the caller. */
  readonly onAccident: (error: unknown) => void;
  readonly nowMs: () => number;
  readonly random: () => number;
}

export interface RunningApi {
  /** such as http://127.0.0.1:7810 */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Why the API does not start. */
export class ApiStartError extends Accident<"NOT_LOOPBACK" | "PORT_TAKEN" | "ADDRESS_UNUSABLE"> {
  override readonly name = "ApiStartError";
}

/** Builds the API and listens. @throws ApiStartError */
export async function startApi(options: ApiOptions): Promise<RunningApi> {
  const { host, port } = options.listen;
  const what = `could not serve the API at ${host}:${port}`;
  if (!isLoopback(host) && options.insecurePublic !== true) {
    const why = `${host} can be reached from other machines, and the API has no TLS`;
    const fix = "listen on 127.0.0.1, or pass --insecure-api-public behind a proxy that encrypts";
    throw new ApiStartError("NOT_LOOPBACK", what, why, fix);
  }
  const app = await buildApi(options);
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    const fix = "choose another with --api host:port (port 0 takes any free one)";
    if (codeOf(error) !== "EADDRINUSE")
      throw new ApiStartError("ADDRESS_UNUSABLE", what, messageOf(error), fix, error);
    const orStop = `${fix}, or stop what listens there`;
    throw new ApiStartError("PORT_TAKEN", what, `port ${port} is taken`, orStop, error);
  }
  const taken = portOf(app, port);
  const shown = host.includes(":") ? `[${host}]` : host;
  return { url: `http://${shown}:${taken}`, host, port: taken, close: () => app.close() };
}

/** The API without a socket, for `inject`. */
export async function buildApi(options: ApiOptions): Promise<Api> {
  const app = Fastify({
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_MS,
    keepAliveTimeout: 5_000,
    forceCloseConnections: true,
    exposeHeadRoutes: true,
    http: { maxHeaderSize: MAX_HEADER_BYTES, headersTimeout: REQUEST_MS, connectionsCheckingInterval: 500 },
    routerOptions: { maxParamLength: 100 },
    frameworkErrors: (error, _request, reply) => {
      answerWith(reply as unknown as Answer, problem("REQUEST_INVALID", error.message));
    },
  }).withTypeProvider<ZodTypeProvider>();
  const connections = new Connections(options.connections);
  connections.watch(app.server);
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  // Without it a form's text/plain would be parsed as a body.
  app.removeContentTypeParser("text/plain");
  // Read by its handler as it comes, and bounded there.
  app.addContentTypeParser(GOODS_MEDIA, (_request, payload, done) => done(null, payload));
  secureApp(app, options, connections);
  answerErrors(app, options.onAccident);
  await describe(app, options.version);
  const serving: Serving = {
    host: options.host,
    idempotency: new IdempotencyStore(),
    streams: new Streams(options.streams ?? {}, options.nowMs),
    transcripts: new Transcripts(options.transcripts ?? {}, options.onAccident),
    commandMs: options.commandMs ?? 30_000,
    nowMs: options.nowMs,
    random: options.random,
    onUnshown: options.onAccident,
  };
  await app.register(async (scope) => {
    const api = scope.withTypeProvider<ZodTypeProvider>();
    serveRoutes(api, serving);
    api.get("/openapi.json", { schema: { hide: true } }, async () => app.swagger());
  });
  await app.ready();
  return app;
}

function secureApp(app: Api, options: ApiOptions, connections: Connections): void {
  const { host } = options.listen;
  secure(app, {
    token: options.token,
    allowedHosts: [host.includes(":") ? `[${host}]` : host, ...(options.allowedHosts ?? [])],
    allowedOrigins: new Set(options.allowedOrigins ?? []),
    openProbes: isLoopback(host),
    connections,
  });
}

/** The port that is listened on, which a port 0 leaves to the system. */
function portOf(app: Api, asked: number): number {
  const address = app.server.address();
  return address !== null && typeof address === "object" ? address.port : asked;
}

async function describe(app: Api, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "mabeam control API",
        version,
        description: "Amounts are micro-credits as strings; ids are hexadecimal; times are RFC 3339.",
        license: { name: "Apache-2.0", identifier: "Apache-2.0" },
      },
      components: { securitySchemes: { token: { type: "http", scheme: "bearer" } } },
      security: [{ token: [] }],
    },
    transform: createJsonSchemaTransform({ schemaRegistry: schemas }),
    transformObject: createJsonSchemaTransformObject({ schemaRegistry: schemas }),
  });
}

function answerErrors(app: Api, onAccident: (error: unknown) => void): void {
  app.setErrorHandler((error, _request, reply) => answerWith(reply, problemOf(error, onAccident)));
  app.setNotFoundHandler((request, reply) =>
    answerWith(reply, problem("ROUTE_UNKNOWN", `${request.method} ${request.url.split("?")[0]} is no route`)),
  );
}

type Answer = {
  code(status: number): Answer;
  header(name: string, value: string | number): Answer;
  serializer(serialise: (payload: unknown) => string): Answer;
  send(payload: unknown): unknown;
};

function answerWith(reply: Answer, refused: Problem): unknown {
  if (refused.retryAfterSeconds !== null) reply.header("retry-after", refused.retryAfterSeconds);
  if (refused.document.status === 401) reply.header("www-authenticate", 'Bearer realm="mabeam"');
  return reply
    .code(refused.document.status)
    .header("content-type", "application/problem+json")
    .serializer((payload) => JSON.stringify(payload))
    .send(refused.document);
}

function problemOf(error: unknown, onAccident: (error: unknown) => void): Problem {
  if (error instanceof Problem) return error;
  if (hasZodFastifySchemaValidationErrors(error)) {
    const errors = error.validation.map((one) => ({
      path: `${error.validationContext ?? ""}${one.instancePath === "/" ? "" : one.instancePath}`,
      message: one.message ?? "invalid",
    }));
    const detail = errors.map((one) => `${one.path}: ${one.message}`).join("; ");
    return problem("REQUEST_INVALID", detail, { errors });
  }
  const { code, statusCode = 500, message } = error as FastifyError;
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") return problem("BODY_TOO_LARGE");
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") return problem("NOT_JSON");
  if (statusCode < 500) return problem("REQUEST_INVALID", message);
  onAccident(error);
  // A disk that fails says what mends it; nobody is to report that as a fault of the program.
  if (error instanceof Accident) return accidentProblem(error);
  return problem("INTERNAL");
}
