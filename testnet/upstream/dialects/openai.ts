// OpenAI's family, and Azure's way of it: paths, keys, what limits count, and what headers and refusals say.
import type { IncomingHttpHeaders } from "node:http";
import { DAY_MS, type Dimension, type Over, type Reading } from "../amounts.js";
import {
  type Dialect,
  type Headers,
  json,
  type Moment,
  type Operation,
  type Shape,
  type Trouble,
} from "../dialect.js";
import { goDuration, secondsUp } from "../durations.js";
import type { Reply } from "../exchange.js";
import { chat } from "./openai-chat.js";
import { responses } from "./openai-responses.js";

const ORGANIZATION = "org-upstream";

/** Tokens that Azure reckons an answer to be long. */
const RECKONED = 4_096;

const WRITES = { "/chat/completions": chat, "/responses": responses } as const;

const find =
  (shapes: Readonly<Record<string, Shape>>) =>
  (method: string, { pathname }: URL): Operation | null => {
    const path = pathname.replace(/^(\/openai)?(\/v1|\/deployments\/[^/]+)?(?=\/)/, "");
    if (path === "/models" && method === "GET") return { kind: "models" };
    const shape = method === "POST" && Object.hasOwn(shapes, path) ? shapes[path] : undefined;
    return shape === undefined ? null : { kind: "write", shape };
  };

export const openai: Dialect = {
  find: find({ ...WRITES, "/responses": withoutInside() }),
  keyIn: (headers) => bearerIn(headers),
  asks: (wish, prompt) => ({
    requests: 1,
    tokens: prompt + (wish.maxTokens ?? 0),
    inputTokens: prompt,
    outputTokens: 0,
  }),
  counts: (wish) => (wish.maxTokens === null ? ["tokens"] : []),
  told: (readings) => rates(readings, ({ remaining }) => Math.max(0, remaining)),
  signed: ({ id }) => ({
    "openai-processing-ms": "81",
    "openai-version": "2020-10-01",
    "openai-organization": ORGANIZATION,
    "x-request-id": `req_${id}`,
  }),
  refusal: (over, moment) => refusal(over[0]!, moment),
  trouble,
  models: (names) => ({
    object: "list",
    data: names.map((id) => ({ id, object: "model", created: 1_700_000_000, owned_by: "upstream" })),
  }),
  count: (tokens) => ({ object: "response.input_tokens", input_tokens: tokens }),
};

export const azure: Dialect = {
  ...openai,
  find: find(WRITES),
  keyIn: (headers) => single(headers["api-key"]) ?? bearerIn(headers),
  // Told as if this answer were written already, so that it may be below nothing, and nothing is refused for it.
  told: (readings) =>
    rates(readings, ({ remaining, limit }) =>
      limit.dimension === "tokens" ? remaining - RECKONED : remaining,
    ),
  signed: ({ id }) => ({ "apim-request-id": id, "x-ms-region": "upstream", "x-request-id": id }),
  refusal: (over) => {
    const { limit, waitMs } = over[0]!;
    const seconds = secondsUp(waitMs ?? limit.windowMs);
    const words = `The deployment's ${limit.dimension} a minute are used up. Please retry after ${seconds} seconds.`;
    return json(
      429,
      { error: { code: "RateLimitReached", message: words } },
      { "retry-after": `${seconds}` },
    );
  },
};

/** Responses as OpenAI itself refuses them: before the stream. */
function withoutInside(): typeof responses {
  const { refusedInside: _, ...shape } = responses;
  return shape;
}

export const single = (header: string | string[] | undefined): string | null =>
  typeof header === "string" ? header : null;

/** The token of an `authorization: Bearer` header. */
export const bearerIn = ({ authorization }: IncomingHttpHeaders): string | null =>
  /^bearer (\S+)$/i.exec(authorization ?? "")?.[1] ?? null;

function rates(readings: readonly Reading[], told: (reading: Reading) => number): Headers {
  const headers: Record<string, string> = {};
  for (const reading of readings) {
    const { limit, resetMs } = reading;
    const name = limit.dimension;
    if ((name !== "requests" && name !== "tokens") || `x-ratelimit-limit-${name}` in headers) continue;
    headers[`x-ratelimit-limit-${name}`] = `${limit.limit}`;
    headers[`x-ratelimit-remaining-${name}`] = `${told(reading)}`;
    headers[`x-ratelimit-reset-${name}`] = goDuration(resetMs);
  }
  return headers;
}

const SHORT: Readonly<Record<Dimension, string>> = {
  requests: "RP",
  tokens: "TP",
  inputTokens: "ITP",
  outputTokens: "OTP",
};

function refusal({ limit, used, requested, waitMs, reason }: Over, { model }: Moment): Reply {
  const [span, letter] = limit.windowMs === DAY_MS ? ["day", "D"] : ["min", "M"];
  const dimension = `${limit.dimension} per ${span} (${SHORT[limit.dimension]}${letter})`;
  const who = `${model} in organization ${ORGANIZATION} on ${dimension}`;
  const message =
    waitMs === null
      ? `Request too large for ${who}: Limit ${limit.limit}, Requested ${requested}. Ask for less.`
      : `Rate limit reached for ${who}${reason === "burst" ? ", in short bursts" : ""}: Limit ${limit.limit}, ` +
        `Used ${used}, Requested ${requested}. Please try again in ${goDuration(waitMs)}.`;
  const error = { message, type: limit.dimension, param: null, code: "rate_limit_exceeded" };
  const waits: Headers =
    waitMs === null ? {} : { "retry-after": `${secondsUp(waitMs)}`, "retry-after-ms": `${waitMs}` };
  return json(429, { error }, waits);
}

function trouble(trouble: Trouble): Reply {
  const told = (status: number, message: string, type: string, code: string | null): Reply =>
    json(status, { error: { message, type, param: null, code } });
  switch (trouble.kind) {
    case "key":
      return told(401, "This key is not known here.", "invalid_request_error", "invalid_api_key");
    case "path":
      return told(404, "There is nothing at this URL.", "invalid_request_error", "unknown_url");
    case "body":
      return told(400, trouble.why, "invalid_request_error", null);
    case "size":
      return told(413, "The body is too large.", "invalid_request_error", "request_too_large");
    case "overloaded":
      return told(
        503,
        "The engine is overloaded. Please try again later.",
        "service_unavailable_error",
        null,
      );
    case "broken":
      return told(500, "The server had an error.", "server_error", null);
    case "bare":
      return json(429, { error: { message: "Too Many Requests" } });
    case "unpaid":
      return told(429, "You have used up what was paid for.", "insufficient_quota", "insufficient_quota");
  }
}
